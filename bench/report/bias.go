package report

import (
	"cmp"
	"slices"

	"osusume/bench/eval"
)

// deciles is how many equal parts of the catalog the popularity bias is shown
// for.
const deciles = 10

// popularityDeciles splits the items of train by how often they were taken:
// part 0 is the most popular tenth. Ties go by id.
func popularityDeciles(uses map[string]eval.Use) map[string]int {
	ids := make([]string, 0, len(uses))
	for id := range uses {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(uses[b].Taken, uses[a].Taken), cmp.Compare(a, b))
	})
	part := make(map[string]int, len(ids))
	for i, id := range ids {
		part[id] = i * deciles / len(ids)
	}
	return part
}

// takenShare is the share of all purchases (ratings, views) per decile.
func takenShare(uses map[string]eval.Use, part map[string]int) []float64 {
	out := make([]float64, deciles)
	total := 0
	for id, u := range uses {
		out[part[id]] += float64(u.Taken) // whole numbers: any order sums to the same
		total += u.Taken
	}
	return shares(out, float64(total))
}

// shownShare is the share of the places of all lists per decile. Items that
// train does not know are in no decile.
func shownShare(v *eval.Variant, k int, part map[string]int) []float64 {
	out := make([]float64, deciles)
	total := 0.0
	for _, list := range v.Lists {
		for _, id := range list[:min(k, len(list))] {
			if p, ok := part[id]; ok {
				out[p]++
				total++
			}
		}
	}
	return shares(out, total)
}

func shares(parts []float64, total float64) []float64 {
	if total > 0 {
		for i := range parts {
			parts[i] /= total
		}
	}
	return parts
}
