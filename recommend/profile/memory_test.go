package profile

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	"osusume/recommend"
)

// heap is what a garbage collection leaves.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// fill gives customers events of one line, each in a session of its own; some of
// those who come more than once are shown a list too.
func fill(v *Visitors, customers, events int) {
	for k := range events {
		e := recommend.Event{
			Type: recommend.ViewItem, Time: time.Unix(1e9, 0),
			CustomerID: "c" + strconv.Itoa(k%customers), SessionID: "session-" + strconv.Itoa(k),
		}
		id := v.Resolve(&e, v.Keys(&e), func(uint32, uint32) {})
		lines, _ := Insert(v.Lines(id.Visitor), []Line{{Item: uint32(k), Time: uint32(k), Group: id.Session, Kind: e.Type}})
		v.SetLines(id.Visitor, lines)
		if k >= customers && k%50 == 0 {
			v.Show(id.Visitor, lines)
		}
	}
}

// Bytes tells what the heap holds within 15 percent, and a customer who came
// once costs at most 100 bytes, session and name included.
func TestBytes(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector has memory of its own")
	}
	for _, events := range []int{1, 3, 20} {
		t.Run(fmt.Sprintf("events=%d", events), func(t *testing.T) {
			const customers = 100_000
			before := heap()
			v := NewVisitors()
			fill(v, customers, customers*events)
			held := heap() - before
			told := v.Bytes()
			if ratio := float64(told) / float64(held); ratio < 0.85 || ratio > 1.15 {
				t.Errorf("Bytes() = %d, the heap holds %d", told, held)
			}
			if per := float64(held) / customers; events == 1 && per > 100 {
				t.Errorf("%.1f bytes a customer of one event, want at most 100", per)
			} else {
				t.Logf("%.1f bytes a customer", per)
			}
			runtime.KeepAlive(v)
		})
	}
}

// depth is the longest way to a visitor.
func depth(v *Visitors) int {
	longest := 0
	for id := range uint32(v.Len()) {
		n := 0
		for into, ok := v.visitors.At(id).into(); ok; into, ok = v.visitors.At(into).into() {
			n++
		}
		longest = max(longest, n)
	}
	return longest
}

// However strangers turn out to be one, readers find them in a few steps.
func TestWaysStayShort(t *testing.T) {
	tests := map[string]func(s *shop, n int){
		"a session id that everybody has": func(s *shop, n int) {
			s.see(fmt.Sprintf("a=%d", n))
			s.see(fmt.Sprintf("a=%d s=undefined", n))
		},
		"a device with one session after the other": func(s *shop, n int) {
			s.see(fmt.Sprintf("s=%d", n))
			s.see(fmt.Sprintf("a=x s=%d", n))
		},
		"each joins the one before": func(s *shop, n int) {
			s.see(fmt.Sprintf("s=%d", n))
			s.see(fmt.Sprintf("s=%d a=%d", n, n))
			s.see(fmt.Sprintf("s=%d a=%d", n, n-1))
		},
	}
	for name, step := range tests {
		t.Run(name, func(t *testing.T) {
			s := newShop()
			const n = 2000
			for k := range n {
				step(s, k)
			}
			if got := depth(s.Visitors); got > 12 {
				t.Errorf("%d steps to a visitor of %d, want at most their logarithm", got, n)
			}
		})
	}
}

// Nodes hash to other numbers in every state; nothing else may differ.
func TestKeyDoesNotMatter(t *testing.T) {
	make := func() *shop {
		s := newShop()
		for k := range 300 {
			s.see(fmt.Sprintf("a=%d", k%17))
			s.see(fmt.Sprintf("a=%d s=%d", k%17, k%29))
			s.see(fmt.Sprintf("c=%d a=%d o=%d", k%5, k%13, k))
		}
		return s
	}
	a, b := make(), make()
	if a.key == b.key {
		t.Fatal("two states have one key")
	}
	if state(a.Visitors) != state(b.Visitors) {
		t.Error("two states of the same events differ")
	}
}

func BenchmarkResolve(b *testing.B) {
	for _, customers := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprintf("customers=%d", customers), func(b *testing.B) {
			v := NewVisitors()
			fill(v, customers, customers)
			e := recommend.Event{Type: recommend.ViewItem, Time: time.Unix(1e9, 0)}
			names := make([]string, 1024)
			for k := range names {
				names[k] = "c" + strconv.Itoa(k*7919%customers)
			}
			b.ReportAllocs()
			for k := 0; b.Loop(); k++ {
				e.CustomerID = names[k%len(names)]
				v.Resolve(&e, v.Keys(&e), nil)
			}
		})
	}
}
