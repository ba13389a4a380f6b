package demoshop

import "osusume/recommend"

func cameraShelves() []shelf {
	return []shelf{
		{
			path: "Electronics/Cameras/Mirrorless", ja: "家電/カメラ/ミラーレス", brand: "Hikaron", role: recommend.RoleMain, cost: .8, pop: .4,
			axes: []recommend.UpgradeAxis{axis("megapixels", "画素数 (MP)", "Resolution (MP)"), axis("burst_fps", "連写 (コマ/秒)", "Burst (frames/s)")},
			rows: []row{
				{id: "camera-hikari-m2", ja: "ミラーレスカメラ ヒカリM2", en: "Hikari M2 mirrorless camera", yen: 128000, family: "hikari", next: "camera-hikari-m2-pro", attrs: "megapixels=26 burst_fps=11 mount=hk"},
				{id: "camera-hikari-m1", ja: "ミラーレスカメラ ヒカリM1", en: "Hikari M1 mirrorless camera", yen: 89800, family: "hikari", next: "camera-hikari-m2", attrs: "megapixels=20 burst_fps=8 mount=hk"},
				{id: "camera-hikari-m2-pro", ja: "ミラーレスカメラ ヒカリM2 プロ", en: "Hikari M2 Pro mirrorless camera", yen: 188000, family: "hikari", attrs: "megapixels=33 burst_fps=20 mount=hk", tags: "new"},
			},
		},
		{
			path: "Electronics/Cameras/Compact", ja: "家電/カメラ/コンパクト", brand: "Hikaron", role: recommend.RoleMain, cost: .76, pop: .16,
			rows: []row{
				{id: "camera-instant", ja: "インスタントカメラ パシャ", en: "Pasha instant camera", yen: 9980, tags: "gift", attrs: "film=pasha"},
				{id: "camera-compact", ja: "コンパクトカメラ ポケット", en: "Pocket compact camera", yen: 39800},
				{id: "camera-action", ja: "アクションカメラ 4K 防水", en: "Waterproof 4K action camera", yen: 34800, tags: "summer"},
			},
		},
		{
			path: "Electronics/Cameras/Instant film", ja: "家電/カメラ/インスタントフィルム", brand: "Hikaron", role: recommend.RoleConsumable, cost: .55, cycle: cycle{35, 6}, pop: .03,
			rows: []row{
				{id: "film-pasha-20", ja: "パシャ用フィルム 20枚", en: "Pasha film, 20 shots", yen: 1680, fits: []string{"camera-instant"}},
				{id: "film-pasha-mono", ja: "パシャ用モノクロフィルム 10枚", en: "Pasha monochrome film, 10 shots", yen: 1080, fits: []string{"camera-instant"}},
			},
		},
		{
			path: "Electronics/Cameras/Lenses", ja: "家電/カメラ/レンズ", brand: "Hikaron", role: recommend.RoleAccessory, cost: .72, pop: .24,
			rows: []row{
				{id: "lens-35-18", ja: "単焦点レンズ 35mm F1.8", en: "Prime lens 35 mm F1.8", yen: 39800, fits: []string{"mount=hk"}, attrs: "focal_mm=35 filter_mm=49"},
				{id: "lens-18-55", ja: "標準ズームレンズ 18-55mm", en: "Standard zoom 18-55 mm", yen: 29800, fits: []string{"mount=hk"}, attrs: "focal_mm=18-55 filter_mm=58"},
				{id: "lens-50-14", ja: "単焦点レンズ 50mm F1.4", en: "Prime lens 50 mm F1.4", yen: 58000, fits: []string{"mount=hk"}, attrs: "focal_mm=50 filter_mm=58"},
				{id: "lens-55-250", ja: "望遠ズームレンズ 55-250mm", en: "Telephoto zoom 55-250 mm", yen: 48000, fits: []string{"mount=hk"}, attrs: "focal_mm=55-250 filter_mm=67"},
				{id: "lens-90-macro", ja: "マクロレンズ 90mm F2.8", en: "Macro lens 90 mm F2.8", yen: 62000, fits: []string{"mount=hk"}, attrs: "focal_mm=90 filter_mm=49"},
				{id: "lens-10-20", ja: "超広角ズームレンズ 10-20mm", en: "Ultra-wide zoom 10-20 mm", yen: 68000, fits: []string{"mount=hk"}, attrs: "focal_mm=10-20 filter_mm=67"},
			},
		},
		{
			path: "Electronics/Cameras/Batteries and cards", ja: "家電/カメラ/バッテリー・カード", brand: "Hikaron", role: recommend.RoleAccessory, cost: .45, pop: .07,
			axes: []recommend.UpgradeAxis{axis("storage_gb", "容量 (GB)", "Capacity (GB)")},
			rows: []row{
				{id: "sd-128", ja: "SDカード 128GB", en: "SD card 128 GB", yen: 2980, family: "sd", next: "sd-256", attrs: "storage_gb=128"},
				{id: "battery-hikari", ja: "ヒカリ用 予備バッテリー", en: "Spare battery for Hikari", yen: 5980, fits: []string{"camera-hikari-m1", "camera-hikari-m2", "camera-hikari-m2-pro"}},
				{id: "sd-256", ja: "SDカード 256GB", en: "SD card 256 GB", yen: 4480, family: "sd", attrs: "storage_gb=256"},
				{id: "sd-64", ja: "SDカード 64GB", en: "SD card 64 GB", yen: 1980, family: "sd", next: "sd-128", attrs: "storage_gb=64"},
				{id: "charger-hikari", ja: "ヒカリ用 デュアル充電器", en: "Dual charger for Hikari", yen: 3980, fits: []string{"camera-hikari-m1", "camera-hikari-m2", "camera-hikari-m2-pro"}},
			},
		},
		{
			path: "Electronics/Cameras/Lens filters", ja: "家電/カメラ/レンズフィルター", brand: "Hikaron", role: recommend.RoleAccessory, cost: .3,
			rows: []row{
				{id: "filter-uv-49", ja: "保護フィルター 49mm", en: "Protection filter 49 mm", yen: 1980, fits: []string{"filter_mm=49"}},
				{id: "filter-uv-58", ja: "保護フィルター 58mm", en: "Protection filter 58 mm", yen: 2280, fits: []string{"filter_mm=58"}},
				{id: "filter-uv-67", ja: "保護フィルター 67mm", en: "Protection filter 67 mm", yen: 2680, fits: []string{"filter_mm=67"}},
				{id: "filter-pl-67", ja: "偏光フィルター 67mm", en: "Polarising filter 67 mm", yen: 5480, fits: []string{"filter_mm=67"}},
			},
		},
		{
			path: "Electronics/Cameras/Bags and tripods", ja: "家電/カメラ/バッグ・三脚", brand: "Hikaron", role: recommend.RoleAccessory, cost: .45, pop: .1,
			rows: []row{
				{id: "camerabag-sling", ja: "カメラスリングバッグ", en: "Camera sling bag", yen: 6980},
				{id: "tripod-travel", ja: "トラベル三脚", en: "Travel tripod", yen: 8980},
				{id: "camerabag-backpack", ja: "カメラバックパック 20L", en: "Camera backpack 20 l", yen: 14800},
				{id: "strap-leather", ja: "本革カメラストラップ", en: "Leather camera strap", yen: 4980, tags: "gift"},
				{id: "tripod-mini", ja: "ミニ三脚", en: "Mini tripod", yen: 2480},
				{id: "camera-cleaning", ja: "カメラクリーニングキット", en: "Camera cleaning kit", yen: 1880},
				{id: "mount-action", ja: "アクションカメラ用マウントセット", en: "Action camera mount set", yen: 2980, fits: []string{"camera-action"}},
			},
		},
	}
}
