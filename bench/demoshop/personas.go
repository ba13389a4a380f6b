package demoshop

import "osusume/recommend"

// persona is a named customer who does exactly what the steps say.
type persona struct {
	id, segment string
	story       recommend.Text
	expect      []string // what a good list for them holds: categories or item ids
	steps       []step
}

// step is one visit: what was looked at and what was bought, so many days
// before the end (1 is the last day).
type step struct {
	daysAgo   int
	view, buy []string
}

// every repeats a purchase, the last time `first` days ago.
func every(days, first, times int, buy ...string) []step {
	steps := make([]step, 0, times)
	for i := range times {
		steps = append(steps, step{daysAgo: first + i*days, view: buy[:1], buy: buy})
	}
	return steps
}

func personas() []persona {
	return []persona{
		{
			id: "c-coffee", segment: "coffee-lovers",
			story: recommend.Text{
				"en": "Brews by hand. Bought a ceramic dripper and a server half a year ago and Ethiopia beans every three weeks since; the next bag is due. Never bought paper filters here. Looked at hand grinders last week.",
				"ja": "ハンドドリップ派。半年前に陶器ドリッパーとサーバーを買い、エチオピアの豆を3週間ごとに購入、そろそろ次の時期。フィルターはまだ買っていない。先週、手挽きミルを見ていた。",
			},
			expect: []string{"Coffee"},
			steps: append(every(21, 20, 8, "beans-ethiopia-200"),
				step{180, []string{"dripper-cone-ceramic", "dripper-cone-glass", "server-glass"}, []string{"dripper-cone-ceramic", "server-glass"}},
				step{70, []string{"beans-kenya-200", "beans-guatemala-200"}, []string{"beans-guatemala-200"}},
				step{6, []string{"grinder-hand", "grinder-hand-pro"}, nil},
			),
		},
		{
			id: "c-newparent", segment: "parents",
			story: recommend.Text{
				"en": "A baby came two months ago: stroller first, newborn diapers every two weeks, then size S. Has not bought wipes or a rain cover yet.",
				"ja": "2か月前に赤ちゃんが生まれた。まずベビーカー、新生児おむつを2週間ごと、そしてSサイズへ。おしりふきとレインカバーはまだ。",
			},
			expect: []string{"Baby"},
			steps: append(every(14, 26, 3, "diaper-newborn"),
				step{75, []string{"stroller-ayumi-2", "stroller-ayumi-1"}, []string{"stroller-ayumi-1"}},
				step{54, []string{"formula-800", "bottle-baby-240"}, []string{"formula-800", "bottle-baby-240"}},
				step{12, []string{"diaper-s", "diaper-organic-s"}, []string{"diaper-s"}},
				step{3, []string{"carrier-baby", "toy-gym"}, nil},
			),
		},
		{
			id: "c-gamer", segment: "gamers",
			story: recommend.Text{
				"en": "Bought a Mugen console with the first Star Readers game in winter and two more games since; looks at gaming laptops.",
				"ja": "冬にゲーム機ムゲンと星読み伝説を購入、その後ソフトを2本。最近はゲーミングノートPCを見ている。",
			},
			expect: []string{"Games", "Electronics/Computers"},
			steps: []step{
				{160, []string{"console-mugen-1tb", "console-mugen-512"}, []string{"console-mugen-512", "game-hoshi-densetsu"}},
				{110, []string{"game-kart-matsuri", "game-ninja-kage"}, []string{"game-ninja-kage"}},
				{50, []string{"game-yokai-night", "game-robot-arena"}, []string{"game-robot-arena"}},
				{5, []string{"laptop-raiden-15-16", "laptop-raiden-16-16", "mouse-gaming"}, nil},
			},
		},
		{
			id: "c-photo", segment: "photographers",
			story: recommend.Text{
				"en": "Started with a Hikari M1 and the standard zoom, added a telephoto lens, and now looks at the M2 for the third time.",
				"ja": "ヒカリM1と標準ズームで始め、望遠レンズを追加。いまM2を見るのは3回目。",
			},
			expect: []string{"Electronics/Cameras"},
			steps: []step{
				{240, []string{"camera-hikari-m1", "camera-compact"}, []string{"camera-hikari-m1", "lens-18-55"}},
				{120, []string{"lens-55-250", "lens-35-18"}, []string{"lens-55-250"}},
				{20, []string{"camera-hikari-m2"}, nil},
				{9, []string{"camera-hikari-m2", "camera-hikari-m2-pro"}, nil},
				{2, []string{"camera-hikari-m2"}, nil},
			},
		},
		{
			id: "c-cat", segment: "pet-owners",
			story: recommend.Text{
				"en": "Lives with a cat: salmon food every four weeks, hinoki litter in between, a cat tower in autumn. No dog.",
				"ja": "猫と暮らす。サーモンのフードを4週間ごと、ひのきの猫砂も。秋にキャットタワーを購入。犬はいない。",
			},
			expect: []string{"Pets"},
			steps: append(append(every(28, 25, 9, "catfood-salmon-1kg"), every(24, 10, 8, "litter-hinoki")...),
				step{230, []string{"tower-cat", "bed-pet"}, []string{"tower-cat"}},
				step{4, []string{"treat-cat-stick", "fountain-pet"}, nil},
			),
		},
		{
			id: "c-newphone", segment: "gadget-fans",
			story: recommend.Text{
				"en": "Bought an Aozora 8 with 128 GB yesterday and nothing to protect it with.",
				"ja": "昨日アオゾラ8 (128GB) を購入。ケースもフィルムもまだ。",
			},
			expect: []string{"film-aozora-8", "case-aozora-8-clear", "charger-usbc-20w"},
			steps: []step{
				{4, []string{"phone-aozora-8-128", "phone-aozora-7-128", "phone-aozora-8-256"}, nil},
				{1, []string{"phone-aozora-8-128"}, []string{"phone-aozora-8-128"}},
			},
		},
		{
			id: "c-looking", segment: "writers",
			story: recommend.Text{
				"en": "Never bought anything; came once, three days ago, and looked at fountain pens and a blue ink.",
				"ja": "購入はまだ。3日前に一度だけ来て、万年筆と青いインクを見た。",
			},
			expect: []string{"Stationery"},
			steps:  []step{{3, []string{"pen-shizuku-f", "pen-nagare-f", "ink-asagao"}, nil}},
		},
		{
			id: "c-away", segment: "skin-care",
			story: recommend.Text{
				"en": "A good customer for five months, rice bran lotion and cream like clockwork, then silence for half a year.",
				"ja": "5か月間、米ぬか化粧水とクリームを欠かさず購入。その後半年、音沙汰がない。",
			},
			expect: []string{"Beauty"},
			steps:  every(40, 185, 4, "lotion-komenuka-refill", "cream-komenuka"),
		},
	}
}
