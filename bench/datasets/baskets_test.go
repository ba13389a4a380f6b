package datasets

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadBaskets(t *testing.T) {
	name := filepath.Join(t.TempDir(), "baskets.csv")
	if err := os.WriteFile(name, []byte("invoice,cart,hidden,seed,rest\n1,a|b,c,a,b|c\n2,d,e,e,d\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := ReadBaskets(name)
	if err != nil {
		t.Fatal(err)
	}
	want := []Basket{
		{Invoice: "1", Cart: []string{"a", "b"}, Hidden: "c", Seed: "a", Rest: []string{"b", "c"}},
		{Invoice: "2", Cart: []string{"d"}, Hidden: "e", Seed: "e", Rest: []string{"d"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
}

func TestReadBasketsErrors(t *testing.T) {
	for in, want := range map[string]string{
		"":                           "read header: EOF",
		"invoice,cart,hidden,seed\n": `header: no column "rest"`,
		"invoice,cart,hidden,seed,rest\n1,a,b,c,\n":   "line 2: cart, hidden, seed and rest must not be empty",
		"invoice,cart,hidden,seed,rest\n1,a,b,c\n":    "line 2: has 4 cells, the header has 5",
		"invoice,cart,hidden,seed,rest\n1,\"a,b,c,\n": "line 2: a quoted cell is never closed",
	} {
		if _, err := readBaskets(strings.NewReader(in)); message(err) != want {
			t.Errorf("%q: got %v, want %s", in, err, want)
		}
	}
	if _, err := ReadBaskets(filepath.Join(t.TempDir(), "absent")); err == nil {
		t.Error("an absent file: want an error")
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "f")
	if err := os.WriteFile(name, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, size, err := Open(name, nil)
	if err != nil || size != 3 {
		t.Fatalf("size %d, %v; want 3", size, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, size, err := Open("-", strings.NewReader("x")); err != nil || size != 0 {
		t.Errorf("stdin: size %d, %v", size, err)
	}
	if _, _, err := Open(dir, nil); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("a directory: %v", err)
	}
}
