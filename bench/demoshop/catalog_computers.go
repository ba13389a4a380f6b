package demoshop

import "osusume/recommend"

func computerShelves() []shelf {
	laptopAxes := []recommend.UpgradeAxis{axis("memory_gb", "メモリ (GB)", "Memory (GB)"), axis("battery_hours", "電池 (時間)", "Battery (hours)"), axis("screen_inch", "画面 (インチ)", "Screen (inch)")}
	return []shelf{
		{
			path: "Electronics/Computers/Laptops", ja: "家電/パソコン/ノートPC", brand: "Tabiron", role: recommend.RoleMain, cost: .83, pop: .34, axes: laptopAxes,
			sizes: []size{
				{"16", "メモリ16GB", "16 GB", "memory_gb", "16", 1},
				{"32", "メモリ32GB", "32 GB", "memory_gb", "32", 1.18},
			},
			rows: []row{
				{id: "laptop-karui-13", ja: "ノートPC カルイ13", en: "Karui 13 laptop", yen: 118000, family: "karui", next: "laptop-karui-14", attrs: "battery_hours=15 screen_inch=13"},
				{id: "laptop-karui-14", ja: "ノートPC カルイ14", en: "Karui 14 laptop", yen: 148000, family: "karui", attrs: "battery_hours=18 screen_inch=14", tags: "new"},
				{id: "laptop-raiden-16", ja: "ゲーミングノートPC ライデン16", en: "Raiden 16 gaming laptop", yen: 218000, family: "raiden", attrs: "battery_hours=7 screen_inch=16"},
				{id: "laptop-raiden-15", ja: "ゲーミングノートPC ライデン15", en: "Raiden 15 gaming laptop", yen: 168000, family: "raiden", next: "laptop-raiden-16", attrs: "battery_hours=6 screen_inch=15"},
				{id: "laptop-manabi-11", ja: "学習用ノートPC マナビ11", en: "Manabi 11 study laptop", yen: 59800, family: "manabi", attrs: "battery_hours=12 screen_inch=11"},
			},
		},
		{
			path: "Electronics/Computers/Tablets", ja: "家電/パソコン/タブレット", brand: "Norivel", role: recommend.RoleMain, cost: .8, pop: .28,
			axes: []recommend.UpgradeAxis{axis("storage_gb", "ストレージ (GB)", "Storage (GB)"), axis("screen_inch", "画面 (インチ)", "Screen (inch)")},
			sizes: []size{
				{"128", "128GB", "128 GB", "storage_gb", "128", 1},
				{"256", "256GB", "256 GB", "storage_gb", "256", 1.2},
			},
			rows: []row{
				{id: "tablet-ehon-11", ja: "タブレット エホン11", en: "Ehon 11 tablet", yen: 58800, family: "ehon", next: "tablet-ehon-13", attrs: "screen_inch=11"},
				{id: "tablet-ehon-8", ja: "タブレット エホン8", en: "Ehon 8 tablet", yen: 39800, family: "ehon", next: "tablet-ehon-11", attrs: "screen_inch=8", tags: "gift"},
				{id: "tablet-ehon-13", ja: "タブレット エホン13", en: "Ehon 13 tablet", yen: 89800, family: "ehon", attrs: "screen_inch=13"},
			},
		},
		{
			path: "Electronics/Computers/Tablet accessories", ja: "家電/パソコン/タブレット用品", brand: "Tsutsumiko", role: recommend.RoleAccessory, cost: .4, pop: .05,
			rows: []row{
				{id: "pen-ehon", ja: "エホン用 スタイラスペン", en: "Stylus for Ehon", yen: 8980, fits: []string{"tablet-ehon-8", "tablet-ehon-11", "tablet-ehon-13"}},
				{id: "cover-ehon-11", ja: "エホン11用 カバー", en: "Cover for Ehon 11", yen: 3980, fits: []string{"tablet-ehon-11"}},
				{id: "cover-ehon-8", ja: "エホン8用 カバー", en: "Cover for Ehon 8", yen: 3480, fits: []string{"tablet-ehon-8"}},
				{id: "cover-ehon-13", ja: "エホン13用 カバー", en: "Cover for Ehon 13", yen: 4980, fits: []string{"tablet-ehon-13"}},
				{id: "film-ehon-11", ja: "エホン11用 ペーパーライクフィルム", en: "Paper-feel film for Ehon 11", yen: 1980, fits: []string{"tablet-ehon-11"}},
				{id: "film-ehon-13", ja: "エホン13用 ペーパーライクフィルム", en: "Paper-feel film for Ehon 13", yen: 2480, fits: []string{"tablet-ehon-13"}},
				{id: "keyboard-ehon", ja: "エホン用 キーボードカバー", en: "Keyboard cover for Ehon", yen: 9980, fits: []string{"tablet-ehon-11", "tablet-ehon-13"}},
			},
		},
		{
			path: "Electronics/Computers/Sleeves and hubs", ja: "家電/パソコン/スリーブ・ハブ", brand: "Tabiron", role: recommend.RoleAccessory, cost: .4, pop: .05,
			rows: []row{
				{id: "hub-usbc-7in1", ja: "USB-C ハブ 7in1", en: "USB-C hub, seven in one", yen: 5480, fits: []string{"laptop-karui-13", "laptop-karui-14", "laptop-raiden-16"}},
				{id: "sleeve-13", ja: "PCスリーブ 13インチ", en: "Laptop sleeve 13 inch", yen: 2980, fits: []string{"laptop-karui-13"}, tags: "eco"},
				{id: "sleeve-14", ja: "PCスリーブ 14インチ", en: "Laptop sleeve 14 inch", yen: 3180, fits: []string{"laptop-karui-14"}, tags: "eco"},
				{id: "sleeve-16", ja: "PCスリーブ 16インチ", en: "Laptop sleeve 16 inch", yen: 3480, fits: []string{"laptop-raiden-16"}},
				{id: "stand-laptop", ja: "アルミ PCスタンド", en: "Aluminium laptop stand", yen: 3980},
				{id: "cooler-laptop", ja: "ノートPC冷却台", en: "Laptop cooling pad", yen: 3280, fits: []string{"laptop-raiden-15", "laptop-raiden-16"}},
			},
		},
		{
			path: "Electronics/Computers/Mice and keyboards", ja: "家電/パソコン/マウス・キーボード", brand: "Kachikachi", role: recommend.RoleAccessory, cost: .5, pop: .14,
			rows: []row{
				{id: "mouse-silent", ja: "静音ワイヤレスマウス", en: "Silent wireless mouse", yen: 2480},
				{id: "mouse-gaming", ja: "軽量ゲーミングマウス", en: "Light gaming mouse", yen: 6980},
				{id: "keyboard-mecha", ja: "メカニカルキーボード 茶軸", en: "Mechanical keyboard, brown switches", yen: 12800},
				{id: "keyboard-slim", ja: "薄型ワイヤレスキーボード", en: "Slim wireless keyboard", yen: 5980},
				{id: "mouse-trackball", ja: "トラックボールマウス", en: "Trackball mouse", yen: 5480},
				{id: "mousepad-xl", ja: "ゲーミングマウスパッド XL", en: "Gaming mouse pad XL", yen: 2280},
				{id: "keyboard-split", ja: "分割エルゴノミクスキーボード", en: "Split ergonomic keyboard", yen: 18800},
			},
		},
		{
			path: "Electronics/Computers/Monitors", ja: "家電/パソコン/モニター", brand: "Tabiron", role: recommend.RoleMain, cost: .76, pop: .1,
			axes: []recommend.UpgradeAxis{axis("screen_inch", "画面 (インチ)", "Screen (inch)"), axis("refresh_hz", "リフレッシュレート (Hz)", "Refresh rate (Hz)")},
			rows: []row{
				{id: "monitor-24", ja: "モニター 24インチ", en: "24-inch monitor", yen: 19800, family: "mado", next: "monitor-27", attrs: "screen_inch=24 refresh_hz=75"},
				{id: "monitor-27", ja: "モニター 27インチ 4K", en: "27-inch 4K monitor", yen: 29800, family: "mado", next: "monitor-32", attrs: "screen_inch=27 refresh_hz=75"},
				{id: "monitor-27-gaming", ja: "ゲーミングモニター 27インチ 165Hz", en: "27-inch gaming monitor 165 Hz", yen: 39800, attrs: "screen_inch=27 refresh_hz=165"},
				{id: "monitor-32", ja: "モニター 32インチ 4K", en: "32-inch 4K monitor", yen: 45800, family: "mado", attrs: "screen_inch=32 refresh_hz=75"},
			},
		},
		{
			path: "Electronics/Computers/Storage", ja: "家電/パソコン/ストレージ", brand: "Kuramoto Data", role: recommend.RoleAccessory, cost: .6, pop: .04,
			axes: []recommend.UpgradeAxis{axis("storage_gb", "容量 (GB)", "Capacity (GB)")},
			rows: []row{
				{id: "ssd-portable-1tb", ja: "ポータブルSSD 1TB", en: "Portable SSD 1 TB", yen: 12800, family: "ssd-portable", next: "ssd-portable-2tb", attrs: "storage_gb=1000"},
				{id: "ssd-portable-2tb", ja: "ポータブルSSD 2TB", en: "Portable SSD 2 TB", yen: 19800, family: "ssd-portable", attrs: "storage_gb=2000"},
				{id: "usb-memory-128", ja: "USBメモリ 128GB", en: "USB stick 128 GB", yen: 1980, attrs: "storage_gb=128"},
			},
		},
		{
			path: "Electronics/Computers/Printers", ja: "家電/パソコン/プリンター", brand: "Suriya", role: recommend.RoleMain, cost: .78,
			rows: []row{
				{id: "printer-home", ja: "家庭用インクジェットプリンター", en: "Home inkjet printer", yen: 14800},
				{id: "printer-photo", ja: "フォトプリンター", en: "Photo printer", yen: 28800},
			},
		},
		{
			path: "Electronics/Computers/Ink", ja: "家電/パソコン/インク", brand: "Suriya", role: recommend.RoleConsumable, cost: .4, cycle: cycle{60, 9},
			rows: []row{
				{id: "ink-printer-4c", ja: "プリンターインク 4色パック", en: "Printer ink, four colours", yen: 3980, fits: []string{"printer-home"}},
				{id: "ink-printer-6c", ja: "フォトプリンターインク 6色パック", en: "Photo printer ink, six colours", yen: 5980, fits: []string{"printer-photo"}},
			},
		},
	}
}
