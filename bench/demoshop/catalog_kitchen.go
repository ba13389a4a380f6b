package demoshop

import "osusume/recommend"

func kitchenShelves() []shelf {
	return []shelf{
		{
			path: "Kitchen/Knives", ja: "キッチン/包丁", brand: "Hamonoka", role: recommend.RoleMain, cost: .5, pop: .16,
			rows: []row{
				{id: "knife-santoku", ja: "三徳包丁 170mm", en: "Santoku knife 170 mm", yen: 7980, tags: "gift"},
				{id: "knife-gyuto", ja: "牛刀 210mm", en: "Gyuto knife 210 mm", yen: 12800},
				{id: "knife-petty", ja: "ペティナイフ 135mm", en: "Petty knife 135 mm", yen: 5480},
				{id: "knife-nakiri", ja: "菜切包丁 165mm", en: "Nakiri knife 165 mm", yen: 8480},
				{id: "knife-bread", ja: "パン切り包丁 230mm", en: "Bread knife 230 mm", yen: 4980},
				{id: "knife-deba", ja: "出刃包丁 150mm", en: "Deba knife 150 mm", yen: 9800},
			},
		},
		{
			path: "Kitchen/Knife care", ja: "キッチン/包丁の手入れ", brand: "Hamonoka", role: recommend.RoleAccessory, cost: .4, pop: .04,
			rows: []row{
				{id: "whetstone-1000", ja: "砥石 #1000", en: "Whetstone #1000", yen: 3480},
				{id: "whetstone-3000", ja: "仕上げ砥石 #3000", en: "Finishing whetstone #3000", yen: 4480},
				{id: "knife-saya", ja: "木製包丁さや", en: "Wooden knife sheath", yen: 1980, tags: "eco"},
				{id: "board-hinoki", ja: "ひのきまな板", en: "Hinoki cutting board", yen: 4280, tags: "eco gift"},
			},
		},
		{
			path: "Kitchen/Pans", ja: "キッチン/鍋・フライパン", brand: "Nabeshiro", role: recommend.RoleMain, cost: .5, pop: .17,
			rows: []row{
				{id: "pan-iron-26", ja: "鉄フライパン 26cm", en: "Iron frying pan 26 cm", yen: 4980},
				{id: "pan-ceramic-26", ja: "セラミックフライパン 26cm", en: "Ceramic frying pan 26 cm", yen: 3480},
				{id: "pan-tamagoyaki", ja: "玉子焼き器", en: "Tamagoyaki pan", yen: 2280},
				{id: "pot-enamel-22", ja: "ほうろう鍋 22cm", en: "Enamelled pot 22 cm", yen: 15800, tags: "gift"},
				{id: "pot-donabe", ja: "土鍋 8号", en: "Donabe clay pot", yen: 6980, tags: "winter"},
				{id: "pot-pressure", ja: "圧力鍋 4L", en: "Pressure cooker 4 l", yen: 12800},
				{id: "pan-wok-30", ja: "中華鍋 30cm", en: "Wok 30 cm", yen: 4480},
			},
		},
		{
			path: "Kitchen/Pan tools", ja: "キッチン/調理小物", brand: "Nabeshiro", role: recommend.RoleAccessory, cost: .35, pop: .07,
			rows: []row{
				{id: "lid-glass-26", ja: "ガラスぶた 26cm", en: "Glass lid 26 cm", yen: 1480, fits: []string{"pan-iron-26", "pan-ceramic-26"}},
				{id: "turner-wood", ja: "木べら", en: "Wooden turner", yen: 980, tags: "eco"},
				{id: "tongs-silicone", ja: "シリコントング", en: "Silicone tongs", yen: 1180},
				{id: "ladle-set", ja: "お玉・フライ返しセット", en: "Ladle and turner set", yen: 1980},
				{id: "brush-iron", ja: "たわし 鉄鍋用", en: "Tawashi brush for iron pans", yen: 680, fits: []string{"pan-iron-26", "pan-wok-30"}, tags: "eco"},
				{id: "chopsticks-cooking", ja: "菜箸 3膳", en: "Cooking chopsticks, three pairs", yen: 580},
				{id: "thermometer-kitchen", ja: "キッチン温度計", en: "Kitchen thermometer", yen: 1680},
			},
		},
		{
			path: "Kitchen/Rice cookers", ja: "キッチン/炊飯器", brand: "Kamadoki", role: recommend.RoleMain, cost: .72, pop: .15,
			axes: []recommend.UpgradeAxis{axis("menus", "炊き分けメニュー", "Cooking menus")},
			sizes: []size{
				{"3go", "3合炊き", "three-go", "capacity_go", "3", 1},
				{"5go", "5.5合炊き", "five-and-a-half-go", "capacity_go", "5.5", 1.12},
			},
			rows: []row{
				{id: "ricecooker-kama-2", ja: "IH炊飯器 カマ2", en: "Kama 2 induction rice cooker", yen: 19800, family: "kama", next: "ricecooker-kama-3", attrs: "menus=12"},
				{id: "ricecooker-kama-1", ja: "マイコン炊飯器 カマ1", en: "Kama 1 rice cooker", yen: 12800, family: "kama", next: "ricecooker-kama-2", attrs: "menus=6"},
				{id: "ricecooker-kama-3", ja: "圧力IH炊飯器 カマ3", en: "Kama 3 pressure rice cooker", yen: 30800, family: "kama", attrs: "menus=30"},
			},
		},
		{
			path: "Kitchen/Rice and pantry", ja: "キッチン/お米・食品", brand: "Tanbo no Oto", role: recommend.RoleConsumable, cost: .7, food: true, cycle: cycle{30, 4}, pop: .2,
			rows: []row{
				{id: "rice-koshi-5kg", ja: "コシヒカリ 5kg", en: "Koshihikari rice 5 kg", yen: 3480},
				{id: "rice-akita-5kg", ja: "あきたこまち 5kg", en: "Akitakomachi rice 5 kg", yen: 3280},
				{id: "rice-genmai-2kg", ja: "玄米 2kg", en: "Brown rice 2 kg", yen: 1680},
				{id: "dashi-pack", ja: "だしパック 30袋", en: "Dashi bags, 30", yen: 1380, tags: "gift"},
				{id: "soy-sauce", ja: "丸大豆しょうゆ 1L", en: "Whole bean soy sauce 1 l", yen: 780},
				{id: "miso-kome", ja: "米みそ 1kg", en: "Rice miso 1 kg", yen: 980},
				{id: "olive-oil", ja: "オリーブオイル 500ml", en: "Olive oil 500 ml", yen: 1580},
			},
		},
		{
			path: "Kitchen/Bento and storage", ja: "キッチン/弁当箱・保存容器", brand: "Utsuwa Nagi", role: recommend.RoleNone, cost: .45, pop: .11,
			rows: []row{
				{id: "bento-wappa", ja: "曲げわっぱ弁当箱", en: "Bent-wood bento box", yen: 4980, tags: "gift eco"},
				{id: "bento-lock", ja: "密閉弁当箱 2段", en: "Two-tier bento box", yen: 1980},
				{id: "bento-bag", ja: "保冷弁当バッグ", en: "Insulated bento bag", yen: 1480, fits: []string{"bento-wappa", "bento-lock"}},
				{id: "container-glass", ja: "ガラス保存容器 5個", en: "Glass containers, five", yen: 2980, tags: "eco"},
				{id: "container-rice", ja: "米びつ 5kg", en: "Rice bin 5 kg", yen: 2480},
				{id: "soup-jar", ja: "スープジャー 400ml", en: "Soup jar 400 ml", yen: 2980, tags: "winter"},
				{id: "chopsticks-case", ja: "箸・箸箱セット", en: "Chopsticks with case", yen: 880, fits: []string{"bento-wappa", "bento-lock"}},
			},
		},
		{
			path: "Kitchen/Appliances", ja: "キッチン/調理家電", brand: "Kamadoki", role: recommend.RoleMain, cost: .68, pop: .12,
			rows: []row{
				{id: "toaster-steam", ja: "スチームトースター", en: "Steam toaster", yen: 15800, tags: "gift"},
				{id: "hotplate", ja: "ホットプレート たこ焼き付き", en: "Hot plate with takoyaki plate", yen: 9800},
				{id: "blender-hand", ja: "ハンドブレンダー", en: "Hand blender", yen: 6980},
				{id: "microwave-flat", ja: "フラット電子レンジ", en: "Flat microwave oven", yen: 17800},
				{id: "mixer-smoothie", ja: "スムージーミキサー", en: "Smoothie mixer", yen: 5480},
				{id: "yogurt-maker", ja: "ヨーグルトメーカー", en: "Yogurt maker", yen: 4480, fresh: true, tags: "new"},
			},
		},
	}
}
