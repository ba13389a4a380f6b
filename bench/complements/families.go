package complements

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// colours and designs are the words that tell models of one product apart, fill
// the words that say how many, how large, or nothing.
const (
	colours = `red blue pink green white black cream ivory yellow orange purple brown grey gray silver gold
		golden bronze copper turquoise turq lilac mint natural clear aqua aquamarine amber amethyst ruby emerald
		topaz colour coloured multicolour multi assorted asst asstd fuschia magenta dark pale pastel rainbow
		jade peach olive navy charcoal chocolate beige diamante`
	designs = `retrospot retro spot spotty polkadot polka dot stripe striped stripey paisley gingham check
		checked tartan floral flower daisy rose design pattern print vintage antique christmas xmas easter skull
		leaf star butterfly bird lovebird dolly girl boy circus parade regency suki scandinavian nordic woodland
		strawberry apple pear owl doiley doily baroque alphabet union jack tutti frutti charlie lola london cherry
		blossom fairy`
	fill = `children childrens child childs small large medium big giant tiny set of pack piece pc pcs cm tier
		and with in the a for to on des`
)

// byTitles and byCodes are what families are found by.
const (
	byTitles = "titles"
	byCodes  = "codes"
)

// familiesBy names the family of each item by its title or its stock code.
func familiesBy(by string, titles map[string]string) (map[string]string, error) {
	switch by {
	case byTitles:
		return Families(titles), nil
	case byCodes:
		families := make(map[string]string, len(titles))
		for id := range titles {
			if number := codeNumber(id); number != "" {
				families[id] = number
			}
		}
		return families, nil
	default:
		return nil, fmt.Errorf("--families: must be %s or %s, got %q", byTitles, byCodes, by)
	}
}

// Families names the family of each item from its English title.
//
// A title is a noun phrase in capitals with what tells models apart strewn in
// ("PACK OF 72 RETROSPOT CAKE CASES", "JUMBO BAG PINK POLKADOT"). Colours,
// designs, sizes, counts and fill words are left out and plurals cut. Of the pairs
// of neighbouring words that remain, the family is the one most titles share, at
// least two; of equal ones the last, where English puts the head of the phrase.
// Titles without such a pair are their remaining words. So are the cake cases of
// any pattern "cake case", and all jumbo bags "jumbo bag".
//
// The rule errs both ways: it joins by a shared motif what are different things
// ("home sweet home" on a mug and on a doormat), and parts what is alike but named
// otherwise. An item whose title has no word left has no family.
func Families(titles map[string]string) map[string]string {
	dropped := make(map[string]bool)
	for _, w := range strings.Fields(colours + " " + designs + " " + fill) {
		dropped[w] = true
	}
	words := make(map[string][]string, len(titles))
	shared := make(map[string]int)
	for id, title := range titles {
		w := nouns(title, dropped)
		words[id] = w
		once := make(map[string]bool)
		for i := 1; i < len(w); i++ {
			once[w[i-1]+" "+w[i]] = true
		}
		for pair := range once {
			shared[pair]++
		}
	}
	families := make(map[string]string, len(titles))
	for _, id := range slices.Sorted(maps.Keys(words)) {
		w := words[id]
		best, most := strings.Join(w, " "), 1
		for i := 1; i < len(w); i++ {
			if pair := w[i-1] + " " + w[i]; shared[pair] > 1 && shared[pair] >= most {
				best, most = pair, shared[pair]
			}
		}
		if best != "" {
			families[id] = best
		}
	}
	return families
}

// nouns returns the words of a title that say what a thing is.
func nouns(title string, dropped map[string]bool) []string {
	title = strings.ToLower(title)
	title = strings.NewReplacer("t-light", "tlight", "t light", "tlight", "'s", "s").Replace(title)
	var out []string
	for _, w := range strings.FieldsFunc(title, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		if strings.ContainsAny(w, "0123456789") || len(w) == 1 {
			continue
		}
		if len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") {
			if !dropped[w] {
				w = w[:len(w)-1]
			}
		}
		if !dropped[w] {
			out = append(out, w)
		}
	}
	return out
}

// Variants reports whether two stock codes differ in their letters alone.
func Variants(a, b string) bool { return a != b && codeNumber(a) == codeNumber(b) }

// codeNumber is a stock code without the letters at its end, which tell variants apart.
func codeNumber(code string) string { return strings.TrimRight(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") }
