package engine

import (
	"sync"
	"sync/atomic"
	"testing"
)

// TestScratchesAreFew: however many ask at a time, no more scratches than the bound
// are lent, none twice at a time, and everybody gets one.
func TestScratchesAreFew(t *testing.T) {
	p := newScratchPool()
	most := int64(cap(p.lent))
	var lent, served atomic.Int64
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for range 100 {
				s := p.get()
				if n := lent.Add(1); n > most {
					t.Errorf("%d are lent at a time, want at most %d", n, most)
				}
				s.touched = append(s.touched[:0], 1) // a race if it were lent twice
				served.Add(1)
				lent.Add(-1)
				p.put(s)
			}
		})
	}
	all.Wait()
	if served.Load() != 6400 || len(p.lent) != 0 {
		t.Errorf("%d requests served, %d scratches still lent", served.Load(), len(p.lent))
	}
}

// TestLostScratches: a panic costs a scratch and not its place.
func TestLostScratches(t *testing.T) {
	p := newScratchPool()
	for range 3 * cap(p.lent) {
		p.get()
		p.put(nil)
	}
	if len(p.lent) != 0 {
		t.Errorf("%d are lent after all are lost", len(p.lent))
	}
}
