package condition

import "strings"

// closest returns the variable of scope that name was most likely meant to
// be, or "".
func closest(name string, scope Scope) string {
	best, bestDistance := "", max(2, len(name)/4)+1
	for i := range words().variables {
		w := &words().variables[i]
		if !w.In(scope) {
			continue
		}
		d := distance(strings.ToLower(name), w.Name)
		if _, last, ok := strings.Cut(w.Name, "."); ok && (last == name || strings.HasSuffix(name, "."+last)) {
			d = min(d, 1) // the right word without its family, or of another
		}
		if strings.HasPrefix(name, w.Name+".") {
			d = 0
		}
		if d < bestDistance {
			best, bestDistance = w.Name, d
		}
	}
	return best
}

// distance is Levenshtein's: the least number of bytes put in, taken out or
// changed between a and b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
