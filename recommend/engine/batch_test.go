package engine_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"osusume/recommend"
	"osusume/recommend/engine"
)

// batched is the digest of an index that gets all records in a batch, in parts
// and blocks of drawn sizes.
func batched(t *rapid.T, x *engine.Index, records []recommend.Record) string {
	t.Helper()
	b := engine.NewBatch(x)
	b.LookUpBy(rapid.IntRange(1, 12).Draw(t, "block"))
	for from := 0; from < len(records); {
		to := min(from+rapid.IntRange(1, 10).Draw(t, "part"), len(records))
		b.Apply(x.Seq()+uint64(to-from), records[from:to])
		from = to
	}
	x = b.Done()
	x.Refresh(shopNow, nil)
	if got := x.Dirty(); got != 0 {
		t.Fatalf("Refresh leaves %d items behind", got)
	}
	return x.Digest()
}

// The batch path of the start and the live path give the same index: merges,
// refunds, late events, told-again orders and deleted items included.
func TestBatchEqualsIncremental(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSettings(t)
		records := drawRecords(t, 40)
		x := newIndex(t, s)
		applyInParts(t, x, records)
		if got, want := batched(t, newIndex(t, s), records), digest(t, x); got != want {
			t.Fatal("the index built in a batch differs from the one built step by step")
		}
	})
}

// With forgetting, what a late event pushes out depends on when it comes, so the
// live path gets the records one by one here.
func TestBatchForgetsAsIncremental(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSettings(t)
		s.MaxLines = rapid.SampledFrom([]int{1, 4, 16, 24, 33}).Draw(t, "max lines")
		records := drawRecords(t, 40)
		x := newIndex(t, s)
		for n := range records {
			x.Apply(uint64(n+1), records[n:n+1])
		}
		if got, want := batched(t, newIndex(t, s), records), digest(t, x); got != want {
			t.Fatal("the index built in a batch differs from the one built one by one")
		}
	})
}

// A batch goes on from what an index has, and the live path from a batch.
func TestBatchGoesOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSettings(t)
		records := drawRecords(t, 40)
		cuts := [2]int{rapid.IntRange(0, len(records)).Draw(t, "begin"), 0}
		cuts[1] = rapid.IntRange(cuts[0], len(records)).Draw(t, "end")
		x := newIndex(t, s)
		applyInParts(t, x, records[:cuts[0]])
		x = reopen(t, x, s)
		batched(t, x, records[cuts[0]:cuts[1]])
		if cuts[1] > cuts[0] && x.Seq() != uint64(cuts[1]) {
			t.Fatalf("Seq() = %d after %d records", x.Seq(), cuts[1])
		}
		applyInParts(t, x, records[cuts[1]:])
		if got, want := digest(t, x), rebuilt(t, s, records); got != want {
			t.Fatal("the index with a batch in between differs from the one built at once")
		}
	})
}

// A refresh on all cores gives the lists of one on a single core.
func TestRefreshOnAllCores(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSettings(t)
		records := drawRecords(t, 40)
		x, y := newIndex(t, s), newIndex(t, s)
		applyInParts(t, x, records)
		y.Apply(uint64(len(records)), records)
		x.Refresh(shopNow.Add(-24*time.Hour), nil)
		x.Refresh(shopNow, nil)
		y.Refresh(shopNow, nil)
		if x.Digest() != y.Digest() {
			t.Fatal("lists differ")
		}
	})
}
