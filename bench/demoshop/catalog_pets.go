package demoshop

import "osusume/recommend"

func petShelves() []shelf {
	bags := []size{
		{"1kg", "1kg", "1 kg", "weight_kg", "1", 1},
		{"3kg", "3kg", "3 kg", "weight_kg", "3", 2.5},
	}
	return []shelf{
		{
			path: "Pets/Cat food", ja: "ペット/キャットフード", brand: "Pawmori", role: recommend.RoleConsumable, cost: .55, cycle: cycle{28, 4}, pop: .27, sizes: bags,
			rows: []row{
				{id: "catfood-chicken", ja: "キャットフード チキン 成猫用", en: "Cat food chicken, adult", yen: 1480, attrs: "pet=cat"},
				{id: "catfood-salmon", ja: "キャットフード サーモン 成猫用", en: "Cat food salmon, adult", yen: 1580, attrs: "pet=cat"},
				{id: "catfood-kitten", ja: "キャットフード 子猫用", en: "Cat food, kitten", yen: 1680, attrs: "pet=cat"},
				{id: "catfood-senior", ja: "キャットフード シニア猫用", en: "Cat food, senior", yen: 1780, attrs: "pet=cat"},
			},
		},
		{
			path: "Pets/Dog food", ja: "ペット/ドッグフード", brand: "Pawmori", role: recommend.RoleConsumable, cost: .55, cycle: cycle{30, 4}, pop: .27, sizes: bags,
			rows: []row{
				{id: "dogfood-beef", ja: "ドッグフード ビーフ 成犬用", en: "Dog food beef, adult", yen: 1580, attrs: "pet=dog"},
				{id: "dogfood-small", ja: "ドッグフード 小型犬用", en: "Dog food, small breeds", yen: 1680, attrs: "pet=dog"},
				{id: "dogfood-puppy", ja: "ドッグフード 子犬用", en: "Dog food, puppy", yen: 1680, attrs: "pet=dog"},
				{id: "dogfood-senior", ja: "ドッグフード シニア犬用", en: "Dog food, senior", yen: 1780, attrs: "pet=dog"},
			},
		},
		{
			path: "Pets/Cat litter and sheets", ja: "ペット/猫砂・シーツ", brand: "Pawmori", role: recommend.RoleConsumable, cost: .55, cycle: cycle{24, 4}, pop: .13,
			rows: []row{
				{id: "litter-hinoki", ja: "ひのきの猫砂 7L", en: "Hinoki cat litter 7 l", yen: 980, attrs: "pet=cat", tags: "eco"},
				{id: "litter-paper", ja: "紙の猫砂 7L", en: "Paper cat litter 7 l", yen: 880, attrs: "pet=cat"},
				{id: "sheets-dog", ja: "ペットシーツ 100枚", en: "Pet sheets, 100", yen: 1480, attrs: "pet=dog"},
			},
		},
		{
			path: "Pets/Treats", ja: "ペット/おやつ", brand: "Pawmori", role: recommend.RoleConsumable, cost: .45, cycle: cycle{18, 4}, pop: .13,
			rows: []row{
				{id: "treat-cat-stick", ja: "猫用スティックおやつ 20本", en: "Cat treat sticks, 20", yen: 780, attrs: "pet=cat"},
				{id: "treat-dog-gum", ja: "犬用歯みがきガム 30本", en: "Dog dental chews, 30", yen: 1280, attrs: "pet=dog"},
				{id: "treat-cat-katsuo", ja: "猫用かつお節", en: "Bonito flakes for cats", yen: 580, attrs: "pet=cat"},
				{id: "treat-dog-jerky", ja: "犬用ささみジャーキー", en: "Chicken jerky for dogs", yen: 980, attrs: "pet=dog"},
				{id: "treat-dog-biscuit", ja: "犬用ビスケット", en: "Dog biscuits", yen: 680, attrs: "pet=dog"},
			},
		},
		{
			path: "Pets/Toys", ja: "ペット/おもちゃ", brand: "Pawmori", role: recommend.RoleNone, cost: .4, pop: .1,
			rows: []row{
				{id: "toy-cat-teaser", ja: "猫じゃらし 3本", en: "Cat teasers, three", yen: 880, attrs: "pet=cat"},
				{id: "toy-dog-rope", ja: "犬用ロープ", en: "Rope toy for dogs", yen: 980, attrs: "pet=dog"},
				{id: "toy-cat-tunnel", ja: "猫用トンネル", en: "Cat tunnel", yen: 1680, attrs: "pet=cat"},
				{id: "toy-dog-ball", ja: "犬用ボール 2個", en: "Dog balls, two", yen: 780, attrs: "pet=dog"},
				{id: "scratcher-cat", ja: "つめとぎ 段ボール 3個", en: "Cardboard scratchers, three", yen: 1480, attrs: "pet=cat", tags: "eco"},
			},
		},
		{
			path: "Pets/Living", ja: "ペット/生活用品", brand: "Pawmori", role: recommend.RoleMain, cost: .5, pop: .1,
			rows: []row{
				{id: "fountain-pet", ja: "自動給水器 2L", en: "Pet water fountain 2 l", yen: 4480},
				{id: "feeder-auto", ja: "自動給餌器", en: "Automatic feeder", yen: 7980},
				{id: "toilet-cat", ja: "猫用システムトイレ", en: "Cat toilet system", yen: 3980, attrs: "pet=cat"},
				{id: "tower-cat", ja: "キャットタワー 160cm", en: "Cat tower 160 cm", yen: 8980, attrs: "pet=cat"},
				{id: "bed-pet", ja: "ふかふかペットベッド", en: "Soft pet bed", yen: 3480},
				{id: "carrier-pet", ja: "ペットキャリー", en: "Pet carrier", yen: 4980},
				{id: "leash-dog", ja: "犬用リード・ハーネス", en: "Dog harness and leash", yen: 2980, attrs: "pet=dog"},
				{id: "mat-cool-pet", ja: "ペット用ひんやりマット", en: "Cooling mat for pets", yen: 2480, tags: "summer"},
			},
		},
		{
			path: "Pets/Fountain filters", ja: "ペット/給水器フィルター", brand: "Pawmori", role: recommend.RoleConsumable, cost: .35, cycle: cycle{30, 4},
			rows: []row{
				{id: "filter-fountain", ja: "自動給水器用フィルター 4枚", en: "Filters for the pet fountain, four", yen: 1280, fits: []string{"fountain-pet"}},
			},
		},
	}
}
