package engine_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"osusume/recommend"
	"osusume/recommend/cooccur"
	"osusume/recommend/engine"
	"osusume/recommend/weight"
)

// The counts of a checkpoint only speed up the start: damaged ones, or those of
// other settings, are counted again.
func TestCheckpointCountsAreOnlyAnAccelerator(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := engine.Settings{}
		records := drawRecords(t, 30)
		x := newIndex(t, s)
		applyInParts(t, x, records)
		x.Refresh(shopNow, nil)
		var b bytes.Buffer
		if err := x.Encode(&b); err != nil {
			t.Fatal(err)
		}
		// The counts end before the lengths of the parts.
		lengths := 4 + 8*int(binary.BigEndian.Uint32(b.Bytes()[b.Len()-4:]))
		damaged := slices.Clone(b.Bytes())
		damaged[len(damaged)-lengths-1] ^= 1
		// A list is damaged where its part ends; the catalog is the first part.
		part := func(k int) int {
			return int(binary.BigEndian.Uint64(b.Bytes()[b.Len()-lengths+8*k:]))
		}
		form := b.Len() - lengths
		for k := range int(binary.BigEndian.Uint32(b.Bytes()[b.Len()-4:])) {
			form -= part(k)
		}
		head, set := slices.Clone(b.Bytes()), slices.Clone(b.Bytes())
		head[form+part(0)+part(1)-20] ^= 2
		set[form+part(0)+part(1)+part(2)-20] ^= 1
		models := engine.Settings{Models: map[string]engine.Model{"lately": {Signals: []engine.Signal{
			{From: engine.FromCart, Weights: weight.Spec{Formula: weight.Jaccard, Over: "orders"}},
		}}}}
		other := engine.Settings{Counts: cooccur.Settings{OrderWindow: 1, SessionWindow: 2}}
		for _, tt := range []struct {
			name     string
			form     []byte
			settings engine.Settings
		}{
			{"damaged", damaged, s},
			{"other settings", b.Bytes(), other},
			{"other lists", b.Bytes(), models},
			{"damaged head of the lists", head, s},
			{"damaged list", set, s},
		} {
			back, err := engine.DecodeIndex(bytes.NewReader(tt.form), tt.settings)
			if err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			if items := len(back.Publish(shopNow).Items("", 100)); back.Dirty() < items {
				t.Fatalf("%s: %d of %d items are behind", tt.name, back.Dirty(), items)
			}
			if got, want := digest(t, back), rebuilt(t, tt.settings, records); got != want {
				t.Fatalf("%s: another index than from the records", tt.name)
			}
		}
	})
}

// Lists and learned weights come with the checkpoint as they were: nothing is
// behind that was not, and what is added later is as if nobody had stopped.
func TestCheckpointKeepsLists(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSettings(t)
		records := drawRecords(t, 30)
		cut := rapid.IntRange(0, len(records)).Draw(t, "cut")
		x := newIndex(t, s)
		applyInParts(t, x, records[:cut])
		x.Refresh(shopNow, nil)
		x.Learn()
		back := reopen(t, x, s)
		if back.Dirty() != 0 {
			t.Fatalf("lists of %d items are behind", back.Dirty())
		}
		if back.Digest() != x.Digest() || back.LearnedDigest() != x.LearnedDigest() {
			t.Fatal("other lists than were written down")
		}
		for set := range back.Sets() {
			if back.LearnJob(set) != nil {
				t.Fatal("there is something to learn again")
			}
		}
		again := reopen(t, back, s)
		// Until it is learned again, what was learned serves.
		lists := make([]string, 2)
		for k, index := range []*engine.Index{x, reopen(t, x, s)} {
			index.Apply(uint64(len(records)), records[cut:])
			index.Refresh(shopNow, nil)
			lists[k] = index.LearnedDigest()
		}
		if lists[0] != lists[1] {
			t.Fatal("learned lists go on otherwise than without a stop")
		}
		applyInParts(t, back, records[cut:])
		applyInParts(t, again, records[cut:])
		for _, x := range []*engine.Index{back, again} {
			x.Refresh(shopNow, nil)
			x.Unlearn()
			x.Learn()
		}
		whole := newIndex(t, s)
		applyInParts(t, whole, records)
		whole.Refresh(shopNow, nil)
		whole.Unlearn()
		whole.Learn()
		if back.Digest() != whole.Digest() || again.Digest() != whole.Digest() {
			t.Fatal("the index taken up from a checkpoint differs from the one built at once")
		}
		if back.LearnedDigest() != whole.LearnedDigest() {
			t.Fatal("learned lists taken up from a checkpoint differ")
		}
	})
}

// What was behind at the checkpoint is behind after it.
func TestCheckpointKeepsWhatIsBehind(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSettings(t)
		records := drawRecords(t, 30)
		x := newIndex(t, s)
		cut := rapid.IntRange(0, len(records)).Draw(t, "cut")
		x.Apply(uint64(cut), records[:cut])
		x.Refresh(shopNow, nil)
		x.Apply(uint64(len(records)), records[cut:])
		left := rapid.IntRange(0, 5).Draw(t, "lists made")
		x.Refresh(shopNow, func() bool { left--; return left >= 0 })
		back := reopen(t, x, s)
		if back.Dirty() != x.Dirty() {
			t.Fatalf("lists of %d items are behind, want %d", back.Dirty(), x.Dirty())
		}
		if got, want := digest(t, back), rebuilt(t, s, records); got != want {
			t.Fatal("lists stayed behind")
		}
	})
}

// FuzzDecodeIndex: arbitrary bytes, and every damage to good ones, give an error or
// an index that holds together.
func FuzzDecodeIndex(f *testing.F) {
	x, err := engine.NewIndex(engine.Settings{})
	if err != nil {
		f.Fatal(err)
	}
	x.Apply(3, []recommend.Record{
		{Kind: recommend.RecordEvent, Event: event(recommend.Purchase, "a", "b")},
		{Kind: recommend.RecordEvent, Event: event(recommend.ViewItem, "b", "c")},
		{Kind: recommend.RecordItemPut, Item: recommend.Item{ID: "c"}},
	})
	x.Refresh(shopNow, nil)
	x.Learn()
	var b bytes.Buffer
	if err := x.Encode(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes(), uint32(0), byte(0))
	for at := 0; at < b.Len(); at += b.Len()/50 + 1 {
		f.Add(b.Bytes(), uint32(at), byte(0x55))
	}
	f.Add([]byte("osusume-index-3\n"), uint32(0), byte(0))
	f.Fuzz(func(t *testing.T, form []byte, at uint32, flip byte) {
		if len(form) > 0 {
			form = slices.Clone(form)
			form[int(at)%len(form)] ^= flip
		}
		x, err := engine.DecodeIndex(bytes.NewReader(form), engine.Settings{})
		if err != nil {
			return
		}
		x.Refresh(shopNow, nil)
		x.Digest()
	})
}

func event(kind recommend.EventType, items ...string) recommend.Event {
	e := recommend.Event{ID: kind.String(), Type: kind, Time: shopStart, CustomerID: "c", OrderID: "o", SessionID: "s"}
	for _, id := range items {
		e.Items = append(e.Items, recommend.EventItem{ItemID: id, Quantity: 1})
	}
	return e
}
