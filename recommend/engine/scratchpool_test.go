package engine

import (
	"sync"
	"sync/atomic"
	"testing"
)

// TestScratchesAreFew: however many ask at a time, no more scratches than the bound
// are made, none is lent twice at a time, and everybody gets one.
func TestScratchesAreFew(t *testing.T) {
	p := newScratchPool()
	var lent, made, asked atomic.Int64
	known := map[*scratch]bool{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for range 100 {
				s := p.get()
				if n := lent.Add(1); n > int64(p.most) {
					t.Errorf("%d are lent at a time, want at most %d", n, p.most)
				}
				mu.Lock()
				if !known[s] {
					known[s] = true
					made.Add(1)
				}
				mu.Unlock()
				s.touched = append(s.touched, 1) // a race if it were lent twice
				asked.Add(1)
				lent.Add(-1)
				p.put(s)
			}
		})
	}
	all.Wait()
	if made.Load() > int64(p.most) || asked.Load() != 6400 {
		t.Errorf("%d scratches for %d requests, want at most %d", made.Load(), asked.Load(), p.most)
	}
	if len(p.free) != int(made.Load()) || p.lent != 0 {
		t.Errorf("%d of %d came back, %d still lent", len(p.free), made.Load(), p.lent)
	}
}

// TestLostScratches: a panic costs a scratch and not its place.
func TestLostScratches(t *testing.T) {
	p := newScratchPool()
	first := p.get()
	p.put(first)
	if p.get() != first {
		t.Error("the one given back last is not lent first")
	}
	p.put(nil)
	for range 3 * p.most {
		p.get()
		p.put(nil)
	}
	if len(p.free) != 0 || p.lent != 0 {
		t.Errorf("%d free and %d lent after all are lost", len(p.free), p.lent)
	}
}
