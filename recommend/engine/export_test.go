package engine

import "osusume/recommend/upsell"

// The external tests read the numbers below from a View and recompute the rest
// from raw events.

// WeightsFrom returns the neighbours of item as the k-th signal of a model adds
// them up: W_ij over the scale of its lists.
func (v *View) WeightsFrom(model string, k int, item string) map[string]float64 {
	lists := &v.lists[v.model(model).signals[k].set]
	i, ok := v.catalog.Lookup(item)
	if !ok {
		return nil
	}
	out := make(map[string]float64)
	for _, c := range lists.of(i).Cells() {
		out[v.catalog.ID(c.Item)] = float64(c.Value)
	}
	return out
}

// TrendFactor is the model's trend factor of item, to its power.
func (v *View) TrendFactor(model, item string) float64 {
	m := v.model(model)
	i, ok := v.catalog.Lookup(item)
	if !ok {
		return 1
	}
	return float64(v.trend(m, i))
}

// ModelOf returns the settings of a model.
func (v *View) ModelOf(name string) Model { return v.model(name).cfg }

// PlacementOf returns the settings of a placement.
func (v *View) PlacementOf(name string) Placement { return v.settings.Placements[name] }

// AlikeOf returns the items that speak for a newcomer with their shares of the
// newcomer's score, and the one most like it; nothing for other items.
func (v *View) AlikeOf(item string) (shares map[string]float64, most string) {
	i, ok := v.catalog.Lookup(item)
	if !ok || !v.isNewcomer(i) {
		return nil, ""
	}
	shares = make(map[string]float64)
	n := &v.newcomers.list[v.newcomers.place[i]]
	for _, a := range n.alike {
		shares[v.catalog.ID(a.item)] = float64(a.share) * v.settings.Newcomers.Share
	}
	return shares, v.catalog.ID(n.alike[0].item)
}

// ScaleOf is the scale of the lists of a model's k-th signal.
func (v *View) ScaleOf(model string, k int) float64 {
	return float64(v.lists[v.model(model).signals[k].set].scale)
}

// UpsellFacts is what the View tells package upsell.
func (v *View) UpsellFacts() upsell.Facts { return &upsellFacts{v: v} }

// CountsDropped is how many pairs the last counting of everything dropped.
func (x *Index) CountsDropped() int64 { return x.counts.Dropped() }

// LookUpBy sets how many records are looked up together.
func (b *Batch) LookUpBy(n int) { b.block = n }

// Dropped is how many directed pairs were dropped for want of memory.
func (x *Index) Dropped() int64 { return x.dropped }

// Bytes is the memory of all parts.
func (x *Index) Bytes() (total int64) {
	for _, n := range x.bytes() {
		total += n
	}
	return total
}
