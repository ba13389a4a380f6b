package demoshop

import "osusume/recommend"

func audioShelves() []shelf {
	colors := []size{
		{"black", "ブラック", "black", "color", "black", 1},
		{"white", "ホワイト", "white", "color", "white", 1},
	}
	return []shelf{
		{
			path: "Electronics/Audio/Earphones", ja: "家電/オーディオ/イヤホン", brand: "Otozumi", role: recommend.RoleMain, cost: .6, pop: .5, sizes: colors,
			axes: []recommend.UpgradeAxis{axis("battery_hours", "電池 (時間)", "Battery (hours)"), axis("noise_cancelling_db", "ノイズキャンセル (dB)", "Noise cancelling (dB)")},
			rows: []row{
				{id: "earphones-suzu-2", ja: "ワイヤレスイヤホン スズ2", en: "Suzu 2 wireless earphones", yen: 9980, family: "suzu", next: "earphones-suzu-pro", attrs: "battery_hours=24 noise_cancelling_db=25"},
				{id: "earphones-suzu-1", ja: "ワイヤレスイヤホン スズ1", en: "Suzu 1 wireless earphones", yen: 5980, family: "suzu", next: "earphones-suzu-2", attrs: "battery_hours=16 noise_cancelling_db=0"},
				{id: "earphones-suzu-pro", ja: "ワイヤレスイヤホン スズ プロ", en: "Suzu Pro wireless earphones", yen: 14980, family: "suzu", attrs: "battery_hours=32 noise_cancelling_db=42"},
				{id: "earphones-hibiki-open", ja: "オープン型イヤホン ヒビキ", en: "Hibiki open earphones", yen: 12800, attrs: "battery_hours=10"},
				{id: "earphones-run", ja: "スポーツイヤホン 防水", en: "Waterproof sports earphones", yen: 7480, attrs: "battery_hours=12"},
				{id: "earphones-wired", ja: "有線イヤホン マイク付き", en: "Wired earphones with microphone", yen: 1980},
			},
		},
		{
			path: "Electronics/Audio/Headphones", ja: "家電/オーディオ/ヘッドホン", brand: "Otozumi", role: recommend.RoleMain, cost: .62, pop: .26,
			axes: []recommend.UpgradeAxis{axis("battery_hours", "電池 (時間)", "Battery (hours)"), axis("noise_cancelling_db", "ノイズキャンセル (dB)", "Noise cancelling (dB)")},
			rows: []row{
				{id: "headphones-shizuka-3", ja: "ノイズキャンセルヘッドホン シズカ3", en: "Shizuka 3 noise-cancelling headphones", yen: 24800, family: "shizuka", next: "headphones-shizuka-3-max", attrs: "battery_hours=30 noise_cancelling_db=38"},
				{id: "headphones-shizuka-2", ja: "ノイズキャンセルヘッドホン シズカ2", en: "Shizuka 2 noise-cancelling headphones", yen: 17800, family: "shizuka", next: "headphones-shizuka-3", attrs: "battery_hours=24 noise_cancelling_db=30", tags: "sale", was: 21800},
				{id: "headphones-shizuka-3-max", ja: "ノイズキャンセルヘッドホン シズカ3 マックス", en: "Shizuka 3 Max noise-cancelling headphones", yen: 36800, family: "shizuka", attrs: "battery_hours=45 noise_cancelling_db=45"},
				{id: "headphones-studio", ja: "スタジオモニターヘッドホン", en: "Studio monitor headphones", yen: 15800},
				{id: "headphones-kids", ja: "キッズヘッドホン 音量制限", en: "Children's headphones, volume limited", yen: 3980, tags: "gift"},
			},
		},
		{
			path: "Electronics/Audio/Speakers", ja: "家電/オーディオ/スピーカー", brand: "Otozumi", role: recommend.RoleMain, cost: .62, pop: .18,
			rows: []row{
				{id: "speaker-mini", ja: "防水ミニスピーカー", en: "Waterproof mini speaker", yen: 4980, tags: "gift summer"},
				{id: "speaker-smart", ja: "スマートスピーカー", en: "Smart speaker", yen: 8980},
				{id: "speaker-shelf", ja: "ブックシェルフスピーカー ペア", en: "Bookshelf speakers, pair", yen: 34800},
				{id: "soundbar", ja: "テレビ用サウンドバー", en: "Sound bar for television", yen: 22800},
				{id: "record-player", ja: "レコードプレーヤー", en: "Record player", yen: 19800, tags: "gift"},
			},
		},
		{
			path: "Electronics/Audio/Accessories", ja: "家電/オーディオ/アクセサリー", brand: "Otozumi", role: recommend.RoleAccessory, cost: .35, pop: .06,
			rows: []row{
				{id: "eartips-foam", ja: "低反発イヤーピース 3サイズ", en: "Foam ear tips, three sizes", yen: 1480, fits: []string{"earphones-suzu-1", "earphones-suzu-2", "earphones-suzu-pro"}},
				{id: "case-suzu", ja: "スズ用 シリコンケース", en: "Silicone case for Suzu", yen: 1280, fits: []string{"earphones-suzu-1", "earphones-suzu-2", "earphones-suzu-pro"}},
				{id: "case-headphones", ja: "ヘッドホンハードケース", en: "Headphone hard case", yen: 2980, fits: []string{"headphones-shizuka-2", "headphones-shizuka-3", "headphones-shizuka-3-max"}},
				{id: "stand-headphones", ja: "木製ヘッドホンスタンド", en: "Wooden headphone stand", yen: 3480, tags: "gift eco"},
				{id: "record-cleaner", ja: "レコードクリーナー", en: "Record cleaner", yen: 1680, fits: []string{"record-player"}},
				{id: "cable-audio", ja: "オーディオケーブル 1.5m", en: "Audio cable 1.5 m", yen: 1280, fits: []string{"speaker-shelf", "soundbar"}},
			},
		},
	}
}
