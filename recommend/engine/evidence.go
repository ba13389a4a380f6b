package engine

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"osusume/recommend/evidence"
)

// describe tells the evidence which family, group and leaf category an item is of.
func (x *Index) describe(item uint32) {
	family, group, leaf := x.catalog.Relatives(item)
	x.evidence.SetFacts(item, evidence.Facts{Family: family, Group: group, Leaf: leaf})
}

// EvidenceBehind reports whether RecountEvidence has something to do.
func (x *Index) EvidenceBehind() bool { return x.evidence.Behind() }

// RecountEvidence counts the evidence for upsell anew where families changed or a
// checkpoint was read, until it is done or more returns false; it reports whether it
// is done. Records may be applied between two calls.
func (x *Index) RecountEvidence(more func() bool) bool {
	return x.evidence.Recount(x.visitors, more)
}

// digestEvidence writes down the evidence about an item.
func digestEvidence(w io.Writer, v evidence.View, item uint32, name func(uint32) string) {
	var others []string
	for other, p := range v.Others(item) {
		others = append(others, fmt.Sprintf(" %q %+v", name(other), p))
	}
	slices.Sort(others)
	fmt.Fprintf(w, " evidence %+v %+v:%s\n", v.Item(item), v.Repeat(item), strings.Join(others, ""))
}
