package engine

import (
	"weak"

	"osusume/recommend"
	"osusume/recommend/catalog"
	"osusume/recommend/weight"
)

// Basis is what an answer that is everybody's rests on, beside the request: while a
// newer View Holds it, the same request gets the same items, scores, stages and
// reasons there, and the answer differs in its sequence and moment alone. That
// spares the work of most answers between two Views, for what an event changes is
// a few lists of a hundred thousand.
//
// It refers to parts of the View weakly: keeping a Basis keeps no memory of old
// Views. What is weak is only ever compared, never followed: following it, while
// the garbage collector marks, would keep what is old for one more round, and the
// next time again. The zero Basis is never held.
type Basis struct {
	catalog weak.Pointer[catalog.Snapshot]
	// own and alike are the lists of the item that were read; set is -1 for none.
	own, alike listBasis
	scale      float32 // of the weights of alike
	// popular is what filled the list up, if used.
	popular weak.Pointer[popularity]
	filled  bool
}

// listBasis is a list as it was read: lists are never changed in place.
type listBasis struct {
	set  int
	item uint32
	head weak.Pointer[weight.Cell] // nil of an empty list
}

var unread = listBasis{set: -1}

// RelatedBasis is the Basis of an answer of Related to the request of that kind.
func (v *View) RelatedBasis(kind recommend.RelatedKind, req *recommend.Request, answer *recommend.Answer) Basis {
	item, ok := v.catalog.Lookup(req.ItemID)
	limit, err := checkLimit(req.Limit)
	if !ok || err != nil {
		return Basis{}
	}
	b := Basis{catalog: weak.Make(v.catalog), own: v.listBasis(v.related[kind], item), alike: unread}
	short := len(answer.Items) < limit
	for _, stage := range answer.Stages {
		switch stage {
		case recommend.StageRelated:
		case recommend.StageSimilar:
			short = true
		default: // what follows when even those were too few
			short, b.filled = true, true
		}
	}
	if short {
		set := v.related[recommend.Similar]
		b.alike, b.scale = v.listBasis(set, item), v.lists[set].scale
	}
	if b.filled = b.filled || len(answer.Items) < limit; b.filled {
		b.popular = weak.Make(v.popular)
	}
	return b
}

// PopularBasis is the Basis of every answer of Popular.
func (v *View) PopularBasis() Basis {
	return Basis{catalog: weak.Make(v.catalog), own: unread, alike: unread, popular: weak.Make(v.popular), filled: true}
}

func (v *View) listBasis(set int, item uint32) listBasis {
	return listBasis{set: set, item: item, head: weak.Make(v.head(set, item))}
}

// head is the first neighbour of item, nil when it has none.
func (v *View) head(set int, item uint32) *weight.Cell {
	if cells := v.lists[set].of(item).Cells(); len(cells) > 0 {
		return &cells[0]
	}
	return nil
}

// Holds reports whether everything b rests on is part of v as it was. It takes
// some tens of nanoseconds.
func (v *View) Holds(b *Basis) bool {
	return v.catalog != nil && b.catalog == weak.Make(v.catalog) && (!b.filled || b.popular == weak.Make(v.popular)) &&
		v.holdsList(&b.own) && v.holdsList(&b.alike) &&
		(b.alike.set < 0 || v.lists[b.alike.set].scale == b.scale)
}

func (v *View) holdsList(b *listBasis) bool {
	return b.set < 0 || b.head == weak.Make(v.head(b.set, b.item))
}
