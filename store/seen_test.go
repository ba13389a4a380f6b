package store

import (
	"fmt"
	"testing"

	"osusume/recommend"
)

// An id that was added is always known; of others few are taken for one.
func TestIDFilter(t *testing.T) {
	var f idFilter
	const n = 400_000 // more than the first layer holds
	for i := range n {
		f.add(dedupeKeyOf(fmt.Sprint("a", i)))
	}
	if len(f.layers) < 2 {
		t.Fatalf("%d layers: not a test of several", len(f.layers))
	}
	for i := range n {
		if !f.has(dedupeKeyOf(fmt.Sprint("a", i))) {
			t.Fatalf("id %d is not known", i)
		}
	}
	wrong := 0
	for i := range n {
		if f.has(dedupeKeyOf(fmt.Sprint("b", i))) {
			wrong++
		}
	}
	if share := float64(wrong) / n; share > 0.02 {
		t.Errorf("%.3f of unknown ids are taken for known ones, want at most 0.02", share)
	}
	// Layers take 12 bits an id, and the last may be all but empty.
	if got := f.bytes(); got < n*bitsPerID/8 || got > 3*n*bitsPerID/8 {
		t.Errorf("%d bytes for %d ids", got, n)
	}
}

// Ids stored before a restart are duplicates while they are still being read, and
// after.
func TestDuplicatesAcrossRestart(t *testing.T) {
	dir := t.TempDir()
	open := func() *Store {
		t.Helper()
		s, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	records := func(from, n int) []recommend.Record {
		return eventBatch(from, n)
	}
	count := func(s *Store, records []recommend.Record) (fresh, duplicates int) {
		t.Helper()
		out, err := s.Append(records)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range out {
			if a.Duplicate {
				duplicates++
			} else {
				fresh++
			}
		}
		return fresh, duplicates
	}
	s := open()
	if fresh, _ := count(s, records(0, 5000)); fresh != 5000 {
		t.Fatalf("%d of 5000 new events are fresh", fresh)
	}
	if !s.seen.ready {
		t.Error("an empty store knows all its ids from the start")
	}
	if fresh, duplicates := count(s, records(4000, 2000)); fresh != 1000 || duplicates != 1000 {
		t.Errorf("%d fresh and %d duplicates, want 1000 of each", fresh, duplicates)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = open()
	defer s.Close()
	if fresh, duplicates := count(s, records(5500, 1000)); fresh != 500 || duplicates != 500 {
		t.Errorf("right after the restart: %d fresh and %d duplicates, want 500 of each", fresh, duplicates)
	}
	s.scan.Wait()
	if !s.seen.ready {
		t.Fatal("the stored ids were not read")
	}
	if fresh, duplicates := count(s, records(0, 7000)); fresh != 500 || duplicates != 6500 {
		t.Errorf("%d fresh and %d duplicates, want 500 and 6500", fresh, duplicates)
	}
	for i := range 6000 { // those stored before the restart
		if !s.seen.before.has(dedupeKeyOf(fmt.Sprint("e", i))) {
			t.Fatalf("event e%d was not read", i)
		}
	}
	if st, err := s.Stats(); err != nil || st.FilterBytes < 512<<10 {
		t.Errorf("filters of %d bytes (%v), want two of 256 KiB", st.FilterBytes, err)
	}
}

// Closing does not wait for the ids to be read.
func TestCloseWhileReadingIDs(t *testing.T) {
	dir := t.TempDir()
	for range 3 {
		s, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Append(eventBatch(0, 3*scanPiece)); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
