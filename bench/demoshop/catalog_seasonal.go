package demoshop

import "osusume/recommend"

func seasonalShelves() []shelf {
	return []shelf{
		{
			path: "Seasonal/Summer/Fans", ja: "季節/夏/扇風機", brand: "Koyomiya", role: recommend.RoleMain, cost: .6, pop: .2, season: summer, tags: "summer",
			rows: []row{
				{id: "fan-handheld", ja: "携帯扇風機", en: "Handheld fan", yen: 1980},
				{id: "fan-living", ja: "リビング扇風機 DCモーター", en: "Living room fan, DC motor", yen: 9800},
				{id: "fan-circulator", ja: "サーキュレーター", en: "Air circulator", yen: 5980},
				{id: "fan-tower", ja: "タワーファン", en: "Tower fan", yen: 8480},
				{id: "cooler-spot", ja: "スポットクーラー", en: "Spot cooler", yen: 39800},
			},
		},
		{
			path: "Seasonal/Summer/Yukata", ja: "季節/夏/浴衣", brand: "Koyomiya", role: recommend.RoleMain, cost: .5, pop: .12, season: summer, tags: "summer",
			rows: []row{
				{id: "yukata-asagao", ja: "浴衣 朝顔柄", en: "Yukata, morning glory", yen: 6980},
				{id: "yukata-hanabi", ja: "浴衣 花火柄", en: "Yukata, fireworks", yen: 7480},
				{id: "yukata-men", ja: "メンズ浴衣 縞", en: "Men's yukata, stripes", yen: 7980},
				{id: "yukata-kids", ja: "子ども浴衣 金魚柄", en: "Children's yukata, goldfish", yen: 4480},
			},
		},
		{
			path: "Seasonal/Summer/Yukata accessories", ja: "季節/夏/浴衣小物", brand: "Koyomiya", role: recommend.RoleAccessory, cost: .4, season: summer, tags: "summer",
			rows: []row{
				{id: "obi-yukata", ja: "浴衣帯 リバーシブル", en: "Reversible yukata sash", yen: 2480},
				{id: "geta", ja: "下駄", en: "Geta sandals", yen: 2980},
				{id: "uchiwa", ja: "うちわ 手すき和紙", en: "Washi hand fan", yen: 980},
				{id: "kinchaku", ja: "巾着バッグ", en: "Kinchaku pouch", yen: 1680},
			},
		},
		{
			path: "Seasonal/Summer/Cooling", ja: "季節/夏/涼感", brand: "Koyomiya", role: recommend.RoleNone, cost: .5, pop: .12, season: summer, tags: "summer",
			rows: []row{
				{id: "sheet-cool", ja: "ひんやり敷きパッド", en: "Cooling bed pad", yen: 3480},
				{id: "neck-cooler", ja: "ネッククーラーリング", en: "Neck cooling ring", yen: 1480},
				{id: "sudare", ja: "すだれ 竹", en: "Bamboo blind", yen: 1980, tags: "eco"},
				{id: "furin", ja: "ガラス風鈴", en: "Glass wind chime", yen: 2480, tags: "gift"},
				{id: "kakigori", ja: "電動かき氷機", en: "Shaved ice machine", yen: 4980},
				{id: "mosquito-set", ja: "蚊取りセット", en: "Mosquito coil set", yen: 1280},
			},
		},
		{
			path: "Seasonal/Rainy/Umbrellas", ja: "季節/梅雨/傘", brand: "Ameyoi", role: recommend.RoleNone, cost: .45, pop: .16, season: rainy, tags: "rain",
			rows: []row{
				{id: "umbrella-folding", ja: "軽量折りたたみ傘", en: "Light folding umbrella", yen: 2980},
				{id: "umbrella-long", ja: "耐風長傘", en: "Wind-proof umbrella", yen: 3480},
				{id: "umbrella-sun", ja: "晴雨兼用日傘", en: "Sun and rain parasol", yen: 3980},
				{id: "umbrella-kids", ja: "子ども傘", en: "Children's umbrella", yen: 1680},
				{id: "rainboots", ja: "レインブーツ", en: "Rain boots", yen: 4980},
				{id: "raincoat-bike", ja: "自転車レインポンチョ", en: "Cycling rain poncho", yen: 3980},
			},
		},
		{
			path: "Seasonal/Rainy/Drying", ja: "季節/梅雨/湿気対策", brand: "Ameyoi", role: recommend.RoleNone, cost: .45, pop: .06, season: rainy, tags: "rain",
			rows: []row{
				{id: "dry-rack", ja: "室内物干し", en: "Indoor drying rack", yen: 4480},
				{id: "dry-pack", ja: "除湿剤 10個", en: "Moisture absorbers, ten", yen: 980},
				{id: "shoe-dryer", ja: "くつ乾燥機", en: "Shoe dryer", yen: 4980},
			},
		},
		{
			path: "Seasonal/Winter/Kotatsu", ja: "季節/冬/こたつ", brand: "Koyomiya", role: recommend.RoleMain, cost: .6, pop: .14, season: winter, tags: "winter",
			rows: []row{
				{id: "kotatsu-80", ja: "こたつ 80cm角", en: "Kotatsu heated table 80 cm", yen: 12800},
				{id: "kotatsu-105", ja: "こたつ 105cm", en: "Kotatsu heated table 105 cm", yen: 17800},
				{id: "kotatsu-one", ja: "一人用こたつ", en: "Kotatsu heated table for one", yen: 8980},
			},
		},
		{
			path: "Seasonal/Winter/Kotatsu futons", ja: "季節/冬/こたつ布団", brand: "Koyomiya", role: recommend.RoleAccessory, cost: .5, season: winter, tags: "winter",
			rows: []row{
				{id: "kotatsufuton-80", ja: "こたつ布団 80cm用", en: "Kotatsu futon for 80 cm", yen: 6980, fits: []string{"kotatsu-80"}},
				{id: "kotatsufuton-105", ja: "こたつ布団 105cm用", en: "Kotatsu futon for 105 cm", yen: 7980, fits: []string{"kotatsu-105"}},
				{id: "kotatsufuton-one", ja: "一人用こたつ布団", en: "Kotatsu futon for one", yen: 4980, fits: []string{"kotatsu-one"}},
				{id: "zabuton-2", ja: "座布団 2枚", en: "Floor cushions, two", yen: 3480},
			},
		},
		{
			path: "Seasonal/Winter/Heating", ja: "季節/冬/暖房", brand: "Koyomiya", role: recommend.RoleMain, cost: .62, pop: .16, season: winter, tags: "winter",
			rows: []row{
				{id: "heater-ceramic", ja: "セラミックファンヒーター", en: "Ceramic fan heater", yen: 7980},
				{id: "blanket-electric", ja: "電気毛布", en: "Electric blanket", yen: 4980},
				{id: "heater-oil", ja: "オイルヒーター", en: "Oil radiator", yen: 19800},
				{id: "carpet-electric", ja: "ホットカーペット 2畳", en: "Heated carpet", yen: 9800},
				{id: "hotwater-bottle", ja: "湯たんぽ", en: "Hot water bottle", yen: 1980, tags: "eco"},
				{id: "kairo-30", ja: "使い捨てカイロ 30個", en: "Hand warmers, 30", yen: 780},
			},
		},
		{
			path: "Seasonal/Winter/Humidifiers", ja: "季節/冬/加湿器", brand: "Koyomiya", role: recommend.RoleMain, cost: .58, pop: .08, season: winter, tags: "winter",
			rows: []row{
				{id: "humidifier-steam", ja: "スチーム加湿器", en: "Steam humidifier", yen: 9800},
				{id: "humidifier-desk", ja: "卓上加湿器", en: "Desk humidifier", yen: 2980},
			},
		},
		{
			path: "Seasonal/Gifts/Year-end", ja: "季節/ギフト/お歳暮", brand: "Midorigi", role: recommend.RoleNone, cost: .55, pop: .14, season: yearEnd, food: true, tags: "gift winter",
			rows: []row{
				{id: "gift-ham", ja: "お歳暮 ハムギフト", en: "Year-end gift, ham", yen: 5400},
				{id: "gift-tea", ja: "お歳暮 銘茶詰め合わせ", en: "Year-end gift, fine teas", yen: 4320},
				{id: "gift-coffee", ja: "お歳暮 コーヒーギフト", en: "Year-end gift, coffee", yen: 3780},
				{id: "gift-mikan", ja: "お歳暮 みかん 5kg", en: "Year-end gift, mandarins 5 kg", yen: 4980},
				{id: "gift-crab", ja: "お歳暮 ずわいがに", en: "Year-end gift, snow crab", yen: 9800},
				{id: "osechi-2", ja: "おせち 2〜3人前", en: "New Year osechi for two to three", yen: 16800},
				{id: "nengajo", ja: "年賀はがき用紙 100枚", en: "New Year card paper, 100 sheets", yen: 1480},
			},
		},
		{
			path: "Seasonal/Gifts/Valentine", ja: "季節/ギフト/バレンタイン", brand: "Chokomori", role: recommend.RoleNone, cost: .5, pop: .08, season: valentine, food: true, tags: "gift winter",
			rows: []row{
				{id: "choco-truffle", ja: "トリュフチョコ 9個", en: "Chocolate truffles, nine", yen: 2480},
				{id: "choco-matcha", ja: "抹茶生チョコ", en: "Matcha chocolate", yen: 1980},
				{id: "choco-kit", ja: "手作りチョコキット", en: "Chocolate making kit", yen: 1680},
			},
		},
	}
}
