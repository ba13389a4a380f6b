package offer

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
)

func ids(s *Set) []string {
	var out []string
	for _, o := range s.Offers() {
		out = append(out, o.ID)
	}
	return out
}

func TestSetOrder(t *testing.T) {
	s, err := NewSet([]Offer{{ID: "b"}, {ID: "c", Priority: 9}, {ID: "a"}, {ID: "d", Priority: -1}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"c", "a", "b", "d"}
	if diff := cmp.Diff(want, ids(s)); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	put, err := s.Put(Offer{ID: "b", Priority: 10, Version: 2})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"b", "c", "a", "d"}, ids(put)); diff != "" {
		t.Errorf("after put (-want +got):\n%s", diff)
	}
	if o, ok := put.Get("b"); !ok || o.Version != 2 || put.Len() != 4 {
		t.Errorf("b is %+v of %d", o, put.Len())
	}
	if diff := cmp.Diff([]string{"b", "c", "d"}, ids(put.Delete("a"))); diff != "" {
		t.Errorf("after delete (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, ids(s)); diff != "" {
		t.Errorf("the first set changed (-want +got):\n%s", diff)
	}
	if _, ok := put.Delete("a").Get("a"); ok {
		t.Error("a is still there")
	}
}

func TestSetIsItsOwn(t *testing.T) {
	o := full()
	s, err := NewSet([]Offer{o})
	if err != nil {
		t.Fatal(err)
	}
	o.Channels[0], o.Bundle.ItemIDs[0], o.Text["ja"] = "changed", "changed", "changed"
	got, _ := s.Get("spring")
	if diff := cmp.Diff(full(), *got); diff != "" {
		t.Errorf("the set's offer changed with the caller's:\n%s", diff)
	}
}

func TestSetRefuses(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 4, n, 0, 0, 0, 0, time.UTC) }
	bundle := func(id string, items ...string) Offer {
		return Offer{ID: id, Status: Active, Bundle: &Bundle{ItemIDs: items}}
	}
	changed := func(o Offer, change func(*Offer)) Offer { change(&o); return o }
	tests := map[string]struct {
		offers []Offer
		want   string // "": fine
	}{
		"one id twice":          {[]Offer{{ID: "a"}, {ID: "a"}}, "id: offer a is there twice"},
		"condition":             {[]Offer{{ID: "a", Condition: "nothing"}}, "condition: line 1, column 1: unknown variable"},
		"bundles apart":         {[]Offer{bundle("a", "1", "2"), bundle("b", "3", "4")}, ""},
		"bundles that overlap":  {[]Offer{bundle("a", "1", "2"), bundle("b", "3", "2")}, "bundle.item_ids[1]: 2 is also in the bundle of offer b at the same time"},
		"one of them a draft":   {[]Offer{bundle("a", "1", "2"), changed(bundle("b", "3", "2"), func(o *Offer) { o.Status = Draft })}, ""},
		"one answer has one":    {[]Offer{changed(bundle("a", "1", "2"), func(o *Offer) { o.ExclusivityGroup = "g" }), changed(bundle("b", "3", "2"), func(o *Offer) { o.ExclusivityGroup = "g" })}, ""},
		"one after the other":   {[]Offer{changed(bundle("a", "1", "2"), func(o *Offer) { o.EndsAt = day(2) }), changed(bundle("b", "3", "2"), func(o *Offer) { o.StartsAt = day(2) })}, ""},
		"a day in common":       {[]Offer{changed(bundle("a", "1", "2"), func(o *Offer) { o.EndsAt = day(3) }), changed(bundle("b", "3", "2"), func(o *Offer) { o.StartsAt = day(2) })}, "bundle.item_ids[1]"},
		"an offer and a bundle": {[]Offer{bundle("a", "1", "2"), {ID: "b", Status: Active, ItemID: "2"}}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			check := func(how string, err error) {
				t.Helper()
				switch {
				case tt.want == "" && err != nil:
					t.Errorf("%s: error %v, want none", how, err)
				case tt.want != "" && (recommend.CodeOf(err) != recommend.CodeInvalid || !strings.Contains(err.Error(), tt.want)):
					t.Errorf("%s: error %v, want %q", how, err, tt.want)
				}
			}
			_, err := NewSet(tt.offers)
			check("together", err)
			if len(tt.offers) < 2 || tt.offers[0].ID == tt.offers[1].ID {
				return
			}
			s, err := NewSet(tt.offers[1:])
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Put(tt.offers[0])
			check("one by one", err)
			if again, err := s.Put(tt.offers[1]); err != nil || again.Len() != 1 {
				t.Errorf("an offer stands in its own way: %v", err)
			}
		})
	}
}

func BenchmarkPut(b *testing.B) {
	offers := make([]Offer, 200)
	for i := range offers {
		offers[i] = Offer{ID: fmt.Sprint("offer-", i), Status: Active, Condition: "customer.orders >= 2 && cart.total < 5000"}
	}
	s, err := NewSet(offers)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Put(offers[7]); err != nil {
			b.Fatal(err)
		}
	}
}
