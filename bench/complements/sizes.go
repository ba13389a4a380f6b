package complements

import (
	"slices"

	"osusume/bench/datasets"
)

// Sizes tells how much of the catalog families take up. A family that held half of it
// would make "other families" a claim about nothing.
type Sizes struct {
	Items int `json:"items"`
	// Families are those of two items or more; InFamilies the items they have.
	Families   int `json:"families"`
	InFamilies int `json:"items_in_families"`
	// Median, P90 and Max are sizes of those families.
	Median int `json:"median"`
	P90    int `json:"p90"`
	Max    int `json:"max"`
	// Rest is the share of the items to be found that are of the seed's family.
	Rest float64 `json:"rest_in_family"`
}

func measureFamilies(families map[string]string, cases []datasets.Basket) Sizes {
	of := make(map[string]int)
	for _, f := range families {
		of[f]++
	}
	s := Sizes{Items: len(families)}
	var sizes []int
	for _, n := range of {
		if n > 1 {
			s.Families++
			s.InFamilies += n
			sizes = append(sizes, n)
		}
	}
	if len(sizes) > 0 {
		slices.Sort(sizes)
		s.Median, s.P90, s.Max = sizes[(len(sizes)-1)/2], sizes[(len(sizes)-1)*9/10], sizes[len(sizes)-1]
	}
	all, same := 0, 0
	for i := range cases {
		for _, id := range cases[i].Rest {
			all++
			if sameFamily(families, cases[i].Seed, id) {
				same++
			}
		}
	}
	s.Rest = float64(same) / float64(max(all, 1))
	return s
}
