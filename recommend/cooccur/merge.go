package cooccur

import "slices"

// merger merges records into rows. One goroutine uses it.
type merger struct {
	counts *Counts
	// Scratch: the records of a stream by row; where each row's end; one row's by
	// part of the hash, where each part ends, and its entries.
	byRow, byHash []uint64
	rowEnds       []int32
	partEnds      []int32
	entries       []uint64
	cutter
}

// merge merges all records of a shard, whose rows may take budget bytes.
func (m *merger) merge(shard int, r *records, budget int64) {
	for k := range Kinds {
		m.each(shard, stream(k), r, func(item uint32, run []uint64) { m.mergeRow(k, item, run) })
	}
	c := m.counts
	grown := &c.shards[shard].dayBytes
	m.each(shard, boughtDays, r, func(item uint32, run []uint64) { *grown += c.bought[item].addRecords(run) })
	m.each(shard, browsedDays, r, func(item uint32, run []uint64) { *grown += c.browsed[item].addRecords(run) })
	m.ceiling(shard, budget)
}

// addRecords returns by how many bytes the days grew.
func (h *histogram) addRecords(run []uint64) int64 {
	before := h.bytes()
	for _, cell := range run {
		h.add(int32(uint32(cell>>codeBits)), 1)
	}
	return h.bytes() - before
}

// each calls fn for every item with records of a stream.
func (m *merger) each(shard int, s stream, r *records, fn func(item uint32, run []uint64)) {
	cells := 0
	for _, chunk := range r.chunks[s] {
		cells += len(chunk)
	}
	if cells == 0 {
		return
	}
	width := s.width()
	rows := (m.counts.Len()-1-shard)/shards + 1
	m.rowEnds = cleared(m.rowEnds, rows)
	ends := m.rowEnds
	for _, chunk := range r.chunks[s] {
		for n := 0; n < len(chunk); n += width {
			ends[chunk[n]>>(hashBits+codeBits)] += int32(width)
		}
	}
	starts(ends)
	m.byRow = slices.Grow(m.byRow[:0], cells)[:cells]
	out := m.byRow
	for _, chunk := range r.chunks[s] {
		if width == 1 {
			for _, cell := range chunk {
				at := &ends[cell>>(hashBits+codeBits)]
				out[*at] = cell
				*at++
			}
			continue
		}
		for n := 0; n+1 < len(chunk); n += 2 {
			at := &ends[chunk[n]>>(hashBits+codeBits)]
			out[*at], out[*at+1] = chunk[n], chunk[n+1]
			*at += 2
		}
	}
	start := int32(0)
	for row, end := range ends {
		if end > start {
			fn(uint32(row*shards+shard), out[start:end])
		}
		start = end
	}
}

// starts turns numbers into where each one's begin; filling makes them ends.
func starts(n []int32) {
	at := int32(0)
	for i, size := range n {
		n[i] = at
		at += size
	}
}

// cleared is s or another slice with n zeros.
func cleared(s []int32, n int) []int32 {
	if cap(s) < n {
		return make([]int32, n+n/4)[:n]
	}
	s = s[:n]
	clear(s)
	return s
}

const (
	// fewRecords are sorted as they are; more are first parted by their hashes,
	// which are spread evenly.
	fewRecords = 24
	// mostPartBits bounds the parts to what fits in the cache.
	mostPartBits = 15
)

// sorted returns the records of a row in the order of the hashes.
func (m *merger) sorted(run []uint64, width int) []uint64 {
	records := len(run) / width
	if records <= fewRecords {
		insertionSort(run, width)
		return run
	}
	bits := 1
	for ; bits < mostPartBits && 1<<(bits+1) < records; bits++ {
	}
	shift := hashBits + codeBits - bits
	mask := uint64(1)<<bits - 1
	m.partEnds = cleared(m.partEnds, 1<<bits)
	ends := m.partEnds
	for n := 0; n < len(run); n += width {
		ends[run[n]>>shift&mask] += int32(width)
	}
	starts(ends)
	m.byHash = slices.Grow(m.byHash[:0], len(run))[:len(run)]
	out := m.byHash
	if width == 1 {
		for _, cell := range run {
			at := &ends[cell>>shift&mask]
			out[*at] = cell
			*at++
		}
	} else {
		for n := 0; n+1 < len(run); n += 2 {
			at := &ends[run[n]>>shift&mask]
			out[*at], out[*at+1] = run[n], run[n+1]
			*at += 2
		}
	}
	start := int32(0)
	for _, end := range ends {
		if int(end-start) > width {
			sortPart(out[start:end], width)
		}
		start = end
	}
	return out
}

// sortPart sorts records that are few or of few items.
func sortPart(part []uint64, width int) {
	if len(part) <= fewRecords*width {
		insertionSort(part, width)
		return
	}
	least, most := part[0]>>codeBits, part[0]>>codeBits
	for n := 0; n < len(part); n += width {
		least, most = min(least, part[n]>>codeBits), max(most, part[n]>>codeBits)
	}
	if least == most {
		return
	}
	// Halve what the hashes span: two items often enough are told apart at once.
	pivot := least + (most-least)/2
	left, right := 0, len(part)-width
	for left <= right {
		if part[left]>>codeBits <= pivot {
			left += width
			continue
		}
		for n := range width {
			part[left+n], part[right+n] = part[right+n], part[left+n]
		}
		right -= width
	}
	sortPart(part[:left], width)
	sortPart(part[left:], width)
}

func insertionSort(run []uint64, width int) {
	if width == 1 {
		for n := 1; n < len(run); n++ {
			cell, at := run[n], n
			for ; at > 0 && run[at-1] > cell; at-- {
				run[at] = run[at-1]
			}
			run[at] = cell
		}
		return
	}
	for n := 2; n+1 < len(run); n += 2 {
		cell, weight, at := run[n], run[n+1], n
		for ; at > 1 && run[at-2] > cell; at -= 2 {
			run[at], run[at+1] = run[at-2], run[at-1]
		}
		run[at], run[at+1] = cell, weight
	}
}

// mergeRow merges records into the row of item.
func (m *merger) mergeRow(k Kind, item uint32, run []uint64) {
	width := k.width()
	run = m.sorted(run, width)
	r, s := &m.counts.rows[k][item], m.counts.shard(item)
	before := cap(r.cells)
	p := &s.wide[k]
	old := r.cells
	if most := int(r.n)*width + len(run); cap(m.entries) < most {
		m.entries = make([]uint64, most+most/4)
	}
	entries, out := m.entries[:cap(m.entries)], 0
	for at := 0; at < len(run); {
		h := run[at] >> codeBits & (1<<hashBits - 1)
		// Entries before that of the hash stay as they are.
		for ; len(old) > 0 && old[0]>>32 < h; old = old[width:] {
			if old[0] != 0 {
				out += copy(entries[out:], old[:width])
			}
		}
		var v Session
		e := entries[out : out+width]
		if len(old) > 0 && old[0]>>32 == h {
			copy(e, old)
			v = p.load(e, width)
			old = old[width:]
		} else {
			clear(e)
			e[0] = h << 32
		}
		for ; at < len(run) && run[at]>>codeBits&(1<<hashBits-1) == h; at += width {
			v.addRecord(run[at], run[at+width-1], width)
		}
		p.store(e, width, v)
		out += width
	}
	for ; len(old) > 0; old = old[width:] {
		if old[0] != 0 {
			out += copy(entries[out:], old[:width])
		}
	}
	r.cells = entries[:out]
	r.n = uint32(out / width)
	r.resize(out/width, width)
	s.cells += int64(cap(r.cells) - before)
}
