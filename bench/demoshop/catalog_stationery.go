package demoshop

import "osusume/recommend"

func stationeryShelves() []shelf {
	return []shelf{
		{
			path: "Stationery/Fountain pens", ja: "文房具/万年筆", brand: "Fudemori", role: recommend.RoleMain, cost: .5, pop: .2,
			axes: []recommend.UpgradeAxis{axis("gold_k", "ペン先 (金K)", "Nib (gold carat)")},
			sizes: []size{
				{"f", "細字F", "fine nib", "nib", "F", 1},
				{"m", "中字M", "medium nib", "nib", "M", 1},
			},
			rows: []row{
				{id: "pen-shizuku", ja: "万年筆 しずく", en: "Shizuku fountain pen", yen: 3980, family: "shizuku", attrs: "gold_k=0", tags: "gift"},
				{id: "pen-nagare", ja: "万年筆 ながれ", en: "Nagare fountain pen", yen: 9800, family: "nagare", next: "pen-nagare-gold", attrs: "gold_k=0", tags: "gift"},
				{id: "pen-nagare-gold", ja: "万年筆 ながれ 14金", en: "Nagare fountain pen, 14-carat nib", yen: 14800, family: "nagare", attrs: "gold_k=14", tags: "gift"},
			},
		},
		{
			path: "Stationery/Ink", ja: "文房具/インク", brand: "Fudemori", role: recommend.RoleConsumable, cost: .4, cycle: cycle{70, 9}, pop: .12,
			rows: []row{
				{id: "ink-asagao", ja: "万年筆インク 朝顔 (青)", en: "Fountain pen ink morning glory (blue)", yen: 1680},
				{id: "ink-yozora", ja: "万年筆インク 夜空 (紺)", en: "Fountain pen ink night sky (navy)", yen: 1680},
				{id: "ink-momiji", ja: "万年筆インク 紅葉 (赤)", en: "Fountain pen ink maple (red)", yen: 1680},
				{id: "ink-take", ja: "万年筆インク 竹林 (緑)", en: "Fountain pen ink bamboo (green)", yen: 1680},
				{id: "ink-sumi", ja: "万年筆インク 墨 (黒)", en: "Fountain pen ink sumi (black)", yen: 1480},
				{id: "ink-fuji", ja: "万年筆インク 藤 (紫)", en: "Fountain pen ink wisteria (purple)", yen: 1680},
			},
		},
		{
			path: "Stationery/Pens", ja: "文房具/ペン", brand: "Kakiyasu", role: recommend.RoleConsumable, cost: .45, cycle: cycle{50, 8}, pop: .18,
			rows: []row{
				{id: "gelpen-05-black", ja: "ゲルボールペン 0.5 黒 5本", en: "Gel pens 0.5 black, five", yen: 780},
				{id: "gelpen-05-color", ja: "ゲルボールペン 0.5 8色", en: "Gel pens 0.5, eight colours", yen: 1280},
				{id: "highlighter-mild", ja: "やさしい蛍光ペン 5色", en: "Mild highlighters, five colours", yen: 680},
				{id: "brush-pen", ja: "筆ペン 3本", en: "Brush pens, three", yen: 880},
				{id: "pencil-2b", ja: "鉛筆 2B 12本", en: "Pencils 2B, twelve", yen: 780, tags: "eco"},
				{id: "mech-pencil", ja: "折れにくいシャープペン", en: "Mechanical pencil that does not break leads", yen: 580},
			},
		},
		{
			path: "Stationery/Notebooks", ja: "文房具/ノート", brand: "Kamitoki", role: recommend.RoleConsumable, cost: .45, cycle: cycle{45, 7}, pop: .24,
			rows: []row{
				{id: "notebook-a5-grid", ja: "方眼ノート A5 3冊", en: "Grid notebooks A5, three", yen: 1180},
				{id: "notebook-a5-dot", ja: "ドット方眼ノート A5 上質紙", en: "Dot notebook A5, fine paper", yen: 1480},
				{id: "notebook-b5-line", ja: "横罫ノート B5 5冊", en: "Lined notebooks B5, five", yen: 780},
				{id: "letter-set", ja: "和紙レターセット", en: "Washi letter set", yen: 980, tags: "gift"},
				{id: "sketchbook", ja: "スケッチブック F4", en: "Sketchbook F4", yen: 880},
				{id: "sticky-notes", ja: "ふせん 詰め合わせ", en: "Sticky note assortment", yen: 680},
			},
		},
		{
			path: "Stationery/Planners", ja: "文房具/手帳", brand: "Kamitoki", role: recommend.RoleNone, cost: .45, pop: .12, season: newLife,
			rows: []row{
				{id: "planner-weekly", ja: "週間手帳 B6", en: "Weekly planner B6", yen: 2480, tags: "gift"},
				{id: "planner-daily", ja: "1日1ページ手帳 A6", en: "Page-a-day planner A6", yen: 2980},
				{id: "planner-monthly", ja: "月間手帳 スリム", en: "Slim monthly planner", yen: 1480},
				{id: "calendar-desk", ja: "卓上カレンダー", en: "Desk calendar", yen: 1280},
			},
		},
		{
			path: "Stationery/Desk", ja: "文房具/デスク用品", brand: "Kakiyasu", role: recommend.RoleAccessory, cost: .45, pop: .14,
			rows: []row{
				{id: "pencase-roll", ja: "帆布ロールペンケース", en: "Canvas roll pen case", yen: 2480, tags: "gift eco"},
				{id: "pencase-stand", ja: "立つペンケース", en: "Standing pen case", yen: 1280},
				{id: "converter-fude", ja: "万年筆コンバーター", en: "Fountain pen converter", yen: 780, fits: []string{"pen-shizuku", "pen-nagare", "pen-nagare-gold"}},
				{id: "planner-cover", ja: "本革手帳カバー B6", en: "Leather planner cover B6", yen: 5980, fits: []string{"planner-weekly"}, tags: "gift"},
				{id: "blotter", ja: "吸い取り紙 20枚", en: "Blotting paper, 20 sheets", yen: 480},
				{id: "washi-tape", ja: "マスキングテープ 10色", en: "Washi tape, ten colours", yen: 1180},
				{id: "desk-light", ja: "LEDデスクライト", en: "LED desk light", yen: 5980},
				{id: "scissors", ja: "よく切れるはさみ", en: "Sharp scissors", yen: 980},
			},
		},
	}
}
