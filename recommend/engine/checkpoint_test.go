package engine_test

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"osusume/recommend/cooccur"
	"osusume/recommend/engine"
)

// The counts of a checkpoint only speed up the start: damaged ones, or those of
// other settings, are counted again.
func TestCheckpointCountsAreOnlyAnAccelerator(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := engine.Settings{}
		records := drawRecords(t, 30)
		x := newIndex(t, s)
		applyInParts(t, x, records)
		var b bytes.Buffer
		if err := x.Encode(&b); err != nil {
			t.Fatal(err)
		}
		damaged := slices.Clone(b.Bytes())
		damaged[len(damaged)-1] ^= 1
		other := engine.Settings{Counts: cooccur.Settings{OrderWindow: 1, SessionWindow: 2}}
		for _, tt := range []struct {
			name     string
			form     []byte
			settings engine.Settings
		}{
			{"damaged", damaged, s},
			{"cut", damaged[:len(damaged)-4], s},
			{"other settings", b.Bytes(), other},
		} {
			back, err := engine.DecodeIndex(bytes.NewReader(tt.form), tt.settings)
			if err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			if got, want := digest(t, back), rebuilt(t, tt.settings, records); got != want {
				t.Fatalf("%s: another index than from the records", tt.name)
			}
		}
	})
}
