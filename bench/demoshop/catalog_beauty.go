package demoshop

import "osusume/recommend"

func beautyShelves() []shelf {
	bottles := []size{
		{"bottle", "本体", "bottle", "pack", "bottle", 1},
		{"refill", "詰め替え", "refill", "pack", "refill", .82},
	}
	return []shelf{
		{
			path: "Beauty/Lotions", ja: "美容/化粧水", brand: "Hadanoa", role: recommend.RoleConsumable, cost: .35, cycle: cycle{40, 6}, pop: .3, sizes: bottles,
			rows: []row{
				{id: "lotion-komenuka", ja: "米ぬか化粧水", en: "Rice bran lotion", yen: 1980, attrs: "line=komenuka skin=dry"},
				{id: "lotion-yuzu", ja: "ゆず化粧水 さっぱり", en: "Yuzu lotion, light", yen: 1680, attrs: "line=yuzu skin=oily"},
				{id: "lotion-sakura", ja: "桜の化粧水 敏感肌", en: "Sakura lotion, sensitive skin", yen: 2480, attrs: "line=sakura skin=sensitive"},
				{id: "lotion-men", ja: "メンズ化粧水", en: "Men's lotion", yen: 1480, attrs: "line=men"},
			},
		},
		{
			path: "Beauty/Creams and serums", ja: "美容/クリーム・美容液", brand: "Hadanoa", role: recommend.RoleConsumable, cost: .32, cycle: cycle{56, 7}, pop: .25,
			rows: []row{
				{id: "cream-komenuka", ja: "米ぬかクリーム", en: "Rice bran cream", yen: 2480, attrs: "line=komenuka"},
				{id: "serum-vitc", ja: "ビタミンC美容液", en: "Vitamin C serum", yen: 3980},
				{id: "milk-yuzu", ja: "ゆず乳液", en: "Yuzu moisturising milk", yen: 1880, attrs: "line=yuzu"},
				{id: "cream-sakura", ja: "桜のクリーム 敏感肌", en: "Sakura cream, sensitive skin", yen: 2980, attrs: "line=sakura"},
				{id: "serum-night", ja: "夜の美容液", en: "Night serum", yen: 4980, tags: "gift"},
				{id: "eye-cream", ja: "アイクリーム", en: "Eye cream", yen: 3480},
				{id: "hand-cream", ja: "ハンドクリーム ゆず", en: "Yuzu hand cream", yen: 980, tags: "gift winter"},
			},
		},
		{
			path: "Beauty/Cleansers", ja: "美容/洗顔・クレンジング", brand: "Hadanoa", role: recommend.RoleConsumable, cost: .35, cycle: cycle{45, 6}, pop: .18,
			rows: []row{
				{id: "cleansing-oil", ja: "米ぬかクレンジングオイル", en: "Rice bran cleansing oil", yen: 1880, attrs: "line=komenuka"},
				{id: "facewash-foam", ja: "もっちり泡洗顔", en: "Dense foam face wash", yen: 1280},
				{id: "facewash-yuzu", ja: "ゆず洗顔フォーム", en: "Yuzu face wash", yen: 1180, attrs: "line=yuzu"},
				{id: "soap-charcoal", ja: "炭の洗顔石けん", en: "Charcoal face soap", yen: 980, tags: "eco"},
			},
		},
		{
			path: "Beauty/Masks and pads", ja: "美容/パック・コットン", brand: "Hadanoa", role: recommend.RoleConsumable, cost: .35, cycle: cycle{30, 5}, pop: .12,
			rows: []row{
				{id: "mask-komenuka", ja: "米ぬかシートマスク 30枚", en: "Rice bran sheet masks, 30", yen: 1980, attrs: "line=komenuka"},
				{id: "cotton-pads", ja: "やわらかコットン 200枚", en: "Soft cotton pads, 200", yen: 480, tags: "eco"},
				{id: "mask-vitc", ja: "ビタミンCシートマスク 7枚", en: "Vitamin C sheet masks, seven", yen: 980},
				{id: "lip-mask", ja: "リップパック", en: "Lip mask", yen: 1280},
			},
		},
		{
			path: "Beauty/Sun care", ja: "美容/日焼け止め", brand: "Hadanoa", role: recommend.RoleConsumable, cost: .38, cycle: cycle{35, 5}, pop: .14, season: summer, tags: "summer",
			rows: []row{
				{id: "sunscreen-gel", ja: "日焼け止めジェル SPF50", en: "Sunscreen gel SPF 50", yen: 1280},
				{id: "sunscreen-milk", ja: "日焼け止めミルク 敏感肌", en: "Sunscreen milk, sensitive skin", yen: 1580},
				{id: "sunscreen-spray", ja: "日焼け止めスプレー", en: "Sunscreen spray", yen: 1180},
				{id: "aftersun-gel", ja: "ほてり肌ジェル", en: "After-sun gel", yen: 980},
			},
		},
		{
			path: "Beauty/Devices", ja: "美容/美容家電", brand: "Minavo", role: recommend.RoleMain, cost: .6, pop: .1,
			axes: []recommend.UpgradeAxis{axis("airflow_m3", "風量 (m3/分)", "Airflow (m3/min)")},
			rows: []row{
				{id: "dryer-kaze-1", ja: "ヘアドライヤー カゼ1", en: "Kaze 1 hair dryer", yen: 9800, family: "kaze", next: "dryer-kaze-2", attrs: "airflow_m3=1.5"},
				{id: "dryer-kaze-2", ja: "ヘアドライヤー カゼ2 速乾", en: "Kaze 2 quick hair dryer", yen: 15400, family: "kaze", attrs: "airflow_m3=2.2", tags: "gift"},
				{id: "facial-steamer", ja: "フェイススチーマー", en: "Facial steamer", yen: 12800, tags: "gift"},
				{id: "toothbrush-sonic", ja: "音波電動歯ブラシ", en: "Sonic toothbrush", yen: 7980},
				{id: "shaver-men", ja: "メンズシェーバー", en: "Men's shaver", yen: 11800, tags: "gift"},
			},
		},
		{
			path: "Beauty/Device refills", ja: "美容/替えブラシ・替刃", brand: "Minavo", role: recommend.RoleConsumable, cost: .35, cycle: cycle{90, 10}, pop: .03,
			rows: []row{
				{id: "toothbrush-heads", ja: "音波歯ブラシ用替えブラシ 4本", en: "Sonic toothbrush heads, four", yen: 2480, fits: []string{"toothbrush-sonic"}},
				{id: "shaver-blades", ja: "シェーバー替刃", en: "Shaver blades", yen: 3480, fits: []string{"shaver-men"}},
			},
		},
	}
}
