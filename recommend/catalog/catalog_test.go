package catalog_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
	"osusume/recommend/catalog"
)

func TestPutDeleteAndLookUp(t *testing.T) {
	c := catalog.New()
	phone := c.Put(recommend.Item{ID: "phone", Category: []string{"Audio", "Phones"}, Tags: []string{"new"}, Price: recommend.Money{Amount: 1250, Currency: "USD"}})
	event := c.Intern("bag")
	c.Put(recommend.Item{ID: "amp", Category: []string{"Audio"}, Brand: "B"})
	s := c.Snapshot()
	if got := s.Category("Audio").AppendTo(nil); !slices.Equal(got, []uint32{0, 2}) {
		t.Errorf("Category(Audio) = %v, want [0 2]", got)
	}
	if got := s.Category("Audio/Phones").AppendTo(nil); !slices.Equal(got, []uint32{0}) {
		t.Errorf("Category(Audio/Phones) = %v, want [0]", got)
	}
	if diff := cmp.Diff([]string{"Audio", "Audio/Phones"}, s.Categories()); diff != "" {
		t.Error(diff)
	}
	if got := s.Price(phone); got != 12.50 {
		t.Errorf("Price = %v, want 12.50", got)
	}
	if p := s.Price(event); p == p {
		t.Errorf("Price of an item known from events = %v, want NaN", p)
	}
	if !c.Delete("phone") || c.Delete("phone") || c.Delete("none") {
		t.Error("Delete must report true once for a known item only")
	}
	s2 := c.Snapshot()
	if s2.Category("Audio/Phones") != nil || !s2.Deleted(phone) || s.Deleted(phone) {
		t.Error("a deleted item leaves its category in the next snapshot only")
	}
	if c.Snapshot() != s2 {
		t.Error("Snapshot without a change must return the same one")
	}
	var ids []string
	for i := range s2.ByID() {
		ids = append(ids, s2.ID(i))
	}
	if diff := cmp.Diff([]string{"amp", "bag"}, ids); diff != "" {
		t.Error(diff)
	}
	var b, b2 bytes.Buffer
	if err := c.Encode(&b); err != nil {
		t.Fatal(err)
	}
	d, err := catalog.Decode(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Encode(&b2); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), b2.Bytes()) {
		t.Error("encode, decode, encode gives other bytes")
	}
}

// TestPutKeepsACopy: the log hands over records that are valid only until the
// next one.
func TestPutKeepsACopy(t *testing.T) {
	stock := int64(5)
	it := recommend.Item{
		ID: "a", Title: recommend.Text{"en": "A"}, Category: []string{"X", "Y"}, Tags: []string{"t"}, Stock: &stock,
		Attributes: map[string]string{"k": "v"}, CompatibleWith: []string{"b"}, BundleOf: []string{"c"},
		UpgradeAxes: []recommend.UpgradeAxis{{Key: "k", Label: recommend.Text{"en": "K"}}},
	}
	c := catalog.New()
	i := c.Put(it)
	stock = 0
	it.Title["en"], it.Attributes["k"], it.UpgradeAxes[0].Label["en"] = "?", "?", "?"
	it.Category[0], it.Tags[0], it.CompatibleWith[0], it.BundleOf[0], it.UpgradeAxes[0].Key = "?", "?", "?", "?", "?"
	five := int64(5)
	want := &recommend.Item{
		ID: "a", Title: recommend.Text{"en": "A"}, Category: []string{"X", "Y"}, Tags: []string{"t"}, Stock: &five,
		Attributes: map[string]string{"k": "v"}, CompatibleWith: []string{"b"}, BundleOf: []string{"c"},
		UpgradeAxes: []recommend.UpgradeAxis{{Key: "k", Label: recommend.Text{"en": "K"}}},
	}
	if diff := cmp.Diff(want, c.Snapshot().Item(i)); diff != "" {
		t.Errorf("the item changed with the caller's (-want +got):\n%s", diff)
	}
}

func TestEmptyListsAndMapsHaveOneForm(t *testing.T) {
	c := catalog.New()
	i := c.Put(recommend.Item{ID: "a", Brand: "B", Tags: []string{}, Category: []string{}, Title: recommend.Text{}, Attributes: map[string]string{}})
	if diff := cmp.Diff(&recommend.Item{ID: "a", Brand: "B"}, c.Snapshot().Item(i)); diff != "" {
		t.Error(diff)
	}
	bare, known := catalog.New(), catalog.New()
	bare.Intern("a")
	known.Put(recommend.Item{ID: "a", Tags: []string{}})
	if !bytes.Equal(encode(t, bare), encode(t, known)) {
		t.Error("an item that is nothing but its id has two forms")
	}
}

func TestList(t *testing.T) {
	c := catalog.New()
	for _, id := range []string{"d", "b", "a", "e", "B", "あ"} {
		c.Intern(id)
	}
	c.Put(recommend.Item{ID: "c", Unavailable: true})
	c.Delete("d")
	tests := []struct {
		name  string
		after string
		limit int
		want  []string
	}{
		{"all, by bytes, unavailable too", "", 100, []string{"B", "a", "b", "c", "e", "あ"}},
		{"first page", "", 2, []string{"B", "a"}},
		{"next page", "a", 2, []string{"b", "c"}},
		{"deleted items are no place to stop", "c", 2, []string{"e", "あ"}},
		{"after a deleted item", "d", 2, []string{"e", "あ"}},
		{"after an unknown id", "aa", 1, []string{"b"}},
		{"after the last", "あ", 5, nil},
		{"nothing wanted", "", 0, nil},
		{"less than nothing", "", -1, nil},
	}
	s := c.Snapshot()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, it := range s.List(tt.after, tt.limit) {
				got = append(got, it.ID)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("List (-want +got):\n%s", diff)
			}
		})
	}
	if got := catalog.New().Snapshot().List("", 10); len(got) != 0 {
		t.Errorf("an empty catalog lists %v", got)
	}
}

func TestInOrderOfFewAndMany(t *testing.T) {
	c := catalog.New()
	for k := range 1000 {
		c.Intern(fmt.Sprint((k * 611) % 1000)) // 611 has no factor of 1000: every id once
	}
	s := c.Snapshot()
	for _, n := range []int{0, 1, 14, 15, 999} {
		set, want := s.Eligible().Clone(), []string{}
		set.Reset(s.Len())
		for k := range n {
			id := fmt.Sprint(k * 997 % 1000)
			i, _ := s.Lookup(id)
			set.Set(i)
			want = append(want, id)
		}
		slices.Sort(want)
		got := []string{}
		for i := range s.InOrder(set) {
			got = append(got, s.ID(i))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d members (-want +got):\n%s", n, diff)
		}
		for i := range s.InOrder(set) {
			if s.ID(i) != want[0] {
				t.Errorf("%d members start with %s, want %s", n, s.ID(i), want[0])
			}
			break
		}
	}
}

// TestBytesFollowsWhatIsKept: the estimate must come back when what it counts
// goes away, and agree with a catalog made anew.
func TestBytesFollowsWhatIsKept(t *testing.T) {
	c := catalog.New()
	empty := c.Snapshot().Bytes()
	item := func(k int) recommend.Item {
		return recommend.Item{
			ID: fmt.Sprint(k), Brand: "B", Tags: []string{fmt.Sprint("t", k%10)},
			Category: []string{"A", fmt.Sprint(k % 7)}, Title: recommend.Text{"en": "a title of some length"},
		}
	}
	for k := range 2000 {
		c.Put(item(k))
	}
	full := c.Snapshot().Bytes()
	if full < empty+2000*400 || full > empty+2000*2000 {
		t.Errorf("2,000 items take %d bytes", full-empty)
	}
	for round := range 4 {
		for k := range 2000 {
			it := item(k)
			if round%2 == 0 {
				it.Tags, it.Category = []string{"other"}, []string{"B"}
			}
			c.Put(it)
			if k%10 == 0 {
				c.Snapshot() // so that member sets are cloned
			}
		}
	}
	if again := c.Snapshot().Bytes(); again < full*9/10 || again > full*11/10 {
		t.Errorf("moving the items to and fro moves the estimate from %d to %d", full, again)
	}
	for k := range 2000 {
		c.Put(recommend.Item{ID: fmt.Sprint(k)})
	}
	if bare := c.Snapshot().Bytes(); bare > empty+2000*100 {
		t.Errorf("2,000 items without attributes still take %d bytes", bare-empty)
	}
}
