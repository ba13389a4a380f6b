package demoshop

import "osusume/recommend"

func outdoorShelves() []shelf {
	return []shelf{
		{
			path: "Outdoor/Tents", ja: "アウトドア/テント", brand: "Yamanoa", role: recommend.RoleMain, cost: .58, pop: .2,
			axes: []recommend.UpgradeAxis{axis("waterproof_mm", "耐水圧 (mm)", "Waterproof (mm)")},
			rows: []row{
				{id: "tent-mori-2", ja: "2人用テント モリ", en: "Mori two-person tent", yen: 19800, family: "mori", next: "tent-mori-2-pro", attrs: "persons=2 waterproof_mm=1500"},
				{id: "tent-mori-4", ja: "4人用テント モリ", en: "Mori four-person tent", yen: 34800, attrs: "persons=4 waterproof_mm=2000"},
				{id: "tent-mori-2-pro", ja: "2人用テント モリ 軽量プロ", en: "Mori Pro light two-person tent", yen: 29800, family: "mori", attrs: "persons=2 waterproof_mm=3000"},
				{id: "tarp", ja: "タープ 4m", en: "Tarp 4 m", yen: 12800},
			},
		},
		{
			path: "Outdoor/Tent accessories", ja: "アウトドア/テント用品", brand: "Yamanoa", role: recommend.RoleAccessory, cost: .4, pop: .05,
			rows: []row{
				{id: "groundsheet-2", ja: "グランドシート 2人用", en: "Ground sheet for two", yen: 2980, fits: []string{"tent-mori-2", "tent-mori-2-pro"}},
				{id: "groundsheet-4", ja: "グランドシート 4人用", en: "Ground sheet for four", yen: 3980, fits: []string{"tent-mori-4"}},
				{id: "pegs-8", ja: "鍛造ペグ 8本", en: "Forged pegs, eight", yen: 2480},
				{id: "mallet", ja: "ペグハンマー", en: "Peg mallet", yen: 1980},
			},
		},
		{
			path: "Outdoor/Sleeping", ja: "アウトドア/寝具", brand: "Yamanoa", role: recommend.RoleMain, cost: .52, pop: .14,
			rows: []row{
				{id: "sleepingbag-3s", ja: "3シーズン寝袋", en: "Three-season sleeping bag", yen: 8980},
				{id: "mat-air", ja: "エアマット", en: "Air mat", yen: 5980},
				{id: "sleepingbag-winter", ja: "冬用ダウン寝袋", en: "Winter down sleeping bag", yen: 24800, tags: "winter"},
				{id: "pillow-camp", ja: "キャンプ枕", en: "Camp pillow", yen: 1980},
			},
		},
		{
			path: "Outdoor/Lights and fire", ja: "アウトドア/ライト・焚き火", brand: "Yamanoa", role: recommend.RoleMain, cost: .5, pop: .2,
			rows: []row{
				{id: "lantern-led", ja: "LEDランタン 充電式", en: "Rechargeable LED lantern", yen: 4480},
				{id: "stove-gas", ja: "シングルガスバーナー", en: "Single gas burner", yen: 5480},
				{id: "firepit", ja: "焚き火台", en: "Fire pit", yen: 8980},
				{id: "headlamp", ja: "ヘッドライト", en: "Head lamp", yen: 2980},
				{id: "grill-bbq", ja: "卓上BBQグリル", en: "Table barbecue grill", yen: 6980, tags: "summer"},
			},
		},
		{
			path: "Outdoor/Fuel", ja: "アウトドア/燃料", brand: "Yamanoa", role: recommend.RoleConsumable, cost: .6, cycle: cycle{40, 6}, pop: .08,
			rows: []row{
				{id: "gas-3", ja: "ガス缶 3本", en: "Gas canisters, three", yen: 1480, fits: []string{"stove-gas"}},
				{id: "charcoal-3kg", ja: "オガ炭 3kg", en: "Charcoal 3 kg", yen: 1280, fits: []string{"grill-bbq", "firepit"}},
				{id: "firelighter", ja: "着火剤", en: "Fire lighters", yen: 480},
			},
		},
		{
			path: "Outdoor/Furniture", ja: "アウトドア/チェア・テーブル", brand: "Yamanoa", role: recommend.RoleNone, cost: .5, pop: .14,
			rows: []row{
				{id: "chair-camp", ja: "軽量キャンプチェア", en: "Light camp chair", yen: 5980},
				{id: "table-camp", ja: "ロールテーブル", en: "Roll-up table", yen: 6980},
				{id: "hammock", ja: "ハンモック", en: "Hammock", yen: 4980, tags: "summer"},
				{id: "cooler-box-25", ja: "クーラーボックス 25L", en: "Cool box 25 l", yen: 9800, tags: "summer"},
				{id: "ice-pack", ja: "強力保冷剤 2個", en: "Strong ice packs, two", yen: 1280, fits: []string{"cooler-box-25"}, tags: "summer"},
			},
		},
		{
			path: "Outdoor/Hiking", ja: "アウトドア/登山", brand: "Yamanoa", role: recommend.RoleMain, cost: .52, pop: .19,
			rows: []row{
				{id: "backpack-30", ja: "登山リュック 30L", en: "Hiking backpack 30 l", yen: 14800},
				{id: "boots-hike", ja: "防水トレッキングブーツ", en: "Waterproof hiking boots", yen: 16800},
				{id: "poles-hike", ja: "トレッキングポール 2本", en: "Hiking poles, pair", yen: 6980},
				{id: "bottle-750", ja: "真空断熱ボトル 750ml", en: "Vacuum bottle 750 ml", yen: 3980, tags: "eco"},
				{id: "socks-wool", ja: "登山用ウールソックス", en: "Wool hiking socks", yen: 1980},
				{id: "rainwear", ja: "登山レインウェア 上下", en: "Hiking rain suit", yen: 19800},
				{id: "raincover-30", ja: "リュックカバー 30L", en: "Backpack cover 30 l", yen: 1980, fits: []string{"backpack-30"}},
				{id: "bell-bear", ja: "熊よけ鈴", en: "Bear bell", yen: 980},
			},
		},
	}
}
