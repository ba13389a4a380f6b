package demoshop

import "osusume/recommend"

func babyShelves() []shelf {
	return []shelf{
		{
			path: "Baby/Diapers", ja: "ベビー/おむつ", brand: "Hinakko", role: recommend.RoleConsumable, cost: .72, cycle: cycle{14, 2}, pop: .3,
			rows: []row{
				{id: "diaper-newborn", ja: "おむつ 新生児用 84枚", en: "Diapers newborn, 84", yen: 1580, attrs: "size=NB"},
				{id: "diaper-s", ja: "おむつ Sサイズ 76枚", en: "Diapers size S, 76", yen: 1580, attrs: "size=S"},
				{id: "diaper-m", ja: "おむつ Mサイズ 64枚", en: "Diapers size M, 64", yen: 1580, attrs: "size=M"},
				{id: "diaper-pants-l", ja: "パンツおむつ Lサイズ 44枚", en: "Diaper pants size L, 44", yen: 1680, attrs: "size=L"},
				{id: "diaper-organic-s", ja: "オーガニックおむつ S 58枚", en: "Organic diapers size S, 58", yen: 2480, attrs: "size=S", tags: "eco"},
			},
		},
		{
			path: "Baby/Wipes and care", ja: "ベビー/おしりふき・ケア", brand: "Hinakko", role: recommend.RoleConsumable, cost: .5, cycle: cycle{20, 3}, pop: .14,
			rows: []row{
				{id: "wipes-12", ja: "おしりふき 12パック", en: "Baby wipes, twelve packs", yen: 1480},
				{id: "baby-lotion", ja: "ベビーローション", en: "Baby lotion", yen: 1180},
				{id: "baby-soap", ja: "泡ベビーソープ", en: "Foaming baby soap", yen: 980},
				{id: "laundry-baby", ja: "ベビー用洗濯洗剤", en: "Baby laundry detergent", yen: 1080},
			},
		},
		{
			path: "Baby/Milk and food", ja: "ベビー/ミルク・離乳食", brand: "Hinakko", role: recommend.RoleConsumable, cost: .65, food: true, cycle: cycle{16, 3}, pop: .16,
			rows: []row{
				{id: "formula-800", ja: "粉ミルク 800g", en: "Infant formula 800 g", yen: 2680},
				{id: "formula-stick", ja: "粉ミルク スティック 20本", en: "Infant formula sticks, 20", yen: 1380},
				{id: "babyfood-set", ja: "離乳食セット 7か月から", en: "Baby food set, from 7 months", yen: 1980},
				{id: "babytea", ja: "ベビー麦茶 12本", en: "Baby barley tea, twelve", yen: 1280},
			},
		},
		{
			path: "Baby/Feeding", ja: "ベビー/授乳・食事用品", brand: "Hinakko", role: recommend.RoleAccessory, cost: .45, pop: .1,
			rows: []row{
				{id: "bottle-baby-240", ja: "哺乳びん 240ml", en: "Feeding bottle 240 ml", yen: 1680},
				{id: "sterilizer", ja: "哺乳びん除菌器", en: "Bottle steriliser", yen: 4480, fits: []string{"bottle-baby-240"}},
				{id: "bottle-brush", ja: "哺乳びんブラシ", en: "Bottle brush", yen: 880, fits: []string{"bottle-baby-240"}},
				{id: "bib-silicone", ja: "シリコンビブ", en: "Silicone bib", yen: 1280},
				{id: "tableware-baby", ja: "ベビー食器セット", en: "Baby tableware set", yen: 3480, tags: "gift"},
			},
		},
		{
			path: "Baby/Strollers and carriers", ja: "ベビー/ベビーカー・抱っこひも", brand: "Hinakko", role: recommend.RoleMain, cost: .65, pop: .16,
			axes: []recommend.UpgradeAxis{axis("load_kg", "耐荷重 (kg)", "Load (kg)")},
			rows: []row{
				{id: "stroller-ayumi-1", ja: "ベビーカー アユミ1", en: "Ayumi 1 stroller", yen: 29800, family: "ayumi", next: "stroller-ayumi-2", attrs: "load_kg=15"},
				{id: "carrier-baby", ja: "抱っこひも", en: "Baby carrier", yen: 14800},
				{id: "stroller-ayumi-2", ja: "ベビーカー アユミ2 両対面", en: "Ayumi 2 reversible stroller", yen: 44800, family: "ayumi", attrs: "load_kg=22"},
				{id: "carseat-baby", ja: "チャイルドシート", en: "Child car seat", yen: 32800},
				{id: "monitor-baby", ja: "ベビーモニター", en: "Baby monitor", yen: 12800},
			},
		},
		{
			path: "Baby/Stroller accessories", ja: "ベビー/ベビーカー用品", brand: "Hinakko", role: recommend.RoleAccessory, cost: .4, pop: .04,
			rows: []row{
				{id: "raincover-stroller", ja: "ベビーカー用レインカバー", en: "Rain cover for strollers", yen: 2980, fits: []string{"stroller-ayumi-1", "stroller-ayumi-2"}},
				{id: "hook-stroller", ja: "ベビーカーフック 2個", en: "Stroller hooks, two", yen: 980, fits: []string{"stroller-ayumi-1", "stroller-ayumi-2"}},
				{id: "seat-cool-stroller", ja: "ベビーカー用ひんやりシート", en: "Cooling seat for strollers", yen: 2480, fits: []string{"stroller-ayumi-1", "stroller-ayumi-2"}, tags: "summer"},
				{id: "pads-carrier", ja: "抱っこひも用よだれパッド", en: "Drool pads for the baby carrier", yen: 1480, fits: []string{"carrier-baby"}},
			},
		},
		{
			path: "Baby/Toys", ja: "ベビー/おもちゃ", brand: "Tsumikinomori", role: recommend.RoleNone, cost: .45, pop: .18, tags: "gift",
			rows: []row{
				{id: "toy-blocks", ja: "木の積み木 50個", en: "Wooden blocks, 50", yen: 4980, tags: "eco"},
				{id: "toy-rattle", ja: "布のガラガラ", en: "Cloth rattle", yen: 1280},
				{id: "toy-gym", ja: "ベビージム", en: "Baby gym", yen: 5980},
				{id: "toy-train", ja: "木の汽車セット", en: "Wooden train set", yen: 5480},
				{id: "toy-bath", ja: "おふろのおもちゃ", en: "Bath toys", yen: 1680},
				{id: "toy-kitchen", ja: "おままごとキッチン", en: "Toy kitchen", yen: 7980},
				{id: "picturebook-set", ja: "はじめての絵本 3冊セット", en: "First picture books, set of three", yen: 2980},
				{id: "bike-balance", ja: "キックバイク", en: "Balance bike", yen: 6980},
			},
		},
	}
}
