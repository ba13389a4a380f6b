package storetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"osusume/recommend"
)

// testModel compares the log with the shortest thing that could be right: a
// slice of records and a map of ids.
func testModel(t *testing.T, open Open, check func(t *testing.T, log Log)) {
	h := New(t, open, check)
	var model []recommend.Record
	seen := map[string]uint64{}
	// One log through all of rapid's cases, since opening one costs more than
	// what is tested here; ids are few, so cases collide.
	rapid.Check(t, func(rt *rapid.T) {
		rt.Repeat(map[string]func(*rapid.T){
			"append": func(rt *rapid.T) {
				batch := rapid.SliceOfN(record(), 0, 6).Draw(rt, "batch")
				want := make([]recommend.Appended, len(batch))
				for i, r := range batch {
					if seq, dup := seen[r.Key()]; dup && r.Key() != "" {
						want[i] = recommend.Appended{Seq: seq, Duplicate: true}
						continue
					}
					model = append(model, r)
					want[i] = recommend.Appended{Seq: uint64(len(model))}
					seen[r.Key()] = want[i].Seq
				}
				got, err := h.Append(batch)
				if err != nil {
					rt.Fatalf("Append: %v", err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					rt.Fatalf("Append (-want +got):\n%s", diff)
				}
			},
			"reopen": func(rt *rapid.T) {
				if rapid.IntRange(0, 49).Draw(rt, "dice") == 0 {
					h.Reopen()
				}
			},
			"replay": func(rt *rapid.T) {
				from := rapid.IntRange(max(1, len(model)-20), len(model)+1).Draw(rt, "from")
				got := Records(t, h, uint64(from))
				var want []Entry
				for i := from - 1; i < len(model); i++ {
					want = append(want, Entry{Seq: uint64(i) + 1, Record: model[i]})
				}
				if diff := cmp.Diff(want, got); diff != "" {
					rt.Fatalf("Replay(%d) (-want +got):\n%s", from, diff)
				}
			},
			"": func(rt *rapid.T) {
				if got := h.LastSeq(); got != uint64(len(model)) {
					rt.Fatalf("LastSeq() = %d, want %d", got, len(model))
				}
			},
		})
	})
}

func record() *rapid.Generator[recommend.Record] {
	return rapid.Custom(func(t *rapid.T) recommend.Record {
		if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
			return rapid.SampledFrom(Samples()).Draw(t, "sample")
		}
		r := Event(rapid.StringMatching(`([a-z][0-9]{1,3})?`).Draw(t, "id"))
		r.Event.CustomerID = rapid.String().Draw(t, "customer")
		n := rapid.IntRange(0, 4).Draw(t, "lines")
		r.Event.Items = nil
		for range n {
			r.Event.Items = append(r.Event.Items, recommend.EventItem{
				ItemID:   rapid.String().Draw(t, "item"),
				Quantity: rapid.Int64().Draw(t, "quantity"),
				Price: recommend.Money{
					Amount:   rapid.Int64().Draw(t, "amount"),
					Currency: rapid.SampledFrom([]string{"JPY", "USD", ""}).Draw(t, "currency"),
				},
			})
		}
		return r
	})
}
