package cooccur_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/cespare/xxhash/v2"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"osusume/recommend/cooccur"
	"osusume/recommend/profile"
)

// An image brings back all counts, and they go on as those it was made of.
func TestImageRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := drawCounts(t)
		want := counted(cfg, drawLines(t, 60), drawLines(t, 600))
		// Many times the same makes entries wide.
		again := drawLines(t, 6)
		for range 2 + rapid.SampledFrom([]int{0, 300, 3000}).Draw(t, "times") {
			want.Add(again, 0)
		}
		data := image(t, want)
		got, err := cooccur.ReadImage(cfg, data)
		if err != nil {
			t.Fatal(err)
		}
		touched := make(map[uint32]bool)
		got.OnTouch(func(i uint32, _ cooccur.KindSet) { touched[i] = true })
		for range 2 {
			if diff := cmp.Diff(written(want), written(got)); diff != "" {
				t.Fatalf("(-want +got)\n%s", diff)
			}
			for k := range cooccur.Kinds {
				if want.Total(k) != got.Total(k) || want.Pairs(k) != got.Pairs(k) || want.Expected(k, 0, 1) != got.Expected(k, 0, 1) ||
					want.Background(k, 0, 0.5) != got.Background(k, 0, 0.5) {
					t.Fatalf("%s: the sums differ", k)
				}
			}
			want.Remove(again)
			got.Remove(again)
		}
		for _, l := range again {
			if (l.Bought() || l.Browsed()) && !touched[l.Item] {
				t.Fatalf("item %d changed untold", l.Item)
			}
		}
	})
}

// sample is counts of everything an image has.
func sample() *cooccur.Counts {
	var visitors [][]profile.Line
	for v := range uint32(300) {
		visitors = append(visitors, []profile.Line{
			buy(9+v, phone, 1), buy(9+v, cover, 1), view(5, phone, 5*day), view(5, lens, 5*day+1), view(5, cover, 5*day+v),
		})
	}
	visitors = append(visitors, []profile.Line{buy(400, strap, 3), buy(401, strap, 4), buy(401, lens, 4)})
	return counted(cooccur.Settings{}, visitors...)
}

func TestReadImageRefuses(t *testing.T) {
	whole := image(t, sample())
	changed := func(at int, to byte) []byte {
		b := bytes.Clone(whole)
		b[at] = to
		return b
	}
	tests := []struct {
		name string
		cfg  cooccur.Settings
		data []byte
		want string
	}{
		{"nothing", cooccur.Settings{}, nil, "read image of the counts: unknown form or version"},
		{"another version", cooccur.Settings{}, changed(14, '2'), "read image of the counts: unknown form or version"},
		{"a flipped bit", cooccur.Settings{}, changed(len(whole)/2, whole[len(whole)/2]^1), "read image of the counts: damaged: the checksum differs"},
		{"a torn end", cooccur.Settings{}, whole[:len(whole)-9], "read image of the counts: damaged: the checksum differs"},
		{"other settings", cooccur.Settings{StepLambda: 2}, whole, "read image of the counts: made under other settings"},
		{"too many items", cooccur.Settings{}, signed(changed(16+80+3, 0xff)), "read image of the counts: the length does not fit the content"},
		{"something behind the end", cooccur.Settings{}, signed(append(bytes.Clone(whole), whole[:8]...)), "read image of the counts: the length does not fit the content"},
		{"viewers without days", cooccur.Settings{}, signed(changed(16+80+24+12, 1)), "read image of the counts: days of item 0: 300 visitors, want 257"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := cooccur.ReadImage(tt.cfg, tt.data)
			if err == nil || err.Error() != tt.want || c != nil {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// An image much larger than a piece is read the same in whatever portions it comes.
func TestReadImageFrom(t *testing.T) {
	data := image(t, newShop(2e3, 1e5).build(2))
	size := int64(len(data))
	broken := errors.New("broken")
	tests := []struct {
		name    string
		r       io.Reader
		size    int64
		workers int
		err     error
	}{
		{"one worker", bytes.NewReader(data), size, 1, nil},
		{"halves, four workers", iotest.HalfReader(bytes.NewReader(data)), size, 4, nil},
		{"the end comes with the last bytes", iotest.DataErrReader(bytes.NewReader(data)), size, 0, nil},
		{"breaks in the middle", io.MultiReader(bytes.NewReader(data[:size/2]), iotest.ErrReader(broken)), size, 2, broken},
		{"ends in the middle", bytes.NewReader(data[:size/2]), size, 2, cooccur.ErrImageLength},
		{"less than a checksum", bytes.NewReader(nil), 3, 2, cooccur.ErrImageForm},
		{"a flipped bit near the end", bytes.NewReader(flipped(data, len(data)-99)), size, 2, cooccur.ErrImageDamaged},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := cooccur.ReadImageFrom(cooccur.Settings{}, tt.r, tt.size, tt.workers)
			if !errors.Is(err, tt.err) {
				t.Fatalf("got %v, want %v", err, tt.err)
			}
			if err == nil && !bytes.Equal(image(t, c), data) {
				t.Error("another image")
			}
		})
	}
}

func flipped(data []byte, at int) []byte {
	data = bytes.Clone(data)
	data[at] ^= 1
	return data
}

type fullDisk struct{}

var errFull = errors.New("disk full")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestWriteImageTellsOfAFullDisk(t *testing.T) {
	if err := sample().WriteImage(fullDisk{}); !errors.Is(err, errFull) {
		t.Errorf("got %v, want %v", err, errFull)
	}
}

// signed replaces the checksum by the right one.
func signed(data []byte) []byte {
	if len(data) < 8 {
		return data
	}
	body := data[:len(data)-8]
	binary.LittleEndian.PutUint64(data[len(body):], xxhash.Sum64(body))
	return data
}

// FuzzReadImage gives every content its right checksum: what is accepted works
// and is written again as it was.
func FuzzReadImage(f *testing.F) {
	f.Add(image(f, sample()))
	f.Add(image(f, counted(cooccur.Settings{})))
	f.Fuzz(func(t *testing.T, data []byte) {
		data = signed(bytes.Clone(data))
		c, err := cooccur.ReadImage(cooccur.Settings{}, data)
		if err != nil {
			return
		}
		if c.Len() > 1000 {
			return
		}
		if got := image(t, c); !bytes.Equal(got, data) {
			t.Fatalf("read %x\nwritten %x", data, got)
		}
		c.Grow(items)
		lines := []profile.Line{buy(9, phone, 1), buy(9, cover, 1), view(5, phone, 5*day), view(5, lens, 5*day+1)}
		c.Add(lines, 0)
		c.Remove(lines)
	})
}
