package catalog_test

import (
	"bytes"
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
