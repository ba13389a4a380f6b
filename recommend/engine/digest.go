package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"osusume/recommend/cooccur"
	"osusume/recommend/profile"
)

// Digest identifies the whole state by external ids alone: histories, counts,
// evidence, lists and catalog. Learned lists are left out: they follow from the histories,
// up to the solver's tolerance. Indexes with equal digests give the same lists, however
// their records were batched and in whatever order independent ones came.
// Refresh first; the cost is that of writing everything down.
func (x *Index) Digest() string {
	h := sha256.New()
	names := x.catalog.Snapshot()
	order := make([]uint32, names.Len())
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return strings.Compare(names.ID(a), names.ID(b)) })
	for k := range cooccur.Kinds {
		fmt.Fprintf(h, "total %s %d\n", k, x.counts.Total(k))
	}
	x.RecountEvidence(func() bool { return true })
	known := x.evidence.Freeze()
	for _, i := range order {
		item, stock := *names.Item(i), "-"
		if item.Stock != nil {
			stock = fmt.Sprint(*item.Stock)
			item.Stock = nil
		}
		fmt.Fprintf(h, "item %q deleted %v stock %s %+v\n", names.ID(i), names.Deleted(i), stock, item)
		x.counts.WriteItem(h, i, names.ID)
		digestEvidence(h, known, i, names.ID)
		for _, s := range x.sets {
			if s.learned == nil {
				s.write(h, i, names.ID)
			}
		}
	}
	x.digestVisitors(h, names.ID)
	return hex.EncodeToString(h.Sum(nil))
}

// LearnedDigest identifies the learned lists, by dense ids. After Refresh,
// Unlearn and Learn it depends on the records alone.
func (x *Index) LearnedDigest() string {
	h := sha256.New()
	names := x.catalog.Snapshot()
	for _, s := range x.sets {
		for i := uint32(0); s.learned != nil && i < uint32(names.Len()); i++ {
			s.write(h, i, names.ID)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// write writes down the list of item.
func (s *listSet) write(w io.Writer, item uint32, name func(uint32) string) {
	l := s.lists.At(item)
	fmt.Fprintf(w, " %+v of %d:", s.spec, l.Of())
	for n, c := range l.Cells() {
		fmt.Fprintf(w, " %q %x %d", name(c.Item), math.Float32bits(c.Value), l.Supports()[n])
	}
	fmt.Fprintln(w)
}

func (x *Index) digestVisitors(w io.Writer, name func(uint32) string) {
	var all []string
	x.visitors.Each(func(keys []string, lines []profile.Line, group func(uint32) string) {
		var b strings.Builder
		fmt.Fprintf(&b, "visitor %q\n", keys)
		for _, l := range lines {
			fmt.Fprintf(&b, " %q %d %q %d %s\n", name(l.Item), l.Time, group(l.Group), l.Quantity, l.Kind)
		}
		all = append(all, b.String())
	})
	slices.Sort(all)
	for _, s := range all {
		_, _ = io.WriteString(w, s) // a hash never fails
	}
}
