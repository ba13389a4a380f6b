package profile

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"osusume/recommend"
)

func encoded(t rapid.TB, v *Visitors) []byte {
	t.Helper()
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	if err := v.Encode(w); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// drawVisitors draws a state with merges, groups and impressions.
func drawVisitors(t *rapid.T) *Visitors {
	s := newShop()
	for range rapid.IntRange(0, 12).Draw(t, "events") {
		event := ""
		for _, kind := range []string{"c", "a", "s", "o"} {
			if n := rapid.IntRange(0, 4).Draw(t, kind); n < 3 {
				event += fmt.Sprintf(" %s=%d", kind, n)
			}
		}
		if event == "" {
			continue
		}
		id := s.see(event)
		added := drawLines(t, "lines", 3)
		for n := range added {
			added[n].Time = 1<<31 + uint32(n)
			added[n].Group = id.Session
			added[n].Kind = recommend.Purchase
		}
		lines, _ := Insert(s.Lines(id.Visitor), added)
		s.SetLines(id.Visitor, lines)
		s.Show(id.Visitor, added)
		s.Dropped(id.Visitor, len(added), len(lines), 5)
	}
	return s.Visitors
}

func TestCodecRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := drawVisitors(t)
		b := encoded(t, v)
		if _, err := Decode(append(bytes.Clone(b), 0), 5); err == nil {
			t.Fatal("bytes left over are accepted")
		}
		back, err := Decode(b, 5)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(encoded(t, back), b) {
			t.Fatal("encoding what was decoded gives other bytes")
		}
		if state(back) != state(v) {
			t.Fatalf("decoded\n%swant\n%s", state(back), state(v))
		}
		for id := range uint32(v.Len()) {
			p, q := v.visitors.At(id), back.visitors.At(id)
			if p.link != q.link || p.seen != q.seen || len(p.Shown) != len(q.Shown) {
				t.Fatalf("visitor %d: %+v, want %+v", id, q, p)
			}
		}
	})
}

// Every strict prefix is refused.
func TestDecodeCutShort(t *testing.T) {
	s := newShop()
	s.see("a=x")
	s.see("c=ann a=x s=1")
	b := encoded(t, s.Visitors)
	for n := range b {
		if _, err := Decode(b[:n], 5); err == nil {
			t.Errorf("the first %d of %d bytes decode", n, len(b))
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	const (
		key     = "0123456789abcdef"
		nobody  = "\x00\x00\x00\x00"
		first   = "\x01\x00\x00\x00"
		member  = "\x80\x80\x80\x80\x04" // link of a known visitor
		nothing = "\x00\x00\x00"         // seen, lines, shown
		joins   = "\x80\x80\x80\x80\x08" // link of one merged into visitor 0
		joins1  = "\x81\x80\x80\x80\x08" // into visitor 1
	)
	hash := string(binary.LittleEndian.AppendUint64(nil, hashKey{
		binary.LittleEndian.Uint64([]byte(key[:8])), binary.LittleEndian.Uint64([]byte(key[8:])),
	}.hash(noNode, "")))
	node := hash + nobody
	tests := map[string]string{
		"unknown version":           "\x01\x00" + key + "\x01" + node + "\x00",
		"no nodes":                  "\x02\x00" + key + "\x00\x00",
		"the first node of another": "\x02\x00" + key + "\x01" + "ABCDEFGH" + nobody + "\x00",
		"the same node twice":       "\x02\x00" + key + "\x02" + node + node + "\x00",
		"a node of nobody":          "\x02\x00" + key + "\x02" + node + "ABCDEFGH" + first + "\x00",
		"an empty name":             "\x02\x01\x00" + nobody + key + "\x01" + node + "\x01" + member + nothing,
		"the same name twice":       "\x02\x02\x01a" + nobody + "\x01a" + nobody + key + "\x01" + node + "\x01" + member + nothing,
		"a name of nobody":          "\x02\x01\x01a" + nobody + key + "\x01" + node + "\x00",
		"a name of a stranger":      "\x02\x01\x01a" + nobody + key + "\x01" + node + "\x01" + "\x00" + nothing,
		"merged into itself":        "\x02\x00" + key + "\x01" + node + "\x01" + joins + nothing,
		"merged in a circle":        "\x02\x00" + key + "\x01" + node + "\x02" + joins1 + nothing + joins + nothing,
		"merged into nobody":        "\x02\x00" + key + "\x01" + node + "\x01" + joins1 + nothing,
		"an item that is not there": "\x02\x00" + key + "\x01" + node + "\x01" + "\x00\x01\x01\x05\x00\x00\x01\x01\x00",
		"a group that is not there": "\x02\x00" + key + "\x01" + node + "\x01" + "\x00\x01\x01\x01\x00\x07\x01\x01\x00",
		"a name beyond any id":      "\x02\x01\xff\x7f",
		"more lines than bytes":     "\x02\x00" + key + "\x01" + node + "\x01" + "\x00\x01\xff\xff\xff\xff\x0f",
	}
	for name, form := range tests {
		t.Run(name, func(t *testing.T) {
			if v, err := Decode([]byte(form), 5); err == nil {
				t.Errorf("decoded to %q", state(v))
			}
		})
	}
	// The forms above are right but for what their names say.
	for _, form := range []string{
		"\x02\x00" + key + "\x01" + node + "\x00",
		"\x02\x00" + key + "\x02" + node + "ABCDEFGH" + first + "\x01" + "\x00" + nothing,
		"\x02\x01\x01a" + nobody + key + "\x01" + node + "\x01" + member + nothing,
		"\x02\x00" + key + "\x01" + node + "\x02" + joins1 + nothing + "\x00" + nothing,
		"\x02\x00" + key + "\x01" + node + "\x01" + "\x00\x01\x01\x04\x00\x00\x01\x01\x00",
	} {
		if _, err := Decode([]byte(form), 5); err != nil {
			t.Errorf("%q: %v", form, err)
		}
	}
}

// A session id that a storefront's mistake gives to everybody joins one stranger
// after the other: the chain of merges is as long as they are many.
func TestLongChainsOfMerges(t *testing.T) {
	s := newShop()
	s.see("s=undefined")
	for n := range 300 {
		s.see(fmt.Sprintf("a=%d", n))
		s.see(fmt.Sprintf("a=%d s=undefined", n))
	}
	back, err := Decode(encoded(t, s.Visitors), 5)
	if err != nil {
		t.Fatal(err)
	}
	if state(back) != state(s.Visitors) {
		t.Error("another state than before")
	}
}

func FuzzDecode(f *testing.F) {
	s := newShop()
	s.see("a=x")
	s.see("c=ann a=x s=1 o=7")
	s.see("o=7")
	f.Add(encoded(f, s.Visitors), uint32(5))
	f.Add(encoded(f, NewVisitors()), uint32(0))
	f.Fuzz(func(t *testing.T, b []byte, items uint32) {
		v, err := Decode(b, items)
		if err != nil {
			return
		}
		// What decodes can be used and written again.
		state(v)
		again := encoded(t, v)
		back, err := Decode(again, items)
		if err != nil {
			t.Fatalf("decoded, encoded, refused: %v", err)
		}
		if !bytes.Equal(encoded(t, back), again) {
			t.Fatal("encoding is not stable")
		}
	})
}
