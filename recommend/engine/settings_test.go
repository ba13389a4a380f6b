package engine

import (
	"testing"

	"osusume/recommend"
	"osusume/recommend/weight"
)

func TestListLengthOfSettings(t *testing.T) {
	if _, err := NewIndex(Settings{Neighbours: 1001}); err == nil {
		t.Error("lists of 1001 neighbours are accepted")
	}
	x, err := NewIndex(Settings{
		Neighbours: 7,
		Related: map[recommend.RelatedKind]weight.Spec{
			recommend.Similar: {Formula: weight.Cosine, Over: "orders", Neighbours: 3},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range x.sets {
		want := 7
		if s.spec.Over == "orders" && s.spec.Formula == weight.Cosine {
			want = 3 // it names its own
		}
		if s.spec.Neighbours != want {
			t.Errorf("lists of %+v: want %d neighbours", s.spec, want)
		}
	}
}
