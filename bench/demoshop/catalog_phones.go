package demoshop

import "osusume/recommend"

// phoneModels are the smartphones; cases and screen films are cut for each.
func phoneModels() []row {
	return []row{
		{id: "phone-aozora-8", ja: "スマートフォン アオゾラ8", en: "Aozora 8 smartphone", yen: 89800, family: "aozora", next: "phone-aozora-8-pro", attrs: "camera_mp=50 battery_mah=4600 screen_inch=6.2", tags: "new"},
		{id: "phone-aozora-8-pro", ja: "スマートフォン アオゾラ8 プロ", en: "Aozora 8 Pro smartphone", yen: 119800, family: "aozora", attrs: "camera_mp=64 battery_mah=5000 screen_inch=6.7", tags: "new"},
		{id: "phone-aozora-7", ja: "スマートフォン アオゾラ7", en: "Aozora 7 smartphone", yen: 69800, family: "aozora", next: "phone-aozora-8", attrs: "camera_mp=48 battery_mah=4300 screen_inch=6.1", tags: "sale", was: 84800},
		{id: "phone-komorebi-5", ja: "スマートフォン コモレビ5", en: "Komorebi 5 smartphone", yen: 54800, family: "komorebi", attrs: "camera_mp=48 battery_mah=5000 screen_inch=6.4"},
		{id: "phone-komorebi-4", ja: "スマートフォン コモレビ4", en: "Komorebi 4 smartphone", yen: 44800, family: "komorebi", next: "phone-komorebi-5", attrs: "camera_mp=32 battery_mah=4500 screen_inch=6.3"},
		{id: "phone-tsubame-3", ja: "らくらくスマホ ツバメ3", en: "Tsubame 3 easy smartphone", yen: 29800, brand: "Kazemi", family: "tsubame", attrs: "camera_mp=13 battery_mah=4000 screen_inch=5.8"},
		{id: "phone-tsubame-2", ja: "らくらくスマホ ツバメ2", en: "Tsubame 2 easy smartphone", yen: 24800, brand: "Kazemi", family: "tsubame", next: "phone-tsubame-3", attrs: "camera_mp=8 battery_mah=3600 screen_inch=5.5"},
		{id: "phone-origami-1", ja: "折りたたみスマホ オリガミ1", en: "Origami 1 folding smartphone", yen: 198000, family: "origami", attrs: "camera_mp=50 battery_mah=4400 screen_inch=7.6", tags: "new"},
		{id: "phone-aozora-6", ja: "スマートフォン アオゾラ6", en: "Aozora 6 smartphone", yen: 52800, family: "aozora", next: "phone-aozora-7", attrs: "camera_mp=32 battery_mah=4000 screen_inch=6.1", gone: true},
	}
}

func phoneShelves() []shelf {
	storage := []size{
		{"128", "128GB", "128 GB", "storage_gb", "128", 1},
		{"256", "256GB", "256 GB", "storage_gb", "256", 1.13},
		{"512", "512GB", "512 GB", "storage_gb", "512", 1.32},
	}
	var cases, films []row
	for _, m := range phoneModels() {
		model, fits := m.id[len("phone-"):], []string{m.id}
		cases = append(cases, row{id: "case-" + model, ja: m.ja + "用ケース", en: "Case for " + m.en, yen: 2480, fits: fits})
		films = append(films, row{id: "film-" + model, ja: m.ja + "用 強化ガラスフィルム", en: "Tempered glass film for " + m.en, yen: 1680, fits: fits})
	}
	return []shelf{
		{
			path: "Electronics/Phones/Smartphones", ja: "家電/スマホ/スマートフォン", brand: "Norivel", role: recommend.RoleMain, cost: .84, pop: .56,
			axes:  []recommend.UpgradeAxis{axis("storage_gb", "ストレージ (GB)", "Storage (GB)"), axis("camera_mp", "カメラ (MP)", "Camera (MP)"), axis("battery_mah", "電池 (mAh)", "Battery (mAh)")},
			sizes: storage, rows: phoneModels(),
		},
		{
			path: "Electronics/Phones/Cases", ja: "家電/スマホ/ケース", brand: "Tsutsumiko", role: recommend.RoleAccessory, cost: .32, pop: .09,
			sizes: []size{
				{"clear", "クリア", "clear", "color", "clear", 1},
				{"black", "ブラック", "black", "color", "black", 1},
				{"leather", "本革手帳型", "leather folio", "color", "brown", 1.9},
			},
			rows: cases,
		},
		{path: "Electronics/Phones/Screen films", ja: "家電/スマホ/保護フィルム", brand: "Tsutsumiko", role: recommend.RoleAccessory, cost: .28, pop: .04, rows: films},
		{
			path: "Electronics/Phones/Chargers", ja: "家電/スマホ/充電器", brand: "Denkichi Works", role: recommend.RoleAccessory, cost: .45, pop: .12,
			axes: []recommend.UpgradeAxis{axis("power_w", "出力 (W)", "Power (W)")},
			rows: []row{
				{id: "charger-usbc-20w", ja: "USB-C 急速充電器 20W", en: "USB-C fast charger 20 W", yen: 1980, family: "usbc-charger", next: "charger-usbc-45w", attrs: "power_w=20"},
				{id: "charger-usbc-45w", ja: "USB-C 急速充電器 45W", en: "USB-C fast charger 45 W", yen: 3180, family: "usbc-charger", next: "charger-usbc-65w", attrs: "power_w=45"},
				{id: "charger-usbc-65w", ja: "USB-C 急速充電器 65W 2ポート", en: "USB-C fast charger 65 W, two ports", yen: 4580, family: "usbc-charger", attrs: "power_w=65"},
				{id: "cable-usbc-1m", ja: "USB-C ケーブル 1m", en: "USB-C cable 1 m", yen: 980, attrs: "length_m=1"},
				{id: "cable-usbc-2m", ja: "USB-C ケーブル 2m", en: "USB-C cable 2 m", yen: 1280, attrs: "length_m=2"},
				{id: "charger-wireless-15w", ja: "ワイヤレス充電スタンド 15W", en: "Wireless charging stand 15 W", yen: 3980, tags: "gift", attrs: "power_w=15"},
				{id: "charger-car-30w", ja: "車載充電器 30W", en: "Car charger 30 W", yen: 1880, attrs: "power_w=30"},
			},
		},
		{
			path: "Electronics/Phones/Power banks", ja: "家電/スマホ/モバイルバッテリー", brand: "Denkichi Works", role: recommend.RoleAccessory, cost: .5, pop: .07,
			axes: []recommend.UpgradeAxis{axis("capacity_mah", "容量 (mAh)", "Capacity (mAh)")},
			rows: []row{
				{id: "powerbank-10000", ja: "モバイルバッテリー 10000mAh", en: "Power bank 10,000 mAh", yen: 3480, family: "powerbank", next: "powerbank-20000", attrs: "capacity_mah=10000"},
				{id: "powerbank-5000", ja: "モバイルバッテリー 5000mAh", en: "Power bank 5,000 mAh", yen: 2380, family: "powerbank", next: "powerbank-10000", attrs: "capacity_mah=5000"},
				{id: "powerbank-20000", ja: "モバイルバッテリー 20000mAh", en: "Power bank 20,000 mAh", yen: 5280, family: "powerbank", attrs: "capacity_mah=20000"},
			},
		},
		{
			path: "Electronics/Phones/Watches", ja: "家電/スマホ/スマートウォッチ", brand: "Norivel", role: recommend.RoleMain, cost: .7, pop: .12,
			axes: []recommend.UpgradeAxis{axis("battery_hours", "電池 (時間)", "Battery (hours)")},
			rows: []row{
				{id: "watch-tokino-2", ja: "スマートウォッチ トキノ2", en: "Tokino 2 smart watch", yen: 29800, family: "tokino", next: "watch-tokino-2-gps", attrs: "battery_hours=48", tags: "gift"},
				{id: "watch-tokino-1", ja: "スマートウォッチ トキノ1", en: "Tokino 1 smart watch", yen: 19800, family: "tokino", next: "watch-tokino-2", attrs: "battery_hours=30", tags: "sale", was: 25800},
				{id: "watch-tokino-2-gps", ja: "スマートウォッチ トキノ2 GPS", en: "Tokino 2 GPS smart watch", yen: 39800, family: "tokino", attrs: "battery_hours=72"},
			},
		},
		{
			path: "Electronics/Phones/Watch bands", ja: "家電/スマホ/ウォッチバンド", brand: "Tsutsumiko", role: recommend.RoleAccessory, cost: .3,
			rows: []row{
				{id: "band-tokino-silicone", ja: "トキノ用 シリコンバンド", en: "Silicone band for Tokino", yen: 1980, fits: []string{"watch-tokino-1", "watch-tokino-2", "watch-tokino-2-gps"}},
				{id: "band-tokino-leather", ja: "トキノ用 本革バンド", en: "Leather band for Tokino", yen: 4980, fits: []string{"watch-tokino-1", "watch-tokino-2", "watch-tokino-2-gps"}, tags: "gift"},
				{id: "band-tokino-steel", ja: "トキノ用 ステンレスバンド", en: "Steel band for Tokino", yen: 6480, fits: []string{"watch-tokino-1", "watch-tokino-2", "watch-tokino-2-gps"}},
			},
		},
		{
			path: "Services/Mobile plans", ja: "サービス/通信プラン", brand: "Osusume Mobile", role: recommend.RolePlan, cost: .55,
			axes: []recommend.UpgradeAxis{axis("data_gb", "データ容量 (GB)", "Data (GB)")},
			rows: []row{
				{id: "plan-data-20", ja: "データプラン 20GB 月額", en: "Data plan 20 GB, monthly", yen: 1980, family: "plan-data", next: "plan-data-50", attrs: "data_gb=20"},
				{id: "plan-data-5", ja: "データプラン 5GB 月額", en: "Data plan 5 GB, monthly", yen: 990, family: "plan-data", next: "plan-data-20", attrs: "data_gb=5"},
				{id: "plan-data-50", ja: "データプラン 50GB 月額", en: "Data plan 50 GB, monthly", yen: 2980, family: "plan-data", attrs: "data_gb=50"},
			},
		},
		{
			path: "Services/Care plans", ja: "サービス/延長保証", brand: "Osusume Care", role: recommend.RolePlan, cost: .4,
			rows: []row{
				{id: "care-phone", ja: "スマホ安心保証 2年", en: "Phone care, two years", yen: 9800},
				{id: "care-laptop", ja: "ノートPC安心保証 3年", en: "Laptop care, three years", yen: 14800},
				{id: "care-camera", ja: "カメラ安心保証 3年", en: "Camera care, three years", yen: 12800},
				{id: "care-home", ja: "生活家電安心保証 5年", en: "Home appliance care, five years", yen: 5800},
			},
		},
	}
}
