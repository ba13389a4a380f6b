package store

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
	"osusume/store/storetest"
)

func encodeAll(t testing.TB, records []recommend.Record) string {
	t.Helper()
	var b []byte
	var err error
	for i := range records {
		if b, err = appendRecord(b, &records[i]); err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
	}
	return string(b)
}

func decodeAll(payload string) ([]recommend.Record, error) {
	var dec decoder
	var records []recommend.Record
	r := reader{s: payload}
	for r.i < len(r.s) {
		var rec recommend.Record
		if err := dec.decode(&r, &rec); err != nil {
			return records, err
		}
		rec.Event.Items = append([]recommend.EventItem(nil), rec.Event.Items...)
		records = append(records, rec)
	}
	return records, nil
}

// The fixture was written by format version 1 and must read the same for ever.
// A new version gets a file of its own beside it.
func TestFormatVersion1(t *testing.T) {
	records := storetest.Samples()
	path := filepath.Join("testdata", "records-v1.hex")
	fixture, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(fixture))
	if len(lines) != len(records) {
		t.Fatalf("%d records in %s, want %d", len(lines), path, len(records))
	}
	for i, l := range lines {
		raw, err := hex.DecodeString(l)
		if err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		got, err := decodeAll(string(raw))
		if err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		if diff := cmp.Diff(records[i:i+1], got); diff != "" {
			t.Errorf("line %d (-want +got):\n%s", i+1, diff)
		}
		// Equal records have equal bytes, as long as this is the newest format.
		if again := encodeAll(t, records[i:i+1]); again != string(raw) {
			t.Errorf("line %d: encodes to %x now", i+1, again)
		}
	}
}

// A whole store of format version 1, chunk by chunk.
func TestFormatVersion1Chunk(t *testing.T) {
	path := filepath.Join("testdata", "chunk-v1.hex")
	fixture, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := hex.DecodeString(strings.TrimSpace(string(fixture)))
	if err != nil {
		t.Fatal(err)
	}
	h, payload, err := parseChunk(raw)
	if err != nil {
		t.Fatal(err)
	}
	h.hash = 0 // depends on the payload, and parseChunk has checked it
	want := chunkHeader{count: 8, continued: true, first: 100, batch: 90, prev: 0x1234}
	if h != want {
		t.Errorf("header %+v, want %+v", h, want)
	}
	got, err := decodeAll(string(payload))
	if diff := cmp.Diff(storetest.Samples(), got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// A view of an offer came after the first fixtures of version 1; it has a bit of
// its own, so that they read as ever.
func TestFormatVersion1Promotion(t *testing.T) {
	rec := storetest.Event("e1")
	rec.Event.Type = recommend.ViewPromotion
	rec.Event.DecisionID, rec.Event.OfferID = "d_1", "誕生日"
	rec.Event.Items, rec.Event.OrderID = nil, ""
	const fixture = "012483080780a9a19a0d0082a9a19a0d0002653102633103645f3109e8aa95e7949fe697a500"
	raw := encodeAll(t, []recommend.Record{rec})
	if got := hex.EncodeToString([]byte(raw)); got != fixture {
		t.Errorf("encodes to %s, want %s", got, fixture)
	}
	got, err := decodeAll(raw)
	if diff := cmp.Diff([]recommend.Record{rec}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// pricedItem has a price history: its periods may touch, be apart, or not have ended.
func pricedItem() recommend.Record {
	yen := func(n int64) recommend.Money { return recommend.Money{Amount: n, Currency: "JPY"} }
	at := func(month time.Month) time.Time { return time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC) }
	return recommend.Record{Kind: recommend.RecordItemPut, Item: recommend.Item{
		ID: "i", Price: yen(900), BundleOf: []string{"a", "b"},
		PriceHistory: []recommend.PricePeriod{
			{Price: yen(1200), From: at(1), To: at(3)},
			{Price: recommend.Money{Amount: 999, Currency: "USD"}, From: at(3), To: at(4)},
			{Price: recommend.Money{Amount: 899, Currency: "USD"}, From: at(5)},
		},
	}}
}

// The price history came after the first fixtures of version 1, too.
func TestFormatVersion1PriceHistory(t *testing.T) {
	rec := pricedItem()
	const fixture = "02610c016900000000000000000002880e034a50590000000000000000000000000000000000000000000002016101620301e01280e4ad950d0080869c9a0d0002ce0f0355534480869c9a0d008080e39c0d0001860e80b49f9f0d00ffdb8ff9ce0300"
	raw := encodeAll(t, []recommend.Record{rec})
	if got := hex.EncodeToString([]byte(raw)); got != fixture {
		t.Errorf("encodes to %s, want %s", got, fixture)
	}
	got, err := decodeAll(raw)
	if diff := cmp.Diff([]recommend.Record{rec}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for n := range len(raw) {
		if records, err := decodeAll(raw[:n]); err == nil && len(records) > 0 {
			t.Errorf("%d of %d bytes pass for the whole", n, len(raw))
		}
	}
}

// A history of no periods has no bit, so that equal items have equal bytes; one with
// it is damaged, as is one that promises more periods than there are bytes.
func TestDamagedPriceHistory(t *testing.T) {
	bare := recommend.Record{Kind: recommend.RecordItemPut, Item: recommend.Item{ID: "i"}}
	raw := []byte(encodeAll(t, []recommend.Record{bare}))
	raw[1] = byte(len(raw) - 2 + 1) // the length that precedes a record, of one byte more
	raw[2] |= itemHasHistory
	for _, count := range []byte{0, 1, 0x7f} {
		if got, err := decodeAll(string(append(raw[:len(raw):len(raw)], count))); err == nil {
			t.Errorf("%d periods: read %+v", count, got)
		}
	}
}

func TestEncodedSize(t *testing.T) {
	rec := storetest.Event("0123456789")
	// kind 1, length 1, bits 1, type 1, two times of 5+1, three ids of
	// 1+10, 1+2, 1+2, item count 1, item 1+2, quantity 1, price 1+2+1+3.
	if got, want := len(encodeAll(t, []recommend.Record{rec})), 1+1+1+1+12+17+1+3+1+7; got != want {
		t.Errorf("%d bytes, want %d", got, want)
	}
}

func TestUnstorableTimes(t *testing.T) {
	late := storetest.Event("a")
	late.Event.Time = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	early := storetest.Event("a")
	early.Received = time.Date(0, 12, 31, 23, 59, 59, 0, time.UTC)
	far := pricedItem()
	far.Item.PriceHistory[2].To = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, rec := range []recommend.Record{late, early, far} {
		if _, err := appendRecord(nil, &rec); recommend.CodeOf(err) != recommend.CodeInvalid {
			t.Errorf("appendRecord: %v", err)
		}
	}
}

// The largest record the vocabulary's own limits allow, less titles and
// attributes, must fit.
func TestLargestEvent(t *testing.T) {
	rec := storetest.Event(strings.Repeat("e", recommend.MaxIDBytes))
	rec.Event.Items = make([]recommend.EventItem, recommend.MaxEventItems)
	for i := range rec.Event.Items {
		rec.Event.Items[i] = recommend.EventItem{
			ItemID:   fmt.Sprintf("%0*d", recommend.MaxIDBytes, i),
			Quantity: recommend.MaxQuantity,
			Price:    recommend.Money{Amount: recommend.MaxAmount, Currency: [2]string{"JPY", "USD"}[i%2]},
		}
	}
	got, err := decodeAll(encodeAll(t, []recommend.Record{rec}))
	if diff := cmp.Diff([]recommend.Record{rec}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// Every prefix and every flipped byte of valid records decodes to an error or
// to records, never to a panic; a prefix never passes for the whole.
func TestCutRecords(t *testing.T) {
	whole := encodeAll(t, storetest.Samples())
	for i := range len(whole) {
		got, err := decodeAll(whole[:i])
		if err == nil && len(got) == len(storetest.Samples()) {
			t.Errorf("%d of %d bytes pass for the whole", i, len(whole))
		}
	}
}

func FuzzDecodeRecords(f *testing.F) {
	for _, rec := range storetest.Samples() {
		f.Add(encodeAll(f, []recommend.Record{rec}))
	}
	f.Add(encodeAll(f, storetest.Samples()))
	f.Add(encodeAll(f, []recommend.Record{pricedItem()}))
	f.Fuzz(func(t *testing.T, payload string) {
		records, err := decodeAll(payload)
		if err != nil {
			return
		}
		// What decodes is storable again and means the same.
		again, err := decodeAll(encodeAll(t, records))
		if err != nil {
			t.Fatalf("decode again: %v", err)
		}
		if diff := cmp.Diff(fmt.Sprintf("%+v", plain(records)), fmt.Sprintf("%+v", plain(again))); diff != "" {
			t.Errorf("(-first +second):\n%s", diff)
		}
	})
}

// plain makes pointers comparable by their text; NaN and -0 stay as they are.
func plain(records []recommend.Record) []recommend.Record {
	for i := range records {
		if s := records[i].Item.Stock; s != nil {
			records[i].Item.RatingCount += *s
			records[i].Item.Stock = nil
		}
	}
	return records
}

// A sealed chunk gets past the CRC, so that the fuzzer reaches what is behind.
func FuzzParseChunk(f *testing.F) {
	f.Add([]byte(encodeAll(f, storetest.Samples())), uint32(8), false)
	f.Add([]byte{}, uint32(0), true)
	f.Fuzz(func(t *testing.T, raw []byte, count uint32, seal bool) {
		value := raw
		if seal {
			value = append(make([]byte, chunkHeaderBytes), raw...)
			sealChunk(value, chunkHeader{count: count, first: 1, batch: 1})
		}
		h, payload, err := parseChunk(value)
		if err != nil {
			return
		}
		var rec recommend.Record
		var dec decoder
		seen := uint32(0)
		err = dec.eachRecord(string(payload), h.first, 0, h.count, &rec, func(uint64, *recommend.Record) error {
			seen++
			return nil
		})
		if err == nil && seen != h.count {
			t.Errorf("%d records in a chunk of %d", seen, h.count)
		}
	})
}

func FuzzCheckTable(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = guard(func() error { return checkBlocks(strings.NewReader(string(data)), int64(len(data))) })
	})
}

func FuzzParseSlot(f *testing.F) {
	f.Add(make([]byte, slotBytes))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < slotBytes {
			return
		}
		if s := parseSlot([slotBytes]byte(data)); s.written && s.err != nil {
			t.Error("written and damaged")
		}
	})
}
