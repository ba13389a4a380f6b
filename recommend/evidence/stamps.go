package evidence

// stamps maps small integers to values for the length of one walk; forgetting
// all of them costs nothing.
type stamps struct {
	cells []stamp
	epoch uint32
}

type stamp struct{ epoch, value uint32 }

func (s *stamps) reset() {
	if s.epoch++; s.epoch == 0 { // wrapped: stale cells could match
		clear(s.cells)
		s.epoch = 1
	}
}

func (s *stamps) get(i uint32) (uint32, bool) {
	if int(i) >= len(s.cells) || s.cells[i].epoch != s.epoch {
		return 0, false
	}
	return s.cells[i].value, true
}

func (s *stamps) set(i, value uint32) {
	if n := int(i) + 1; n > len(s.cells) {
		s.cells = append(s.cells, make([]stamp, n-len(s.cells))...)
	}
	s.cells[i] = stamp{s.epoch, value}
}

func (s *stamps) bytes() int64 { return 8 * int64(cap(s.cells)) }
