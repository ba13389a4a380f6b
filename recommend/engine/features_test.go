package engine

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
)

// Likeness is a sum over features: in another order it is another one in its last
// bit, and ties fall another way.
func TestFeaturesComeInASetOrder(t *testing.T) {
	it := recommend.Item{
		Title:    recommend.Text{"ja": "紅茶", "en": "black tea", "de": "Schwarztee"},
		Category: []string{"Drinks", "Tea"}, Tags: []string{"new"}, Brand: "Kawa",
		Price: recommend.Money{Amount: 1000, Currency: "JPY"},
	}
	want := []string{
		"w:schwarztee", "w:black", "w:tea", "w:紅茶",
		"c:Drinks", "c:Drinks/Tea", "t:new", "b:Kawa", "p:JPY19",
	}
	for range 50 {
		if diff := cmp.Diff(want, describe(&it)); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	}
}
