package engine

import (
	"testing"
	"testing/synctest"
)

// TestScratchesAreFew: once as many scratches are lent as there may be, whoever asks
// waits until one is given back.
func TestScratchesAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newScratchPool()
		known := map[*scratch]bool{}
		for range cap(p.lent) {
			known[p.get()] = true
		}
		if len(known) != cap(p.lent) {
			t.Fatalf("%d scratches are lent %d times", len(known), cap(p.lent))
		}
		served := 0
		for range 3 {
			go func() {
				p.get()
				served++ // those waiting are served one after the other
			}()
		}
		synctest.Wait()
		if served != 0 {
			t.Errorf("%d beyond the bound of %d are served", served, cap(p.lent))
		}
		for s := range known {
			if served == 3 {
				break
			}
			before := served
			p.put(s)
			synctest.Wait()
			if served != before+1 {
				t.Fatalf("%d are served after one was given back, want one", served-before)
			}
		}
		if served != 3 {
			t.Errorf("%d of 3 that waited were served", served)
		}
	})
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
