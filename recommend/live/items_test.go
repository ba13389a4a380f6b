package live_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
	"osusume/recommend/live"
)

func yen(n int64) recommend.Money { return recommend.Money{Amount: n, Currency: "JPY"} }

// listed is the ids of the catalog's items as readers see them.
func listed(l *live.Live) []string {
	var ids []string
	for _, it := range l.View().Items("", 100) {
		ids = append(ids, it.ID)
	}
	return ids
}

func TestPutItemsAllOrNone(t *testing.T) {
	l, log := openMemory(t)
	ctx := context.Background()
	bad := recommend.Item{ID: "bad", Price: recommend.Money{Amount: -1, Currency: "JPY"}}
	tests := []struct {
		name  string
		items []recommend.Item
		field string
	}{
		{"one bad of three", []recommend.Item{{ID: "a"}, bad, {ID: "b"}}, "items[1].price"},
		{"only one, bad", []recommend.Item{bad}, "price"},
		{"without id", []recommend.Item{{ID: "a"}, {Brand: "x"}}, "items[1].item_id"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := l.PutItems(ctx, tt.items)
			wantCode(t, err, recommend.CodeInvalid, tt.field)
			if got := listed(l); got != nil || log.LastSeq() != 0 {
				t.Errorf("items %v and %d records after a refused put, want none", got, log.LastSeq())
			}
		})
	}

	seq, err := l.PutItems(ctx, []recommend.Item{{ID: "b", Brand: "x", Price: yen(100)}, {ID: "a"}})
	if err != nil || seq != 2 {
		t.Fatalf("PutItems = %d, %v, want 2", seq, err)
	}
	if diff := cmp.Diff([]string{"a", "b"}, listed(l)); diff != "" {
		t.Errorf("items (-want +got)\n%s", diff)
	}
	// A put replaces the whole item.
	if _, err := l.PutItems(ctx, []recommend.Item{{ID: "b", Family: "f"}}); err != nil {
		t.Fatal(err)
	}
	got, _ := l.View().Item("b")
	if diff := cmp.Diff(&recommend.Item{ID: "b", Family: "f"}, got); diff != "" {
		t.Errorf("item b (-want +got)\n%s", diff)
	}
	if seq, err := l.PutItems(ctx, nil); seq != 0 || err != nil {
		t.Errorf("PutItems of nothing = %d, %v", seq, err)
	}
}

func TestPatchItem(t *testing.T) {
	l, log := openMemory(t)
	ctx := context.Background()
	if _, err := l.PutItems(ctx, []recommend.Item{{ID: "a", Brand: "x", Price: yen(100)}}); err != nil {
		t.Fatal(err)
	}
	got, seq, err := l.PatchItem(ctx, "a", func(it *recommend.Item) error { it.Price = yen(80); return nil })
	want := recommend.Item{ID: "a", Brand: "x", Price: yen(80)}
	if err != nil || seq != 2 {
		t.Fatalf("PatchItem = %d, %v, want 2", seq, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got)\n%s", diff)
	}
	if it, _ := l.View().Item("a"); it.Price != yen(80) {
		t.Errorf("price %v in the next View, want ¥80", it.Price)
	}

	sentinel := errors.New("not today")
	failures := []struct {
		name  string
		id    string
		patch func(it *recommend.Item) error
		check func(t *testing.T, err error)
	}{
		{"the patch says no", "a", func(it *recommend.Item) error { it.Price = yen(1); return sentinel }, func(t *testing.T, err error) {
			if !errors.Is(err, sentinel) {
				t.Errorf("error %v, want the patch's own", err)
			}
		}},
		{"invalid result", "a", func(it *recommend.Item) error { it.TaxRate = 2; return nil }, func(t *testing.T, err error) {
			wantCode(t, err, recommend.CodeInvalid, "tax_rate")
		}},
		{"another id", "a", func(it *recommend.Item) error { it.ID = "b"; return nil }, func(t *testing.T, err error) {
			wantCode(t, err, recommend.CodeInvalid, "item_id")
		}},
		{"unknown item", "zzz", func(*recommend.Item) error { t.Error("patched an unknown item"); return nil }, func(t *testing.T, err error) {
			wantCode(t, err, recommend.CodeNotFound, "item_id")
		}},
	}
	for _, tt := range failures {
		t.Run(tt.name, func(t *testing.T) {
			_, seq, err := l.PatchItem(ctx, tt.id, tt.patch)
			tt.check(t, err)
			if it, _ := l.View().Item("a"); seq != 0 || log.LastSeq() != 2 || !cmp.Equal(*it, want) {
				t.Errorf("after the failure: seq %d, %d records, item %+v", seq, log.LastSeq(), it)
			}
		})
	}
}

// An item known from events alone can be patched as well.
func TestPatchItemOfEvents(t *testing.T) {
	l, _ := openMemory(t)
	ingest(t, l, bought("e1", "ann", "phone"))
	if _, _, err := l.PatchItem(context.Background(), "phone", func(it *recommend.Item) error { it.Brand = "x"; return nil }); err != nil {
		t.Fatal(err)
	}
	if it, _ := l.View().Item("phone"); it.Brand != "x" {
		t.Errorf("brand %q, want x", it.Brand)
	}
}

func TestDeleteItem(t *testing.T) {
	l, log := openMemory(t)
	ctx := context.Background()
	ingest(t, l, bought("e1", "ann", "phone", "case"), bought("e2", "bob", "phone", "case"), bought("e3", "cem", "case"))
	if _, err := l.DeleteItem(ctx, "nothing"); err == nil {
		t.Error("an unknown item was deleted")
	} else {
		wantCode(t, err, recommend.CodeNotFound, "item_id")
	}
	seq, err := l.DeleteItem(ctx, "case")
	if err != nil || seq != 4 {
		t.Fatalf("DeleteItem = %d, %v, want 4", seq, err)
	}
	if _, ok := l.View().Item("case"); ok {
		t.Error("the deleted item is still there")
	}
	answer, err := l.View().Recommend(&recommend.Request{ItemID: "phone", Placement: "item", Limit: 10})
	if err != nil || len(answer.Items) != 0 {
		t.Errorf("list %+v, %v, want it empty: the phone is context, the case deleted", answer.Items, err)
	}
	for name, call := range map[string]func() error{
		"delete again": func() error { _, err := l.DeleteItem(ctx, "case"); return err },
		"patch": func() error {
			_, _, err := l.PatchItem(ctx, "case", func(*recommend.Item) error { return nil })
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, call(), recommend.CodeNotFound, "item_id") })
	}
	if log.LastSeq() != 4 {
		t.Errorf("%d records, want 4: refused changes write nothing", log.LastSeq())
	}

	// What was learned is still there when the item comes back.
	if _, err := l.PutItems(ctx, []recommend.Item{{ID: "case"}}); err != nil {
		t.Fatal(err)
	}
	answer, err = l.View().Related(recommend.BoughtTogether, &recommend.Request{ItemID: "phone", Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	want := []recommend.Reason{{Code: recommend.ReasonBoughtTogether, ItemID: "phone", Support: 2, Of: 2}}
	if len(answer.Items) != 1 || !cmp.Equal(answer.Items[0].Reasons, want) {
		t.Errorf("list %+v, want the case for %+v", answer.Items, want)
	}
}

// Fifty people change one item at the same time, each another attribute and
// all of them the stock.
func TestConcurrentPatchesLoseNothing(t *testing.T) {
	l, log := openMemory(t)
	ctx := context.Background()
	stock := int64(0)
	if _, err := l.PutItems(ctx, []recommend.Item{{ID: "a", Stock: &stock}}); err != nil {
		t.Fatal(err)
	}
	const patches = 50
	want := recommend.Item{ID: "a", Attributes: map[string]string{}}
	final := int64(patches)
	want.Stock = &final
	var wg sync.WaitGroup
	seqs := make([]uint64, patches)
	for k := range patches {
		key := fmt.Sprintf("k%d", k)
		want.Attributes[key] = "set"
		wg.Go(func() {
			_, seq, err := l.PatchItem(ctx, "a", func(it *recommend.Item) error {
				it.Attributes = maps.Clone(it.Attributes)
				if it.Attributes == nil {
					it.Attributes = map[string]string{}
				}
				it.Attributes[key] = "set"
				n := *it.Stock + 1
				it.Stock = &n
				return nil
			})
			if err != nil {
				t.Errorf("patch %s: %v", key, err)
			}
			seqs[k] = seq
		})
	}
	wg.Wait()
	got, _ := l.View().Item("a")
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Errorf("item (-want +got)\n%s", diff)
	}
	slices.Sort(seqs)
	if seqs[0] != 2 || seqs[patches-1] != patches+1 || len(slices.Compact(seqs)) != patches || log.LastSeq() != patches+1 {
		t.Errorf("sequences %v and %d records, want 2 to %d", seqs, log.LastSeq(), patches+1)
	}
}
