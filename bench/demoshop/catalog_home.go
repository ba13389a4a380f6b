package demoshop

import "osusume/recommend"

func homeShelves() []shelf {
	return []shelf{
		{
			path: "Home/Vacuum cleaners", ja: "暮らし/掃除機", brand: "Kurasso", role: recommend.RoleMain, cost: .68, pop: .18,
			axes: []recommend.UpgradeAxis{axis("runtime_min", "運転時間 (分)", "Run time (min)"), axis("suction_w", "吸引力 (W)", "Suction (W)")},
			rows: []row{
				{id: "vacuum-soyo-2", ja: "コードレス掃除機 ソヨ2", en: "Soyo 2 cordless vacuum", yen: 29800, family: "soyo", next: "vacuum-soyo-3", attrs: "runtime_min=40 suction_w=120"},
				{id: "vacuum-soyo-1", ja: "コードレス掃除機 ソヨ1", en: "Soyo 1 cordless vacuum", yen: 19800, family: "soyo", next: "vacuum-soyo-2", attrs: "runtime_min=25 suction_w=80"},
				{id: "vacuum-soyo-3", ja: "コードレス掃除機 ソヨ3", en: "Soyo 3 cordless vacuum", yen: 44800, family: "soyo", attrs: "runtime_min=60 suction_w=180"},
				{id: "vacuum-robot", ja: "ロボット掃除機 コロ", en: "Koro robot vacuum", yen: 39800},
			},
		},
		{
			path: "Home/Vacuum supplies", ja: "暮らし/掃除機用品", brand: "Kurasso", role: recommend.RoleConsumable, cost: .35, cycle: cycle{75, 9}, pop: .03,
			rows: []row{
				{id: "filter-soyo", ja: "ソヨ用フィルター 2枚", en: "Filters for Soyo, two", yen: 1680, fits: []string{"vacuum-soyo-1", "vacuum-soyo-2", "vacuum-soyo-3"}},
				{id: "brush-koro", ja: "コロ用サイドブラシ 4本", en: "Side brushes for Koro, four", yen: 1480, fits: []string{"vacuum-robot"}},
			},
		},
		{
			path: "Home/Air", ja: "暮らし/空気清浄機", brand: "Kurasso", role: recommend.RoleMain, cost: .66, pop: .14,
			axes: []recommend.UpgradeAxis{axis("area_m2", "適用面積 (m2)", "Area (m2)")},
			rows: []row{
				{id: "purifier-sumu-20", ja: "空気清浄機 スム20", en: "Sumu 20 air purifier", yen: 16800, family: "sumu", next: "purifier-sumu-40", attrs: "area_m2=20"},
				{id: "purifier-sumu-40", ja: "空気清浄機 スム40", en: "Sumu 40 air purifier", yen: 24800, family: "sumu", attrs: "area_m2=40"},
				{id: "dehumidifier", ja: "衣類乾燥除湿機", en: "Laundry dehumidifier", yen: 21800},
			},
		},
		{
			path: "Home/Air filters", ja: "暮らし/空気清浄機フィルター", brand: "Kurasso", role: recommend.RoleConsumable, cost: .35, cycle: cycle{90, 8}, pop: .03,
			rows: []row{
				{id: "filter-sumu-20", ja: "スム20用フィルター", en: "Filter for Sumu 20", yen: 2980, fits: []string{"purifier-sumu-20"}},
				{id: "filter-sumu-40", ja: "スム40用フィルター", en: "Filter for Sumu 40", yen: 3980, fits: []string{"purifier-sumu-40"}},
			},
		},
		{
			path: "Home/Laundry and cleaning", ja: "暮らし/洗剤・掃除", brand: "Awaawa", role: recommend.RoleConsumable, cost: .5, cycle: cycle{32, 5}, pop: .36,
			rows: []row{
				{id: "detergent-refill", ja: "洗濯洗剤 詰め替え 2L", en: "Laundry detergent refill 2 l", yen: 1280},
				{id: "toilet-paper-12", ja: "トイレットペーパー 12ロール", en: "Toilet paper, twelve rolls", yen: 780, tags: "eco"},
				{id: "tissue-5", ja: "ティッシュ 5箱", en: "Tissues, five boxes", yen: 480},
				{id: "dish-soap", ja: "食器用洗剤 詰め替え", en: "Dish soap refill", yen: 580},
				{id: "softener", ja: "柔軟剤 詰め替え", en: "Fabric softener refill", yen: 880},
				{id: "bleach-oxygen", ja: "酸素系漂白剤 1kg", en: "Oxygen bleach 1 kg", yen: 780, tags: "eco"},
				{id: "bath-salt", ja: "炭酸入浴剤 40錠", en: "Fizzy bath tablets, 40", yen: 1480, tags: "gift winter"},
				{id: "sponge-10", ja: "キッチンスポンジ 10個", en: "Kitchen sponges, ten", yen: 680},
			},
		},
		{
			path: "Home/Lights and comfort", ja: "暮らし/照明・寝具", brand: "Kurasso", role: recommend.RoleNone, cost: .5, pop: .26,
			rows: []row{
				{id: "light-washi", ja: "和紙フロアライト", en: "Washi floor light", yen: 9800, tags: "gift"},
				{id: "pillow-soba", ja: "そばがら風まくら", en: "Buckwheat-style pillow", yen: 3980},
				{id: "towel-5", ja: "ふわふわタオル 5枚", en: "Fluffy towels, five", yen: 3480, tags: "gift"},
				{id: "futon-set", ja: "布団3点セット", en: "Futon set, three pieces", yen: 14800, tags: "new"},
				{id: "aroma-diffuser", ja: "アロマディフューザー", en: "Aroma diffuser", yen: 4480, tags: "gift"},
				{id: "aroma-hinoki", ja: "ひのき精油 10ml", en: "Hinoki essential oil 10 ml", yen: 1680, fits: []string{"aroma-diffuser"}},
				{id: "plant-pot", ja: "自動水やり植木鉢", en: "Self-watering plant pot", yen: 2480, tags: "eco"},
				{id: "clock-wood", ja: "木の壁掛け時計", en: "Wooden wall clock", yen: 5980, tags: "gift"},
				{id: "slippers", ja: "い草スリッパ", en: "Rush slippers", yen: 1980, tags: "summer"},
				{id: "curtain-shade", ja: "遮光カーテン 2枚", en: "Blackout curtains, pair", yen: 5980},
				{id: "blanket-weighted", ja: "おもり毛布", en: "Weighted blanket", yen: 8980, fresh: true, tags: "new"},
			},
		},
	}
}
