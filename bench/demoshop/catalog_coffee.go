package demoshop

import "osusume/recommend"

func coffeeShelves() []shelf {
	return []shelf{
		{
			path: "Coffee/Beans", ja: "コーヒー/豆", brand: "Sorano Roasters", role: recommend.RoleConsumable, cost: .45, food: true, cycle: cycle{21, 4}, pop: .4,
			sizes: []size{
				{"200", "200g", "200 g", "weight_g", "200", 1},
				{"500", "500g", "500 g", "weight_g", "500", 2.2},
			},
			rows: []row{
				{id: "beans-ethiopia", ja: "コーヒー豆 エチオピア 浅煎り", en: "Ethiopia coffee beans, light roast", yen: 1480, attrs: "roast=light"},
				{id: "beans-guatemala", ja: "コーヒー豆 グアテマラ 中煎り", en: "Guatemala coffee beans, medium roast", yen: 1380, attrs: "roast=medium"},
				{id: "beans-brazil", ja: "コーヒー豆 ブラジル 中深煎り", en: "Brazil coffee beans, medium-dark roast", yen: 1180, attrs: "roast=medium-dark"},
				{id: "beans-mandheling", ja: "コーヒー豆 マンデリン 深煎り", en: "Mandheling coffee beans, dark roast", yen: 1380, attrs: "roast=dark"},
				{id: "beans-house", ja: "コーヒー豆 空のブレンド", en: "Sorano house blend coffee beans", yen: 1080, attrs: "roast=medium"},
				{id: "beans-espresso", ja: "コーヒー豆 エスプレッソブレンド", en: "Espresso blend coffee beans", yen: 1280, attrs: "roast=dark"},
				{id: "beans-decaf", ja: "コーヒー豆 カフェインレス", en: "Decaf coffee beans", yen: 1480, attrs: "roast=medium"},
				{id: "beans-kenya", ja: "コーヒー豆 ケニア 中浅煎り", en: "Kenya coffee beans, medium-light roast", yen: 1580, attrs: "roast=medium-light"},
				{id: "beans-geisha", ja: "コーヒー豆 ゲイシャ 数量限定", en: "Geisha coffee beans, limited", yen: 3980, attrs: "roast=light", tags: "gift"},
				{id: "beans-ice", ja: "コーヒー豆 アイスコーヒーブレンド", en: "Iced coffee blend beans", yen: 1180, attrs: "roast=dark", tags: "summer"},
			},
		},
		{
			path: "Coffee/Paper filters", ja: "コーヒー/ペーパーフィルター", brand: "Sorano Roasters", role: recommend.RoleConsumable, cost: .4, cycle: cycle{45, 6}, pop: .06,
			rows: []row{
				{id: "filter-cone-02", ja: "円すいペーパーフィルター 02 100枚", en: "Cone paper filters 02, 100 sheets", yen: 580, fits: []string{"dripper-cone-ceramic", "dripper-cone-glass"}, tags: "eco"},
				{id: "filter-wave", ja: "ウェーブペーパーフィルター 100枚", en: "Wave paper filters, 100 sheets", yen: 680, fits: []string{"dripper-wave"}},
				{id: "filter-flat-103", ja: "台形ペーパーフィルター 103 100枚", en: "Trapezoid paper filters 103, 100 sheets", yen: 480, fits: []string{"coffeemaker-drip"}},
				{id: "filter-siphon", ja: "サイフォン用フィルター 50枚", en: "Siphon filters, 50 sheets", yen: 780, fits: []string{"siphon"}},
			},
		},
		{
			path: "Coffee/Drippers", ja: "コーヒー/ドリッパー", brand: "Yuge Tools", role: recommend.RoleMain, cost: .45, pop: .13,
			rows: []row{
				{id: "dripper-cone-ceramic", ja: "陶器ドリッパー 円すい 02", en: "Ceramic cone dripper 02", yen: 2480, tags: "gift"},
				{id: "dripper-cone-glass", ja: "ガラスドリッパー 円すい 02", en: "Glass cone dripper 02", yen: 1980},
				{id: "dripper-wave", ja: "ステンレス ウェーブドリッパー", en: "Steel wave dripper", yen: 3280},
				{id: "siphon", ja: "コーヒーサイフォン", en: "Coffee siphon", yen: 9800},
				{id: "french-press", ja: "フレンチプレス 350ml", en: "French press 350 ml", yen: 3480},
				{id: "coldbrew-bottle", ja: "水出しコーヒーボトル", en: "Cold brew bottle", yen: 2280, tags: "summer"},
			},
		},
		{
			path: "Coffee/Grinders", ja: "コーヒー/ミル", brand: "Yuge Tools", role: recommend.RoleMain, cost: .55, pop: .11,
			axes: []recommend.UpgradeAxis{axis("grind_steps", "挽き目 (段階)", "Grind steps")},
			rows: []row{
				{id: "grinder-hand", ja: "手挽きコーヒーミル", en: "Hand coffee grinder", yen: 4980, family: "hiki", next: "grinder-hand-pro", attrs: "grind_steps=18", tags: "gift"},
				{id: "grinder-electric", ja: "電動コーヒーミル", en: "Electric coffee grinder", yen: 9800, family: "hiki-electric", next: "grinder-electric-pro", attrs: "grind_steps=17"},
				{id: "grinder-hand-pro", ja: "手挽きコーヒーミル プロ", en: "Hand coffee grinder Pro", yen: 7480, family: "hiki", attrs: "grind_steps=36"},
				{id: "grinder-electric-pro", ja: "電動コーヒーミル プロ", en: "Electric coffee grinder Pro", yen: 15400, family: "hiki-electric", attrs: "grind_steps=40"},
			},
		},
		{
			path: "Coffee/Machines", ja: "コーヒー/マシン", brand: "Yuge Tools", role: recommend.RoleMain, cost: .68, pop: .14,
			axes: []recommend.UpgradeAxis{axis("drinks", "メニュー数", "Drinks"), axis("tank_ml", "タンク (ml)", "Tank (ml)")},
			rows: []row{
				{id: "espresso-maru-1", ja: "エスプレッソマシン マル1", en: "Maru 1 espresso machine", yen: 29800, family: "maru", next: "espresso-maru-2", attrs: "drinks=2 tank_ml=1000"},
				{id: "coffeemaker-drip", ja: "全自動ドリップコーヒーメーカー", en: "Drip coffee maker", yen: 12800, attrs: "drinks=1 tank_ml=800"},
				{id: "espresso-maru-2", ja: "エスプレッソマシン マル2 ミルク機能付き", en: "Maru 2 espresso machine with milk system", yen: 44800, family: "maru", next: "espresso-maru-3", attrs: "drinks=6 tank_ml=1400"},
				{id: "espresso-maru-3", ja: "全自動エスプレッソマシン マル3", en: "Maru 3 automatic espresso machine", yen: 69800, family: "maru", attrs: "drinks=12 tank_ml=1800"},
				{id: "capsule-machine", ja: "カプセルコーヒーマシン", en: "Capsule coffee machine", yen: 11800},
			},
		},
		{
			path: "Coffee/Capsules", ja: "コーヒー/カプセル", brand: "Sorano Roasters", role: recommend.RoleConsumable, cost: .5, food: true, cycle: cycle{28, 5}, pop: .06,
			rows: []row{
				{id: "capsule-lungo", ja: "コーヒーカプセル ルンゴ 30個", en: "Coffee capsules lungo, 30", yen: 2280, fits: []string{"capsule-machine"}},
				{id: "capsule-intense", ja: "コーヒーカプセル 濃いめ 30個", en: "Coffee capsules intense, 30", yen: 2280, fits: []string{"capsule-machine"}},
				{id: "capsule-latte", ja: "コーヒーカプセル ラテ 16個", en: "Coffee capsules latte, 16", yen: 1980, fits: []string{"capsule-machine"}},
			},
		},
		{
			path: "Coffee/Kettles and servers", ja: "コーヒー/ケトル・サーバー", brand: "Yuge Tools", role: recommend.RoleAccessory, cost: .5, pop: .1,
			rows: []row{
				{id: "kettle-goose", ja: "細口ドリップケトル 0.8L", en: "Gooseneck drip kettle 0.8 l", yen: 5980},
				{id: "server-glass", ja: "耐熱ガラスサーバー 600ml", en: "Heat-proof glass server 600 ml", yen: 2280},
				{id: "kettle-goose-electric", ja: "温度調節 電気ドリップケトル", en: "Electric gooseneck kettle with temperature control", yen: 12800},
				{id: "scale-drip", ja: "ドリップスケール タイマー付き", en: "Drip scale with timer", yen: 4480},
				{id: "milk-frother", ja: "ミルクフォーマー", en: "Milk frother", yen: 2980, fits: []string{"espresso-maru-1"}},
				{id: "canister-beans", ja: "コーヒーキャニスター", en: "Coffee bean canister", yen: 1980},
				{id: "descaler", ja: "マシン用クエン酸洗浄剤 6回分", en: "Machine descaler, six doses", yen: 1280, fits: []string{"espresso-maru-1", "espresso-maru-2", "espresso-maru-3", "capsule-machine"}},
				{id: "mug-sora", ja: "空色マグカップ", en: "Sky blue mug", yen: 1980, tags: "gift"},
				{id: "tumbler-steel", ja: "真空断熱タンブラー 360ml", en: "Vacuum tumbler 360 ml", yen: 3280, tags: "eco gift"},
			},
		},
	}
}

func teaShelves() []shelf {
	return []shelf{
		{
			path: "Tea/Green tea", ja: "お茶/緑茶", brand: "Midorigi", role: recommend.RoleConsumable, cost: .45, food: true, cycle: cycle{30, 5}, pop: .45,
			rows: []row{
				{id: "tea-sencha", ja: "煎茶 深蒸し 100g", en: "Deep-steamed sencha 100 g", yen: 1080},
				{id: "tea-hojicha", ja: "ほうじ茶 200g", en: "Hojicha roasted tea 200 g", yen: 880},
				{id: "tea-genmaicha", ja: "抹茶入り玄米茶 200g", en: "Genmaicha with matcha 200 g", yen: 880},
				{id: "tea-gyokuro", ja: "玉露 50g", en: "Gyokuro 50 g", yen: 2480, tags: "gift"},
				{id: "tea-matcha", ja: "抹茶 40g缶", en: "Matcha, 40 g tin", yen: 1880},
				{id: "tea-shincha", ja: "新茶 100g", en: "First flush sencha 100 g", yen: 1680, tags: "summer"},
			},
		},
		{
			path: "Tea/Black and herbal tea", ja: "お茶/紅茶・ハーブティー", brand: "Midorigi", role: recommend.RoleConsumable, cost: .45, food: true, cycle: cycle{35, 6}, pop: .3,
			rows: []row{
				{id: "tea-wakocha", ja: "和紅茶 ティーバッグ 20個", en: "Japanese black tea, 20 bags", yen: 980},
				{id: "tea-earlgrey", ja: "アールグレイ 100g", en: "Earl grey 100 g", yen: 1280},
				{id: "tea-chamomile", ja: "カモミールティー 20個", en: "Camomile tea, 20 bags", yen: 880},
				{id: "tea-rooibos", ja: "ルイボスティー 50個", en: "Rooibos tea, 50 bags", yen: 1180},
				{id: "tea-mugicha", ja: "麦茶 水出し 52個", en: "Cold brew barley tea, 52 bags", yen: 480, tags: "summer"},
			},
		},
		{
			path: "Tea/Teaware", ja: "お茶/茶器", brand: "Utsuwa Nagi", role: recommend.RoleMain, cost: .5, pop: .25,
			rows: []row{
				{id: "teapot-kyusu", ja: "急須 常滑風 360ml", en: "Kyusu teapot 360 ml", yen: 4480, tags: "gift"},
				{id: "teapot-glass", ja: "耐熱ガラスティーポット", en: "Glass teapot", yen: 2980},
				{id: "matcha-set", ja: "抹茶はじめてセット", en: "Matcha starter set", yen: 5980, tags: "gift"},
				{id: "matcha-whisk", ja: "茶筅", en: "Bamboo matcha whisk", yen: 2480},
				{id: "teacup-pair", ja: "湯のみ ペア", en: "Pair of tea cups", yen: 3480, tags: "gift"},
				{id: "tea-canister", ja: "茶筒 桜皮", en: "Cherry bark tea caddy", yen: 5480, tags: "gift eco"},
				{id: "bottle-coldtea", ja: "水出し茶ボトル 750ml", en: "Cold tea bottle 750 ml", yen: 1980, tags: "summer"},
			},
		},
		{
			path: "Tea/Sweets", ja: "お茶/和菓子", brand: "Midorigi", role: recommend.RoleNone, cost: .5, food: true, pop: .12,
			rows: []row{
				{id: "sweets-yokan", ja: "小さな羊かん 8本", en: "Small yokan, eight bars", yen: 1680, tags: "gift"},
				{id: "sweets-dorayaki", ja: "どら焼き 6個", en: "Dorayaki, six", yen: 1480},
				{id: "sweets-senbei", ja: "せんべい詰め合わせ", en: "Rice cracker assortment", yen: 1280},
				{id: "sweets-monaka", ja: "もなか 8個", en: "Monaka wafers, eight", yen: 1880},
			},
		},
	}
}
