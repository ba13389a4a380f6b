package storetest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"osusume/recommend"
)

// Keyed is the contract of what is kept beside the log: documents of the
// configuration and the ledger of offers.
type Keyed interface {
	PutDocument(kind recommend.DocumentKind, id string, body []byte, expected int64, now time.Time) (recommend.Document, error)
	DeleteDocument(kind recommend.DocumentKind, id string, expected int64) error
	Documents(kind recommend.DocumentKind) ([]recommend.Document, error)
	AppendDecisions(records []recommend.DecisionRecord) (first uint64, err error)
	ReplaceDecisions(drop []uint64, records []recommend.DecisionRecord) (first uint64, err error)
	Decisions(fn func(place uint64, d *recommend.DecisionRecord) error) error
}

// TestKeyed runs the suite on logs that are Keyed too.
func TestKeyed(t *testing.T, open Open, check func(t *testing.T, log Log)) {
	cases := []struct {
		name string
		run  func(t *testing.T, h *Harness)
	}{
		{"versions", testVersions},
		{"documents that cannot be stored", testUnstorableDocuments},
		{"documents in order", testDocumentOrder},
		{"callers may reuse the body", testBodyNotAliased},
		{"decisions in order", testDecisions},
		{"decisions that cannot be stored", testUnstorableDecisions},
		{"concurrent changes", testConcurrentChanges},
		{"beside the log", testBesideLog},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(t, New(t, open, check)) })
	}
	t.Run("random changes against a model", func(t *testing.T) { testKeyedModel(t, New(t, open, check)) })
}

func (h *Harness) keyed() Keyed { return h.Log.(Keyed) }

var changed = time.Date(2026, 3, 1, 12, 0, 0, 123, time.FixedZone("", 9*3600))

func put(t *testing.T, h *Harness, kind recommend.DocumentKind, id, body string, expected int64) recommend.Document {
	t.Helper()
	doc, err := h.keyed().PutDocument(kind, id, []byte(body), expected, changed)
	if err != nil {
		t.Fatalf("PutDocument(%s, %s): %v", kind, id, err)
	}
	return doc
}

func wantCode(t *testing.T, err error, want recommend.Code) {
	t.Helper()
	if got := recommend.CodeOf(err); got != want {
		t.Errorf("got %v (%s), want %s", err, got, want)
	}
}

func wantDocuments(t *testing.T, h *Harness, kind recommend.DocumentKind, want ...recommend.Document) {
	t.Helper()
	got, err := h.keyed().Documents(kind)
	if err != nil {
		t.Fatalf("Documents(%q): %v", kind, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Documents(%q) (-want +got):\n%s", kind, diff)
	}
}

func offerDoc(id string, version uint64, body string) recommend.Document {
	return recommend.Document{Kind: recommend.DocumentOffer, ID: id, Version: version, Updated: changed.UTC(), Body: []byte(body)}
}

func testVersions(t *testing.T, h *Harness) {
	const kind = recommend.DocumentOffer
	if diff := cmp.Diff(offerDoc("a", 1, `{}`), put(t, h, kind, "a", `{}`, recommend.VersionNone)); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	put(t, h, kind, "a", `{"n":2}`, 1)
	put(t, h, kind, "a", `{"n":3}`, recommend.VersionAny)
	put(t, h, kind, "b", `{}`, recommend.VersionAny)
	for _, expected := range []int64{recommend.VersionNone, 2, 4} {
		_, err := h.keyed().PutDocument(kind, "a", []byte(`{"n":0}`), expected, changed)
		wantCode(t, err, recommend.CodeConflict)
	}
	_, err := h.keyed().PutDocument(kind, "new", []byte(`{}`), 1, changed)
	wantCode(t, err, recommend.CodeConflict)
	wantCode(t, h.keyed().DeleteDocument(kind, "a", 2), recommend.CodeConflict)
	wantCode(t, h.keyed().DeleteDocument(kind, "new", recommend.VersionAny), recommend.CodeNotFound)
	wantCode(t, h.keyed().DeleteDocument(recommend.DocumentRule, "a", recommend.VersionAny), recommend.CodeNotFound)
	h.Reopen()
	wantDocuments(t, h, kind, offerDoc("a", 3, `{"n":3}`), offerDoc("b", 1, `{}`))
	if err := h.keyed().DeleteDocument(kind, "a", 3); err != nil {
		t.Fatalf("DeleteDocument: %v", err)
	}
	h.Reopen()
	wantDocuments(t, h, kind, offerDoc("b", 1, `{}`))
	put(t, h, kind, "a", `{}`, recommend.VersionNone)
	wantDocuments(t, h, kind, offerDoc("a", 1, `{}`), offerDoc("b", 1, `{}`))
}

func testUnstorableDocuments(t *testing.T, h *Harness) {
	largest := strings.Repeat("x", recommend.MaxDocumentBytes)
	put(t, h, recommend.DocumentOffer, strings.Repeat("i", recommend.MaxIDBytes), largest, recommend.VersionNone)
	tests := []struct {
		name     string
		kind     recommend.DocumentKind
		id, body string
		now      time.Time
		want     recommend.Code
	}{
		{"no kind", "", "a", "{}", changed, recommend.CodeInvalid},
		{"a kind with a zero byte", "of\x00fer", "a", "{}", changed, recommend.CodeInvalid},
		{"no id", recommend.DocumentOffer, "", "{}", changed, recommend.CodeInvalid},
		{"an id with a zero byte", recommend.DocumentOffer, "a\x00b", "{}", changed, recommend.CodeInvalid},
		{"a body too large", recommend.DocumentOffer, "a", largest + "x", changed, recommend.CodeTooLarge},
		{"a time too late", recommend.DocumentOffer, "a", "{}", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), recommend.CodeInvalid},
	}
	for _, tt := range tests {
		_, err := h.keyed().PutDocument(tt.kind, tt.id, []byte(tt.body), recommend.VersionAny, tt.now)
		if got := recommend.CodeOf(err); got != tt.want {
			t.Errorf("%s: got %v (%s), want %s", tt.name, err, got, tt.want)
		}
	}
	if docs, err := h.keyed().Documents(""); len(docs) != 1 || err != nil {
		t.Errorf("%d documents, %v; want the one that is within the limits", len(docs), err)
	}
}

func testDocumentOrder(t *testing.T, h *Harness) {
	// "offer_x" sorts behind every id of "offer", whatever the id.
	for _, id := range []string{"b", "a/b", "a", "あ", "\U0010ffff", " "} {
		put(t, h, recommend.DocumentOffer, id, `{}`, recommend.VersionNone)
	}
	put(t, h, recommend.DocumentRule, "a", `{}`, recommend.VersionNone)
	put(t, h, "offer_x", "a", `{}`, recommend.VersionNone)
	put(t, h, recommend.DocumentExperiment, "z", `{}`, recommend.VersionNone)
	list := func(kind recommend.DocumentKind) string {
		docs, err := h.keyed().Documents(kind)
		if err != nil {
			t.Fatalf("Documents: %v", err)
		}
		var names []string
		for _, d := range docs {
			names = append(names, string(d.Kind)+":"+d.ID)
		}
		return strings.Join(names, ",")
	}
	offers := "offer: ,offer:a,offer:a/b,offer:b,offer:あ,offer:\U0010ffff"
	if got := list(recommend.DocumentOffer); got != offers {
		t.Errorf("offers: got %s, want %s", got, offers)
	}
	if got, want := list(""), "experiment:z,"+offers+",offer_x:a,rule:a"; got != want {
		t.Errorf("all: got %s, want %s", got, want)
	}
}

func testBodyNotAliased(t *testing.T, h *Harness) {
	body := []byte(`{"n":1}`)
	if _, err := h.keyed().PutDocument(recommend.DocumentOffer, "a", body, recommend.VersionNone, changed); err != nil {
		t.Fatal(err)
	}
	copy(body, "XXXXXXX")
	wantDocuments(t, h, recommend.DocumentOffer, offerDoc("a", 1, `{"n":1}`))
}

// DecisionSamples use every field of a decision record and the values at its edges.
func DecisionSamples() []recommend.DecisionRecord {
	at := time.Date(2026, 3, 1, 12, 30, 15, 123456789, time.UTC)
	return []recommend.DecisionRecord{
		{Kind: 1, DecisionID: "d_1", OfferID: "誕生日", CustomerID: "c1", At: at, Expires: at.Add(15 * time.Minute), Yen: 500},
		{Kind: 2, DecisionID: "d_1", OfferID: "誕生日", At: at, Yen: -1 << 62, Redemptions: 1 << 62},
		{Kind: 4, At: at},
		{Kind: 255, DecisionID: strings.Repeat("d", recommend.MaxIDBytes)},
		{Kind: 7, OfferID: "誕生日", At: at, Redemptions: 2, Yen: 1000, Views: 1 << 62, Accepted: -3},
	}
}

type ledgerEntry struct {
	Place  uint64
	Record recommend.DecisionRecord
}

func ledger(t testing.TB, h *Harness) []ledgerEntry {
	t.Helper()
	var got []ledgerEntry
	err := h.keyed().Decisions(func(place uint64, d *recommend.DecisionRecord) error {
		got = append(got, ledgerEntry{place, *d})
		return nil
	})
	if err != nil {
		t.Fatalf("Decisions: %v", err)
	}
	return got
}

func testDecisions(t *testing.T, h *Harness) {
	samples := DecisionSamples()
	first, err := h.keyed().AppendDecisions(samples[:3])
	if err != nil || first != 1 {
		t.Fatalf("AppendDecisions = %d, %v, want 1", first, err)
	}
	if first, err = h.keyed().AppendDecisions(samples[3:]); err != nil || first != 4 {
		t.Fatalf("AppendDecisions = %d, %v, want 4", first, err)
	}
	var want []ledgerEntry
	for i, d := range samples {
		want = append(want, ledgerEntry{uint64(i) + 1, d})
	}
	h.Reopen()
	if diff := cmp.Diff(want, ledger(t, h)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	first, err = h.keyed().ReplaceDecisions([]uint64{1, 3, 3, 99}, samples[:1])
	if err != nil || first != 6 {
		t.Fatalf("ReplaceDecisions = %d, %v, want 6", first, err)
	}
	h.Reopen()
	if diff := cmp.Diff([]ledgerEntry{want[1], want[3], want[4], {6, samples[0]}}, ledger(t, h)); diff != "" {
		t.Errorf("after replacing (-want +got):\n%s", diff)
	}
	if first, err = h.keyed().AppendDecisions(samples[:1]); err != nil || first != 7 {
		t.Errorf("AppendDecisions = %d, %v, want 7", first, err)
	}
	// What is read is of one moment, and keeps nobody from changing it.
	read := 0
	err = h.keyed().Decisions(func(uint64, *recommend.DecisionRecord) error {
		read++
		_, err := h.keyed().AppendDecisions(samples[:1])
		return err
	})
	if err != nil || read != 5 {
		t.Errorf("read %d records, %v, want 5", read, err)
	}
}

func testUnstorableDecisions(t *testing.T, h *Harness) {
	good := DecisionSamples()[0]
	kind, id, late := good, good, good
	kind.Kind = 0
	id.OfferID = strings.Repeat("o", recommend.MaxIDBytes+1)
	late.At = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, bad := range []recommend.DecisionRecord{kind, id, late} {
		if _, err := h.keyed().AppendDecisions([]recommend.DecisionRecord{good, bad}); err == nil {
			t.Errorf("%+v was taken", bad)
		}
		if _, err := h.keyed().ReplaceDecisions([]uint64{1}, []recommend.DecisionRecord{bad}); err == nil {
			t.Errorf("%+v was taken for another", bad)
		}
	}
	if got := ledger(t, h); len(got) != 0 {
		t.Errorf("%d records, want none of a refused batch", len(got))
	}
}

func testConcurrentChanges(t *testing.T, h *Harness) {
	const each = 8
	var wg sync.WaitGroup
	won := make([]int, 4)
	for w := range won {
		wg.Go(func() {
			for i := range each {
				if _, err := h.keyed().PutDocument(recommend.DocumentOffer, fmt.Sprint(i), []byte(fmt.Sprint(w)), recommend.VersionNone, changed); err == nil {
					won[w]++
				} else if recommend.CodeOf(err) != recommend.CodeConflict {
					t.Errorf("PutDocument: %v", err)
				}
				if _, err := h.keyed().AppendDecisions(DecisionSamples()); err != nil {
					t.Errorf("AppendDecisions: %v", err)
				}
			}
		})
	}
	wg.Wait()
	total := 0
	for _, n := range won {
		total += n
	}
	if total != each {
		t.Errorf("%d creations won, want %d", total, each)
	}
	if got, want := len(ledger(t, h)), len(won)*each*len(DecisionSamples()); got != want {
		t.Errorf("%d records, want %d", got, want)
	}
}

func testBesideLog(t *testing.T, h *Harness) {
	mustAppend(t, h, Event("a"))
	put(t, h, recommend.DocumentOffer, "a", `{}`, recommend.VersionNone)
	mustAppend(t, h, Event("b"))
	h.Reopen()
	wantLast(t, h, 2)
	wantDocuments(t, h, "", offerDoc("a", 1, `{}`))
}

func testKeyedModel(t *testing.T, h *Harness) {
	type entry struct {
		version uint64
		body    string
	}
	docs := map[string]entry{}
	places := map[uint64]recommend.DecisionRecord{}
	last := uint64(0)
	rapid.Check(t, func(rt *rapid.T) {
		rt.Repeat(map[string]func(*rapid.T){
			"put": func(rt *rapid.T) {
				id := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "id")
				expected := rapid.Int64Range(-1, 4).Draw(rt, "expected")
				body := rapid.StringN(0, 20, -1).Draw(rt, "body")
				had := docs[id]
				got, err := h.keyed().PutDocument(recommend.DocumentOffer, id, []byte(body), expected, changed)
				if fits := expected == -1 || uint64(expected) == had.version; fits != (err == nil) {
					rt.Fatalf("put at version %d, expecting %d: %v", had.version, expected, err)
				}
				if err == nil {
					docs[id] = entry{had.version + 1, body}
					if got.Version != had.version+1 {
						rt.Fatalf("version %d after %d", got.Version, had.version)
					}
				}
			},
			"delete": func(rt *rapid.T) {
				id := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "id")
				err := h.keyed().DeleteDocument(recommend.DocumentOffer, id, recommend.VersionAny)
				if _, ok := docs[id]; ok != (err == nil) {
					rt.Fatalf("delete: %v", err)
				}
				delete(docs, id)
			},
			"replace": func(rt *rapid.T) {
				batch := rapid.SliceOfN(rapid.SampledFrom(DecisionSamples()), 1, 4).Draw(rt, "records")
				var drop []uint64
				if last > 0 {
					drop = rapid.SliceOfN(rapid.Uint64Range(1, last), 0, 3).Draw(rt, "places")
				}
				first, err := h.keyed().ReplaceDecisions(drop, batch)
				if err != nil || first <= last && len(places) > 0 {
					rt.Fatalf("replace after %d: %d, %v", last, first, err)
				}
				for _, place := range drop {
					delete(places, place)
				}
				for i, d := range batch {
					places[first+uint64(i)] = d
				}
				last = first + uint64(len(batch)) - 1
			},
			"drop": func(rt *rapid.T) {
				if last == 0 {
					return
				}
				place := rapid.Uint64Range(1, last).Draw(rt, "place")
				if _, err := h.keyed().ReplaceDecisions([]uint64{place}, nil); err != nil {
					rt.Fatalf("drop: %v", err)
				}
				delete(places, place)
			},
			"reopen": func(rt *rapid.T) {
				if rapid.IntRange(0, 49).Draw(rt, "dice") > 0 {
					return
				}
				h.Reopen()
				list, err := h.keyed().Documents("")
				if err != nil || len(list) != len(docs) {
					rt.Fatalf("%d documents, %v; want %d", len(list), err, len(docs))
				}
				for _, d := range list {
					if want := docs[d.ID]; string(d.Body) != want.body || d.Version != want.version {
						rt.Fatalf("%s is %q at version %d, want %+v", d.ID, d.Body, d.Version, want)
					}
				}
				entries := ledger(t, h)
				if len(entries) != len(places) {
					rt.Fatalf("%d records, want %d", len(entries), len(places))
				}
				// Places given again after a reopen follow the newest that is left.
				last = 0
				for _, e := range entries {
					if diff := cmp.Diff(places[e.Place], e.Record); diff != "" {
						rt.Fatalf("record %d (-want +got):\n%s", e.Place, diff)
					}
					last = e.Place
				}
			},
		})
	})
}
