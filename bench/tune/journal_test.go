package tune

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend/cooccur"
	"osusume/recommend/engine"
)

func TestJournal(t *testing.T) {
	type means = map[string]float64
	whole := `{"journal":"osusume bench tune","of":"x"}` + "\n" + `{"key":"a","value":0.25}` + "\n" + `{"key":"b","value":1e-9}` + "\n"
	tests := map[string]struct {
		text    string
		restart bool
		want    means
	}{
		"whole":               {whole, false, means{"a": 0.25, "b": 1e-9}},
		"started anew":        {whole, true, means{}},
		"of other data":       {strings.Replace(whole, `"x"`, `"y"`, 1), false, means{}},
		"of another program":  {"{}\n" + whole, false, means{}},
		"cut in a line":       {whole[:len(whole)-7], false, means{"a": 0.25}},
		"cut in the heading":  {whole[:20], false, means{}},
		"last line unended":   {whole[:len(whole)-1], false, means{"a": 0.25}},
		"a line that is none": {whole + "what\n" + `{"key":"c","value":1}` + "\n", false, means{"a": 0.25, "b": 1e-9}},
		"empty":               {"", false, means{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "progress")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			j, err := openJournal(path, "x", tt.restart)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, j.means); diff != "" {
				t.Errorf("means (-want +got):\n%s", diff)
			}
			if err := j.note("new", 3); err != nil {
				t.Fatal(err)
			}
			if err := j.close(); err != nil {
				t.Fatal(err)
			}
			tt.want["new"] = 3
			again, err := openJournal(path, "x", false)
			if err != nil {
				t.Fatal(err)
			}
			defer again.close()
			if diff := cmp.Diff(tt.want, again.means); diff != "" {
				t.Errorf("means read back (-want +got):\n%s", diff)
			}
		})
	}
}

// TestKeys: equal questions share a mean, different ones do not.
func TestKeys(t *testing.T) {
	a, b := &component{model: "m", variant: "all"}, &component{model: "m", variant: "new"}
	m := engine.DefaultModels()["for_you"]
	other := engine.DefaultModels()["for_you"]
	other.Signals[0].HalfLifeDays++
	counts := cooccur.Settings{StepLambda: 2}
	key := keyOf(a, 0, cooccur.Settings{}, m)
	if got := keyOf(a, 0, cooccur.Settings{}, engine.DefaultModels()["for_you"]); got != key {
		t.Errorf("an equal model has the keys %s and %s", key, got)
	}
	for name, got := range map[string]string{
		"variant": keyOf(b, 0, cooccur.Settings{}, m), "cut": keyOf(a, 1, cooccur.Settings{}, m),
		"counts": keyOf(a, 0, counts, m), "model": keyOf(a, 0, cooccur.Settings{}, other),
	} {
		if got == key {
			t.Errorf("another %s has the same key", name)
		}
	}
}

func FuzzJournal(f *testing.F) {
	f.Add([]byte(`{"journal":"osusume bench tune","of":"x"}` + "\n" + `{"key":"a","value":0.25}` + "\n"))
	f.Add([]byte("{}\n\n{"))
	f.Fuzz(func(t *testing.T, text []byte) {
		j := &journal{means: make(map[string]float64)}
		n := j.read(text, "x")
		if n < 0 || n > int64(len(text)) || (n > 0 && text[n-1] != '\n') {
			t.Errorf("read %d of %d bytes", n, len(text))
		}
		if n == 0 && len(j.means) > 0 {
			t.Errorf("means of a journal that is not taken: %v", j.means)
		}
	})
}
