package demoshop

import (
	"fmt"

	"osusume/recommend"
)

// minVolumes keeps every series long enough to follow.
const minVolumes = 5

// bookShelves makes series of numbered volumes, about n items in all; buyers
// of one volume come back for the next. Their number is what scales the
// catalog to any wanted size.
func bookShelves(n int) []shelf {
	first := [...]struct{ ja, en string }{
		{"月影の", "Moonlit"},
		{"雨宿りの", "Rain Shelter"},
		{"星くずの", "Stardust"},
		{"風待ちの", "Waiting Wind"},
		{"路地裏の", "Back Alley"},
		{"海辺の", "Seaside"},
		{"雪どけの", "Snowmelt"},
		{"夕凪の", "Evening Calm"},
		{"八月の", "August"},
		{"空飛ぶ", "Flying"},
		{"真夜中の", "Midnight"},
		{"ひだまりの", "Sunny Spot"},
	}
	second := [...]struct{ ja, en string }{
		{"探偵舎", "Detectives"},
		{"食堂", "Diner"},
		{"図書係", "Librarian"},
		{"郵便局", "Post Office"},
		{"天文部", "Astronomy Club"},
		{"写真館", "Photo Studio"},
		{"修理屋", "Repair Shop"},
		{"温泉宿", "Hot Spring Inn"},
		{"将棋部", "Shogi Club"},
		{"動物園", "Zoo"},
		{"薬師", "Apothecary"},
		{"楽団", "Orchestra"},
	}
	genres := [...]struct {
		path, ja, kind, enKind string
		yen                    int64
	}{
		{"Books/Manga", "本/マンガ", "マンガ", "manga", 594},
		{"Books/Novels", "本/小説", "小説", "novel", 792},
		{"Books/Cooking", "本/料理", "料理本", "cookbook", 1430},
	}
	shelves := make([]shelf, len(genres))
	for g, genre := range genres {
		shelves[g] = shelf{
			path: genre.path, ja: genre.ja, brand: "Nagareboshi Press", cost: .76, pop: 1 / float64(g+1),
		}
	}
	series := max(12, n/12)
	for k := range series {
		volumes := n / series
		if k < n%series {
			volumes++
		}
		volumes = max(volumes, minVolumes)
		a, b := first[k%len(first)], second[(k+k/len(first))%len(second)]
		ja, en := a.ja+b.ja, "The "+a.en+" "+b.en
		if cast := k / (len(first) * len(second)); cast > 0 {
			ja, en = fmt.Sprintf("%s 第%d部", ja, cast+1), fmt.Sprintf("%s, part %d", en, cast+1)
		}
		g := [...]int{0, 1, 0, 2}[k%4]
		genre := genres[g]
		for v := range volumes {
			shelves[g].rows = append(shelves[g].rows, row{
				id:     fmt.Sprintf("book-%03d-v%02d", k+1, v+1),
				ja:     fmt.Sprintf("%s %d巻 (%s)", ja, v+1, genre.kind),
				en:     fmt.Sprintf("%s, volume %d (%s)", en, v+1, genre.enKind),
				yen:    genre.yen,
				family: fmt.Sprintf("book-%03d", k+1),
				attrs:  fmt.Sprintf("series=book-%03d volume=%d", k+1, v+1),
			})
		}
	}
	for g := range shelves {
		shelves[g].role = recommend.RoleNone
	}
	return shelves
}
