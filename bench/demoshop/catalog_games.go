package demoshop

import "osusume/recommend"

func gameShelves() []shelf {
	return []shelf{
		{
			path: "Games/Consoles", ja: "ゲーム/本体", brand: "Pikorin", role: recommend.RoleMain, cost: .9, pop: .24,
			axes: []recommend.UpgradeAxis{axis("storage_gb", "ストレージ (GB)", "Storage (GB)")},
			rows: []row{
				{id: "console-mugen-512", ja: "ゲーム機 ムゲン 512GB", en: "Mugen game console 512 GB", yen: 49800, family: "mugen", next: "console-mugen-1tb", attrs: "storage_gb=512 platform=mugen"},
				{id: "console-mugen-1tb", ja: "ゲーム機 ムゲン 1TB", en: "Mugen game console 1 TB", yen: 62800, family: "mugen", attrs: "storage_gb=1000 platform=mugen", tags: "new"},
				{id: "console-mugen-lite", ja: "携帯ゲーム機 ムゲン ライト", en: "Mugen Lite handheld console", yen: 29800, attrs: "storage_gb=64 platform=mugen", tags: "gift"},
			},
		},
		{
			path: "Games/Software", ja: "ゲーム/ソフト", brand: "Pikorin", role: recommend.RoleAccessory, cost: .7, pop: .46,
			rows: []row{
				{id: "game-hoshi-densetsu", ja: "星読み伝説 (RPG)", en: "Legend of the Star Readers (RPG)", yen: 7980, fits: []string{"platform=mugen"}},
				{id: "game-kart-matsuri", ja: "カート祭り (レース)", en: "Kart Festival (racing)", yen: 6480, fits: []string{"platform=mugen"}, tags: "gift"},
				{id: "game-mori-kurashi", ja: "もりの暮らし (スローライフ)", en: "Life in the Woods (slow life)", yen: 6280, fits: []string{"platform=mugen"}, tags: "gift"},
				{id: "game-ninja-kage", ja: "忍びの影 (アクション)", en: "Shadow of the Shinobi (action)", yen: 7480, fits: []string{"platform=mugen"}},
				{id: "game-hoshi-densetsu-2", ja: "星読み伝説2 (RPG)", en: "Legend of the Star Readers 2 (RPG)", yen: 8480, fits: []string{"platform=mugen"}, tags: "new"},
				{id: "game-soccer-stars", ja: "サッカースターズ", en: "Soccer Stars", yen: 6980, fits: []string{"platform=mugen"}},
				{id: "game-puzzle-tower", ja: "パズルの塔", en: "Tower of Puzzles", yen: 3980, fits: []string{"platform=mugen"}},
				{id: "game-robot-arena", ja: "ロボットアリーナ (対戦)", en: "Robot Arena (versus)", yen: 6780, fits: []string{"platform=mugen"}},
				{id: "game-ramen-tycoon", ja: "ラーメン屋物語 (経営)", en: "Ramen Shop Story (management)", yen: 4480, fits: []string{"platform=mugen"}},
				{id: "game-yokai-night", ja: "妖怪の夜 (ホラー)", en: "Night of the Yokai (horror)", yen: 5980, fits: []string{"platform=mugen"}},
				{id: "game-fishing", ja: "のんびり釣り日和", en: "A Good Day for Fishing", yen: 3480, fits: []string{"platform=mugen"}},
				{id: "game-dance", ja: "ダンスダンス広場", en: "Dance Square", yen: 5480, fits: []string{"platform=mugen"}},
				{id: "game-train", ja: "運転士シミュレーター", en: "Train Driver Simulator", yen: 5980, fits: []string{"platform=mugen"}},
				{id: "game-quiz", ja: "みんなでクイズ", en: "Quiz for Everyone", yen: 3980, fits: []string{"platform=mugen"}},
				{id: "game-space", ja: "宇宙開拓記", en: "Pioneers of Space", yen: 7480, fits: []string{"platform=mugen"}, fresh: true, tags: "new"},
			},
		},
		{
			path: "Games/Controllers", ja: "ゲーム/コントローラー", brand: "Pikorin", role: recommend.RoleAccessory, cost: .55, pop: .1,
			rows: []row{
				{id: "controller-mugen", ja: "ムゲン ワイヤレスコントローラー", en: "Mugen wireless controller", yen: 6980, fits: []string{"platform=mugen"}},
				{id: "controller-mugen-pro", ja: "ムゲン プロコントローラー", en: "Mugen pro controller", yen: 9980, fits: []string{"platform=mugen"}},
				{id: "charger-controller", ja: "コントローラー充電スタンド", en: "Controller charging stand", yen: 2980, fits: []string{"controller-mugen", "controller-mugen-pro"}},
				{id: "wheel-racing", ja: "レーシングホイール", en: "Racing wheel", yen: 14800, fits: []string{"game-kart-matsuri"}, out: true},
			},
		},
		{
			path: "Games/Gear", ja: "ゲーム/周辺機器", brand: "Pikorin", role: recommend.RoleAccessory, cost: .5, pop: .14,
			rows: []row{
				{id: "headset-gaming", ja: "ゲーミングヘッドセット", en: "Gaming headset", yen: 8980},
				{id: "case-mugen-lite", ja: "ムゲン ライト用ケース", en: "Case for Mugen Lite", yen: 2480, fits: []string{"console-mugen-lite"}},
				{id: "film-mugen-lite", ja: "ムゲン ライト用フィルム", en: "Screen film for Mugen Lite", yen: 1280, fits: []string{"console-mugen-lite"}},
				{id: "sd-game-256", ja: "ゲーム機用メモリーカード 256GB", en: "Memory card for consoles 256 GB", yen: 4280, fits: []string{"platform=mugen"}},
				{id: "chair-gaming", ja: "ゲーミングチェア", en: "Gaming chair", yen: 24800},
				{id: "mic-stream", ja: "配信用マイク", en: "Streaming microphone", yen: 9800},
				{id: "capture-card", ja: "キャプチャーボード", en: "Capture card", yen: 16800},
			},
		},
		{
			path: "Games/Board games", ja: "ゲーム/ボードゲーム", brand: "Sugoroku-do", role: recommend.RoleNone, cost: .5, pop: .06,
			rows: []row{
				{id: "board-shiro", ja: "お城づくりボードゲーム", en: "Castle building board game", yen: 4980, tags: "gift"},
				{id: "board-karuta", ja: "動物かるた", en: "Animal karuta cards", yen: 1680, tags: "gift"},
				{id: "board-shogi", ja: "木製将棋セット", en: "Wooden shogi set", yen: 5980, tags: "gift"},
				{id: "board-detective", ja: "名探偵カードゲーム", en: "Detective card game", yen: 2480},
				{id: "puzzle-fuji", ja: "ジグソーパズル 富士山 1000ピース", en: "Jigsaw puzzle Mount Fuji, 1,000 pieces", yen: 2980},
			},
		},
	}
}
