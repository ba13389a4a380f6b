package catalog_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
	"osusume/recommend/catalog"
)

var update = flag.Bool("update", false, "write the fixtures of this version anew")

// fixture is one item of every shape: full, nothing but an id, deleted.
func fixture() *catalog.Catalog {
	c := catalog.New()
	stock := int64(3)
	c.Put(recommend.Item{
		ID: "フォン-256", GroupID: "phone", Family: "Phone", Brand: "Kaze",
		Title:    recommend.Text{"ja": "フォン", "en": "Phone"},
		Category: []string{"Electronics", "Phones"},
		Tags:     []string{"new", "5g"},
		Role:     recommend.RoleMain,
		Price:    recommend.Money{Amount: 89800, Currency: "JPY"}, ListPrice: recommend.Money{Amount: 99800, Currency: "JPY"},
		Cost: recommend.Money{Amount: 60000, Currency: "JPY"}, TaxRate: 0.1,
		Stock: &stock, Rating: 4.5, RatingCount: 120,
		Attributes:     map[string]string{"storage_gb": "256", "colour": "blue"},
		UpgradeAxes:    []recommend.UpgradeAxis{{Key: "storage_gb", Label: recommend.Text{"ja": "容量", "en": "Storage"}, HigherIsBetter: true}},
		CompatibleWith: []string{"port=usb-c"}, BundleOf: []string{"case-1"},
		URL: "https://shop.example/phone", ImageURL: "https://shop.example/phone.png",
	})
	c.Intern("case-1")
	c.Put(recommend.Item{ID: "old", Unavailable: true, Tags: []string{"sale"}})
	c.Delete("old")
	return c
}

func encode(t testing.TB, c *catalog.Catalog) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := c.Encode(&b); err != nil {
		t.Fatalf("Encode: %v", err)
	}
	return b.Bytes()
}

// TestFixtureOpens holds version 1: what was once written must open for ever.
func TestFixtureOpens(t *testing.T) {
	name := filepath.Join("testdata", "catalog-v1.hex")
	if *update {
		if err := os.WriteFile(name, []byte(hex.Dump(encode(t, fixture()))), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	dump, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(dump), hex.Dump(encode(t, fixture()))); diff != "" {
		t.Errorf("the form of version 1 changed (-want +got):\n%s", diff)
	}
	c, err := catalog.Decode(bytes.NewReader(undump(t, string(dump))))
	if err != nil {
		t.Fatal(err)
	}
	got, want := c.Snapshot(), fixture().Snapshot()
	for i := range uint32(want.Len()) {
		if diff := cmp.Diff(want.Item(i), got.Item(i)); diff != "" {
			t.Errorf("item %d (-want +got):\n%s", i, diff)
		}
		if got.Deleted(i) != want.Deleted(i) {
			t.Errorf("Deleted(%d) = %v", i, got.Deleted(i))
		}
	}
}

func undump(t *testing.T, dump string) []byte {
	t.Helper()
	var out []byte
	for line := range strings.Lines(dump) {
		fields := strings.Fields(line[8:60])
		b, err := hex.DecodeString(strings.Join(fields, ""))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b...)
	}
	return out
}

// history is a catalog with prices of one item that ended and that goes on.
func history() *catalog.Catalog {
	yen := recommend.Money{Amount: 100, Currency: "JPY"}
	may := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	c := catalog.New()
	c.Put(recommend.Item{ID: "a", PriceHistory: []recommend.PricePeriod{
		{Price: yen, From: may, To: may.AddDate(0, 0, 7)},
		{Price: yen, From: may.AddDate(0, 1, 0)},
	}})
	return c
}

func TestPriceHistoryIsKept(t *testing.T) {
	want := history().Snapshot().Item(0)
	c, err := catalog.Decode(bytes.NewReader(encode(t, history())))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, c.Snapshot().Item(0)); diff != "" {
		t.Errorf("decoded (-want +got):\n%s", diff)
	}
	// The catalog keeps whole seconds of UTC, and its own copy.
	tokyo := time.FixedZone("JST", 9*60*60)
	it := *want
	it.PriceHistory = []recommend.PricePeriod{{Price: want.PriceHistory[0].Price, From: want.PriceHistory[0].From.In(tokyo).Add(time.Millisecond)}}
	i := c.Put(it)
	it.PriceHistory[0] = recommend.PricePeriod{}
	kept := []recommend.PricePeriod{{Price: want.PriceHistory[0].Price, From: want.PriceHistory[0].From}}
	if diff := cmp.Diff(kept, c.Snapshot().Item(i).PriceHistory); diff != "" {
		t.Errorf("put (-want +got):\n%s", diff)
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := encode(t, fixture())
	one := func(flags byte, rest ...byte) []byte {
		b := append([]byte("oscatlg\x01"), 1, 1, 'a', flags)
		return append(b, rest...)
	}
	tests := []struct {
		name string
		in   []byte
		want string
	}{
		{"nothing", nil, "unexpected EOF"},
		{"another file", []byte("PNG.....rest"), "not a catalog"},
		{"a later version", append([]byte("oscatlg\x02"), 0, 0xED), "version 2"},
		{"items that are not there", append([]byte("oscatlg\x01"), 0xfe, 0xff, 0xff, 0xff, 0x0f), "unexpected EOF"},
		{"a count beyond the ids", append([]byte("oscatlg\x01"), 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f), "beyond its cap"},
		{"a varint without end", append([]byte("oscatlg\x01"), bytes.Repeat([]byte{0xff}, 11)...), "overflow"},
		{"a string of a gigabyte", append([]byte("oscatlg\x01"), 1, 0x80, 0x80, 0x80, 0x80, 0x04), "beyond its cap"},
		{"an id twice", append([]byte("oscatlg\x01"), 2, 1, 'a', 0, 1, 'a', 0, 0xED), "item id twice"},
		{"unknown flags", one(4, 0xED), "unknown flags"},
		{"attributes without any", one(2, append(make([]byte, 38), 0xED)...), "attributes without any"},
		{"no end mark", one(0, 0), "no end mark"},
		{"bytes beyond the end", append(bytes.Clone(good), 0), "bytes beyond the end"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := catalog.Decode(bytes.NewReader(tt.in))
			if c != nil || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Decode = %v, %v, want an error with %q", c, err, tt.want)
			}
		})
	}
	t.Run("cut anywhere", func(t *testing.T) {
		for n := range good {
			if _, err := catalog.Decode(bytes.NewReader(good[:n])); err == nil {
				t.Fatalf("the first %d of %d bytes decode", n, len(good))
			}
		}
	})
}

// TestDecodeMemoryFollowsBytes: a length alone must not allocate what it says.
func TestDecodeMemoryFollowsBytes(t *testing.T) {
	in := append([]byte("oscatlg\x01"), 0xfe, 0xff, 0xff, 0xff, 0x0f, 0x80, 0x80, 0x40) // 2^32-2 items, the first id of 1 MiB
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := catalog.Decode(bytes.NewReader(in)); err == nil {
		t.Fatal("decoded")
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 512<<10 {
		t.Errorf("%d bytes allocated for %d bytes of input", got, len(in))
	}
}

func TestEncodeRefusesBeyondCaps(t *testing.T) {
	tests := []struct {
		name string
		item recommend.Item
	}{
		{"text", recommend.Item{ID: "a", URL: strings.Repeat("x", 1<<20+1)}},
		{"list", recommend.Item{ID: "a", BundleOf: make([]string, 1<<16+1)}},
		{"price history", recommend.Item{ID: "a", PriceHistory: make([]recommend.PricePeriod, 1<<16+1)}},
		{"category", recommend.Item{ID: "a", Category: strings.Split(strings.Repeat("x", 65), "")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := catalog.New()
			c.Put(tt.item)
			if err := c.Encode(new(bytes.Buffer)); err == nil {
				t.Error("encoded what Decode must refuse")
			}
		})
	}
}

type failingWriter struct{ left int }

var errDisk = errors.New("disk is full")

func (w *failingWriter) Write(b []byte) (int, error) {
	if w.left -= len(b); w.left < 0 {
		return 0, errDisk
	}
	return len(b), nil
}

func TestEncodeReportsTheWriter(t *testing.T) {
	c := catalog.New()
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range 2000 {
		c.Put(randomItem(rng, strings.Repeat("i", 20)+string(rune('a'+i%26))+strings.Repeat("x", i/26)))
	}
	size := len(encode(t, c))
	for _, left := range []int{0, size / 2, size - 1} {
		if err := c.Encode(&failingWriter{left: left}); !errors.Is(err, errDisk) {
			t.Errorf("Encode into %d of %d bytes: %v", left, size, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encode(f, fixture()))
	f.Add(encode(f, history()))
	f.Add(encode(f, catalog.New()))
	f.Add([]byte("oscatlg\x01\x02\x01a\x01\x01b\x00\xED"))
	f.Fuzz(func(t *testing.T, in []byte) {
		c, err := catalog.Decode(bytes.NewReader(in))
		if err != nil {
			return
		}
		first := encode(t, c)
		d, err := catalog.Decode(bytes.NewReader(first))
		if err != nil {
			t.Fatalf("what was decoded and encoded does not decode: %v", err)
		}
		if !bytes.Equal(first, encode(t, d)) {
			t.Fatal("encode, decode, encode gives other bytes")
		}
	})
}
