package engine

import (
	"math"

	"osusume/recommend/cooccur"
)

// checkEvery is how many events are applied at most between two looks at the memory.
const checkEvery = 5_000

// The parts of Settings.MaxBytes: lists are cut shorter when they take more than
// listShare of it, and pairs are dropped until everything fits, down to a
// pairShare of it. prunedTo leaves room for some time to come.
const (
	listShare = 0.4
	pairShare = 0.1
	prunedTo  = 0.85
	// room is the part of the limit from which on there is something to do: the index
	// grows on until the next look.
	room = 0.97
	// shortest is the length below which lists are not cut, whatever they take.
	shortest = 20
)

// IndexShare is what an index should take of a process that stays within so many
// bytes (Settings.MaxBytes); the rest is for the store, requests and what the garbage
// collector has not got to yet.
func IndexShare(memory int64) int64 { return memory * 6 / 10 }

// bytes estimates memory by part.
func (x *Index) bytes() map[string]int64 {
	lists := 8*int64(cap(x.order.heads)) + x.waiting.bytes()
	for _, s := range x.sets {
		lists += s.bytes + int64(8*s.lists.Len()+4*len(s.spread))
		if s.learned != nil {
			lists += s.learned.bytes()
		}
	}
	return map[string]int64{
		"pairs":    x.counts.Bytes(),
		"lists":    lists,
		"profiles": x.visitors.Bytes(),
		"catalog":  x.catalog.Snapshot().Bytes(),
		"evidence": x.evidence.Bytes(),
	}
}

// eventBytes is what an event adds to the index, about, lists included: 180 to 340 in
// synthetic shops.
const eventBytes = 512

// leeway is how many events may come, about, from when there is something to do until
// the index is at its limit.
func (x *Index) leeway() int {
	return max(int((1-room)*float64(x.cfg.MaxBytes)/eventBytes), 1)
}

// bound keeps the index within Settings.MaxBytes, now: lists that are made of fewer
// pairs are shorter again, so that it takes a few rounds.
func (x *Index) bound() {
	for range 4 {
		x.startBound()
		if x.tooLong == 0 && !x.counts.Pruning() {
			return
		}
		x.dropped += int64(x.counts.PruneRows(math.MaxInt))
		x.rebuildAll()
	}
}

// boundBit goes on with keeping the index within Settings.MaxBytes after so many
// events were applied. Rows of pairs are pruned a few with each event, so that none
// waits for all of it, and as many as it takes to be done within the leeway.
func (x *Index) boundBit(events int) {
	if x.cfg.MaxBytes <= 0 {
		return
	}
	x.unchecked += events
	if x.counts.Pruning() {
		rows := int(cooccur.Kinds)*x.counts.Len()/x.leeway() + 1
		x.dropped += int64(x.counts.PruneRows(rows * events))
		return
	}
	if x.unchecked >= min(checkEvery, x.leeway()) {
		x.startBound()
	}
}

// startBound looks at the memory and begins what there is to do: rows of pairs are
// pruned as events come, lists cut when they are made anew. What the lists and
// the pairs can give is given by value, the least first; histories and the catalog are
// never touched, so a limit below those does not hold.
func (x *Index) startBound() {
	x.unchecked = 0
	limit := room * float64(x.cfg.MaxBytes)
	if limit <= 0 {
		return
	}
	sizes := x.bytes()
	total := float64(0)
	for _, n := range sizes {
		total += float64(n)
	}
	if total <= limit {
		return
	}
	lists := float64(sizes["lists"])
	if lists > listShare*limit && x.longest() > shortest && x.tooLong == 0 {
		most := max(int(float64(x.longest())*listShare*limit/lists*prunedTo), shortest)
		for k := range x.builders {
			x.builders[k].Longest = most
		}
		for i := range x.waiting.why {
			x.mark(uint32(i), cooccur.AllKinds)
		}
		x.tooLong = x.waiting.n
	}
	if x.tooLong > 0 {
		lists = min(lists, listShare*limit) // as they will be
	}
	rest := lists + float64(sizes["profiles"]+sizes["catalog"]+sizes["evidence"])
	pairs := max(limit-rest, pairShare*limit)
	if float64(sizes["pairs"]) > pairs {
		x.counts.StartPrune(int64(pairs * prunedTo))
	}
}

// pairBudget is what pairs may take while they are counted anew, before there are
// lists; 0 is any number of bytes.
func (x *Index) pairBudget() int64 {
	limit := room * float64(x.cfg.MaxBytes)
	if limit <= 0 {
		return 0
	}
	lists := 0
	for _, s := range x.sets {
		lists += s.spec.Neighbours * x.catalog.Len() * listCellBytes
	}
	sizes := x.bytes()
	rest := float64(sizes["profiles"]+sizes["catalog"]+sizes["evidence"]) + min(float64(lists), listShare*limit)
	return int64(max(limit-rest, pairShare*limit))
}

// listCellBytes is the memory of a neighbour in a list.
const listCellBytes = 8

// longest is how many neighbours a list has at most.
func (x *Index) longest() int {
	if n := x.builders[0].Longest; n > 0 {
		return n
	}
	most := 0
	for _, s := range x.sets {
		most = max(most, s.spec.Neighbours)
	}
	return most
}
