package live

import (
	"runtime"
	"testing"
	"time"
)

func TestContention(t *testing.T) {
	var c contention
	want := func(when string, least, most float64) {
		t.Helper()
		if room := c.room(); !(room >= least && room <= most) {
			t.Errorf("%s: room %v, want %v to %v", when, room, least, most)
		}
	}
	want("nothing known", 1, 1)
	c.add(2*time.Millisecond, 2*time.Millisecond)
	want("all on a core", 1, 1)
	c.add(2*time.Millisecond, 3*time.Millisecond)
	want("clocks that disagree", 1, 1)
	for range 100 {
		c.add(2*time.Millisecond, 1500*time.Microsecond)
	}
	want("waited a quarter", 0.49, 0.51)
	for range 100 {
		c.add(2*time.Millisecond, 200*time.Microsecond)
	}
	want("hardly on a core", leastRoom, leastRoom)
	for n := 0; c.room() < 0.9; n++ {
		if n == 50 {
			t.Fatal("what was long ago still counts")
		}
		c.add(2*time.Millisecond, 2*time.Millisecond)
	}
	c.add(time.Hour, 0)
	if c.worked > recentWork {
		t.Errorf("one long wait is remembered as %v", c.worked)
	}
}

// TestPaceGivesWay: lists get their share of a core while there are cores to spare
// and a part of it when there are none.
func TestPaceGivesWay(t *testing.T) {
	// A second is more than credit is kept for.
	calm := pace{last: time.Now().Add(-time.Second)}
	busy := calm
	busy.cores.add(2*time.Millisecond, 0)
	calm.earn(0)
	if calm.credit != mostCredit {
		t.Errorf("lists earn %v in a second, want %v", calm.credit, mostCredit)
	}
	busy.earn(0)
	if want := time.Duration(leastRoom * listsShare * float64(time.Second)); busy.credit < want || busy.credit > 2*want {
		t.Errorf("lists earn %v in a second of a busy machine, want %v", busy.credit, want)
	}
	if calm, busy := calm.share(), busy.share(); calm != listsShare || busy != leastRoom*listsShare {
		t.Errorf("shares %v and %v", calm, busy)
	}
	busy.credit = 0
	if wait := busy.wait(); wait < time.Duration(float64(shortest)/listsShare) || wait > time.Second {
		t.Errorf("lists wait %v on a busy machine", wait)
	}
}

func TestThreadTime(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if threadTime() < 0 {
		t.Skip("the system does not tell how long a thread ran")
	}
	w := startWatch()
	time.Sleep(50 * time.Millisecond)
	if worked, ran := w.read(); worked < 50*time.Millisecond || ran > worked/2 {
		t.Errorf("asleep: ran for %v of %v", ran, worked)
	}
	w = startWatch()
	for n := 0; threadTime()-w.ran < 20*time.Millisecond; n++ {
		if n == 1<<26 {
			t.Fatal("the thread runs and its time stands still")
		}
	}
	if worked, ran := w.read(); ran < 20*time.Millisecond || worked < ran-5*time.Millisecond {
		t.Errorf("at work: ran for %v of %v", ran, worked)
	}
}
