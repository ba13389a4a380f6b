package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
)

// The log of these tests: batches of batchRecords events, named by their
// sequence, so that record 7 is the event "e7".
const batchRecords = 3

func eventBatch(first, n int) []recommend.Record {
	records := make([]recommend.Record, n)
	for i := range records {
		records[i] = recommend.Record{Kind: recommend.RecordEvent, Event: recommend.Event{
			ID: fmt.Sprint("e", first+i), Type: recommend.ViewItem, CustomerID: "c",
			Time:  time.Unix(1_700_000_000, 0).UTC(),
			Items: []recommend.EventItem{{ItemID: strings.Repeat("i", 40), Quantity: 1}},
		}}
	}
	return records
}

func fill(t *testing.T, s *Store, batches int) {
	t.Helper()
	for range batches {
		if _, err := s.Append(eventBatch(int(s.LastSeq())+1, batchRecords)); err != nil {
			t.Fatalf("Append: %v", err)
		}
	}
}

func mustOpen(t *testing.T, dir string, opts Options) *Store {
	t.Helper()
	s, err := Open(dir, opts)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { mustClose(t, s) })
	return s
}

func mustClose(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// copyLive copies the directory of an open store as a crash would leave it.
func copyLive(t *testing.T, dir string) string {
	t.Helper()
	dst := filepath.Join(t.TempDir(), "copy")
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		to := filepath.Join(dst, rel)
		if e.IsDir() {
			return os.MkdirAll(to, 0o700)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		// Badger's files are sparse; so are their copies.
		if err := os.WriteFile(to, bytes.TrimRight(data, "\x00"), 0o600); err != nil {
			return err
		}
		return os.Truncate(to, int64(len(data)))
	})
	if err != nil {
		t.Fatalf("copy store: %v", err)
	}
	return dst
}

// only returns the one file in dir's log that matches pattern.
func only(t *testing.T, dir, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, logDirName, pattern))
	if err != nil || len(files) != 1 {
		t.Fatalf("%s matches %v, want one file", pattern, files)
	}
	return files[0]
}

func edit(t *testing.T, path string, change func(data []byte) []byte) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(data), 0o600); err != nil {
		t.Fatal(err)
	}
}

func flip(at int) func([]byte) []byte {
	return func(data []byte) []byte {
		data[at] ^= 0x10
		return data
	}
}

// rawEdit changes the keys of a closed store behind its back.
func rawEdit(t *testing.T, dir string, change func(txn *badger.Txn) error) {
	t.Helper()
	db, err := badger.Open(badgerOptions(filepath.Join(dir, logDirName), slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatalf("open badger: %v", err)
	}
	if err := errors.Join(db.Update(change), db.Close()); err != nil {
		t.Fatalf("edit badger: %v", err)
	}
}

// editChunk changes the value of the chunk that begins at first.
func editChunk(first uint64, change func(v []byte) []byte) func(txn *badger.Txn) error {
	return func(txn *badger.Txn) error {
		item, err := txn.Get(logKey(first, batchRecords))
		if err != nil {
			return err
		}
		v, err := item.ValueCopy(nil)
		if err != nil {
			return err
		}
		return txn.Set(logKey(first, batchRecords), change(v))
	}
}

func deleteChunk(first uint64) func(txn *badger.Txn) error {
	return func(txn *badger.Txn) error { return txn.Delete(logKey(first, batchRecords)) }
}

// forge makes a chunk that is whole in itself but holds something else.
func forge(v []byte) []byte {
	h, payload, err := parseChunk(v)
	if err != nil {
		panic(err)
	}
	other := bytes.Replace(payload, []byte("iiii"), []byte("jjjj"), 1)
	v = append(make([]byte, chunkHeaderBytes), other...)
	sealChunk(v, h)
	return v
}

// replayed lists the sequences of the log and checks each against its event.
func replayed(t *testing.T, s *Store) ([]uint64, error) {
	t.Helper()
	var seqs []uint64
	err := s.Replay(context.Background(), 1, func(seq uint64, r *recommend.Record) error {
		if want := fmt.Sprint("e", seq); r.Event.ID != want {
			t.Errorf("record %d is event %q", seq, r.Event.ID)
		}
		seqs = append(seqs, seq)
		return nil
	})
	var chunks []uint64
	chunksErr := s.ReplayChunks(context.Background(), 1, func(first uint64, records []recommend.Record) error {
		for i := range records {
			chunks = append(chunks, first+uint64(i))
		}
		return nil
	})
	if !slices.Equal(seqs, chunks) || fmt.Sprint(err) != fmt.Sprint(chunksErr) {
		t.Errorf("Replay gives %d records and %v, ReplayChunks %d and %v", len(seqs), err, len(chunks), chunksErr)
	}
	return seqs, err
}

func verifyProblems(t *testing.T, s *Store) []string {
	t.Helper()
	rep, err := s.Verify(context.Background(), nil)
	if err != nil {
		t.Fatalf("Verify: %v", err)
	}
	var got []string
	for _, p := range rep.Problems {
		got = append(got, p.Part+": "+p.Detail)
	}
	return got
}

func span(ranges ...Range) []uint64 {
	var seqs []uint64
	for _, r := range ranges {
		for seq := r.From; seq <= r.To; seq++ {
			seqs = append(seqs, seq)
		}
	}
	return seqs
}

// A log of ten batches, records 1 to 30, damaged in each way a disk knows.
func TestDamage(t *testing.T) {
	cases := []struct {
		name string
		// live damages the copy of an open store, closed the files of a closed
		// one.
		live, closed func(t *testing.T, dir string)
		// missing and reason are of the LossError that Open must give; reason
		// "" means it opens, and Replay must give replayError.
		missing     []Range
		reason      string
		replayError string
		// left is what remains once the loss is accepted.
		left []Range
	}{
		{
			name: "write-ahead log cut off",
			live: func(t *testing.T, dir string) {
				edit(t, only(t, dir, "*.mem"), func(data []byte) []byte {
					return data[:len(bytes.TrimRight(data, "\x00"))/2]
				})
			},
			// The cut goes through the fifth of ten batches.
			missing: []Range{{13, 30}}, reason: "durable up to record 30 but ends at 12",
			left: []Range{{1, 12}},
		},
		{
			name: "one bit flipped in the write-ahead log",
			live: func(t *testing.T, dir string) {
				edit(t, only(t, dir, "*.mem"), func(data []byte) []byte {
					return flip(len(bytes.TrimRight(data, "\x00")) / 3)(data)
				})
			},
			missing: []Range{{10, 30}}, reason: "durable up to record 30 but ends at 9",
			left: []Range{{1, 9}},
		},
		{
			name:    "write-ahead log gone",
			live:    func(t *testing.T, dir string) { os.Remove(only(t, dir, "*.mem")) },
			missing: []Range{{1, 30}}, reason: "durable up to record 30 but ends at 0",
		},
		{
			name:    "log directory gone",
			closed:  func(t *testing.T, dir string) { os.RemoveAll(filepath.Join(dir, logDirName)) },
			missing: []Range{{1, 30}}, reason: "durable up to record 30 but ends at 0",
		},
		{
			name:    "chunk missing in the middle",
			closed:  func(t *testing.T, dir string) { rawEdit(t, dir, deleteChunk(13)) },
			missing: []Range{{13, 15}}, reason: "gaps",
			left: []Range{{1, 12}, {16, 30}},
		},
		{
			name:    "first chunk missing",
			closed:  func(t *testing.T, dir string) { rawEdit(t, dir, deleteChunk(1)) },
			missing: []Range{{1, 3}}, reason: "gaps",
			left: []Range{{4, 30}},
		},
		{
			name:    "last chunk missing",
			closed:  func(t *testing.T, dir string) { rawEdit(t, dir, deleteChunk(28)) },
			missing: []Range{{28, 30}}, reason: "ends at 27",
			left: []Range{{1, 27}},
		},
		{
			name: "several chunks missing",
			closed: func(t *testing.T, dir string) {
				rawEdit(t, dir, deleteChunk(4))
				rawEdit(t, dir, deleteChunk(7))
				rawEdit(t, dir, deleteChunk(13))
				rawEdit(t, dir, deleteChunk(28))
			},
			missing: []Range{{4, 9}, {13, 15}, {28, 30}}, reason: "ends at 27",
			left: []Range{{1, 3}, {10, 12}, {16, 27}},
		},
		{
			name:        "bit flipped in the payload of a chunk",
			closed:      func(t *testing.T, dir string) { rawEdit(t, dir, editChunk(13, flip(chunkHeaderBytes+20))) },
			replayError: "records 13 to 15 damaged: CRC",
			left:        []Range{{1, 12}, {16, 30}},
		},
		{
			name:        "bit flipped in the header of a chunk",
			closed:      func(t *testing.T, dir string) { rawEdit(t, dir, editChunk(13, flip(5))) },
			replayError: "records 13 to 15 damaged: CRC",
			left:        []Range{{1, 12}, {16, 30}},
		},
		{
			name: "chunk cut off",
			closed: func(t *testing.T, dir string) {
				rawEdit(t, dir, editChunk(13, func(v []byte) []byte { return v[:60] }))
			},
			replayError: "records 13 to 15 damaged: payload of 14 bytes",
			left:        []Range{{1, 12}, {16, 30}},
		},
		{
			name:   "bit flipped in the last chunk",
			closed: func(t *testing.T, dir string) { rawEdit(t, dir, editChunk(28, flip(chunkHeaderBytes+20))) },
			reason: "records 28 to 30 damaged: CRC",
			left:   []Range{{1, 27}},
		},
		{
			name:        "chunk replaced by a whole one of other content",
			closed:      func(t *testing.T, dir string) { rawEdit(t, dir, editChunk(13, forge)) },
			replayError: "records 16 to 18 damaged: running hash does not continue",
			left:        []Range{{1, 30}},
		},
		{
			name:   "last chunk replaced by a whole one of other content",
			closed: func(t *testing.T, dir string) { rawEdit(t, dir, editChunk(28, forge)) },
			reason: "running hash at record 30",
			left:   []Range{{1, 30}},
		},
		{
			name:   "high-water file gone",
			closed: func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, highWaterName)) },
			reason: "high-water file is missing",
			left:   []Range{{1, 30}},
		},
		{
			name: "both high-water slots damaged",
			closed: func(t *testing.T, dir string) {
				edit(t, filepath.Join(dir, highWaterName), flip(20))
				edit(t, filepath.Join(dir, highWaterName), flip(slotDistance+20))
			},
			reason: "high-water file is damaged",
			left:   []Range{{1, 30}},
		},
		{
			name: "high-water file cut off",
			closed: func(t *testing.T, dir string) {
				edit(t, filepath.Join(dir, highWaterName), func([]byte) []byte { return nil })
			},
			reason: "high-water file is damaged",
			left:   []Range{{1, 30}},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			s := mustOpen(t, dir, Options{})
			fill(t, s, 10)
			if c.live != nil {
				dir = copyLive(t, dir)
				c.live(t, dir)
			}
			mustClose(t, s)
			if c.closed != nil {
				c.closed(t, dir)
			}
			wantRefused(t, dir, c.reason, c.missing, c.replayError)
			acceptAndGoOn(t, dir, c.left)
		})
	}
}

// wantRefused opens a damaged store and expects the LossError or, when reason
// is empty, the error of Replay.
func wantRefused(t *testing.T, dir, reason string, missing []Range, replayError string) {
	t.Helper()
	s, err := Open(dir, Options{})
	if reason == "" {
		if err != nil {
			t.Fatalf("Open: %v", err)
		}
		defer mustClose(t, s)
		if _, err := replayed(t, s); err == nil || !strings.Contains(err.Error(), replayError) {
			t.Errorf("Replay: %v, want %q", err, replayError)
		}
		if got := verifyProblems(t, s); len(got) == 0 {
			t.Error("Verify finds nothing")
		}
		return
	}
	var loss *LossError
	if !errors.As(err, &loss) {
		t.Fatalf("Open: %v, want a LossError", err)
	}
	if diff := cmp.Diff(missing, loss.Missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	for _, want := range append([]string{reason, dir}, fmtRanges(missing)...) {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not name %q", err, want)
		}
	}
}

func fmtRanges(ranges []Range) []string {
	var out []string
	for _, r := range ranges {
		out = append(out, r.String())
	}
	return out
}

// acceptAndGoOn accepts the loss and checks that what is left works: it
// replays, lost events can be sent again, sequences are not used twice, and
// later opens ask no more.
func acceptAndGoOn(t *testing.T, dir string, left []Range) {
	t.Helper()
	s, err := Open(dir, Options{AcceptLoss: true})
	if err != nil {
		t.Fatalf("Open with AcceptLoss: %v", err)
	}
	want := span(left...)
	got, err := replayed(t, s)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("left: %v (-want +got):\n%s", err, diff)
	}
	if got := verifyProblems(t, s); got != nil {
		t.Errorf("Verify after accepting: %q", got)
	}
	mustClose(t, s)

	s = mustOpen(t, dir, Options{})
	if got, err := replayed(t, s); err != nil || len(got) != len(want) {
		t.Errorf("second open: %d records, %v", len(got), err)
	}
	kept := map[uint64]bool{}
	for _, seq := range want {
		kept[seq] = true
	}
	out, err := s.Append(eventBatch(1, 30))
	if err != nil {
		t.Fatalf("Append: %v", err)
	}
	next := uint64(31)
	for i, a := range out {
		exp := recommend.Appended{Seq: uint64(i) + 1, Duplicate: true}
		if !kept[exp.Seq] {
			exp = recommend.Appended{Seq: next}
			next++
		}
		if a != exp {
			t.Errorf("event e%d again: %+v, want %+v", i+1, a, exp)
		}
	}
	if got := verifyProblems(t, s); got != nil {
		t.Errorf("Verify after appending: %q", got)
	}
	mustClose(t, s)
	s = mustOpen(t, dir, Options{AcceptLoss: true})
	if got := s.LastSeq(); next > 31 && got != next-1 {
		t.Errorf("LastSeq() = %d, want %d", got, next-1)
	}
}

func TestOneTornHighWaterSlotIsNoLoss(t *testing.T) {
	for slot := range 2 {
		t.Run(fmt.Sprint("slot ", slot), func(t *testing.T) {
			dir := t.TempDir()
			s := mustOpen(t, dir, Options{})
			fill(t, s, 4)
			mustClose(t, s)
			edit(t, filepath.Join(dir, highWaterName), flip(slot*slotDistance+20))
			s = mustOpen(t, dir, Options{})
			if got, err := replayed(t, s); err != nil || len(got) != 12 {
				t.Errorf("replayed %v, %v", got, err)
			}
			fill(t, s, 2)
			if got := verifyProblems(t, s); got != nil {
				t.Errorf("Verify: %q", got)
			}
		})
	}
}

func TestVerifyNames(t *testing.T) {
	cases := []struct {
		name   string
		damage func(t *testing.T, dir string)
		want   string
	}{
		{"flipped chunk", func(t *testing.T, dir string) {
			rawEdit(t, dir, editChunk(4, flip(chunkHeaderBytes+20)))
		}, "log: records 4 to 6 damaged: CRC"},
		{"forged chunk", func(t *testing.T, dir string) {
			rawEdit(t, dir, editChunk(4, forge))
		}, "log: records 7 to 9: running hash"},
		{"missing dedupe entry", func(t *testing.T, dir string) {
			k := dedupeKeyOf("e5")
			rawEdit(t, dir, func(txn *badger.Txn) error { return txn.Delete(k[:]) })
		}, `dedupe: event "e5" (record 5) has no entry`},
		{"wrong dedupe entry", func(t *testing.T, dir string) {
			k := dedupeKeyOf("e5")
			rawEdit(t, dir, func(txn *badger.Txn) error {
				return txn.Set(k[:], binary.BigEndian.AppendUint64(nil, 4))
			})
		}, `dedupe: entry of event "e5" names record 4 instead of 5`},
		{"stray dedupe entry", func(t *testing.T, dir string) {
			k := dedupeKeyOf("never sent")
			rawEdit(t, dir, func(txn *badger.Txn) error {
				return txn.Set(k[:], binary.BigEndian.AppendUint64(nil, 4))
			})
		}, "dedupe: 13 entries for 12 events"},
		{"checkpoint", func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, checkpointName), flip(30))
		}, "checkpoint: CRC"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			s := mustOpen(t, dir, Options{})
			fill(t, s, 4)
			saveCheckpoint(t, s, 12, "a checkpoint")
			mustClose(t, s)
			c.damage(t, dir)
			s = mustOpen(t, dir, Options{})
			got := verifyProblems(t, s)
			if !strings.Contains(strings.Join(got, "\n"), c.want) {
				t.Errorf("Verify: %q, want %q", got, c.want)
			}
		})
	}
}

func TestVerifySeesFilesChangeUnderAnOpenStore(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	fill(t, s, 4)
	mustClose(t, s)
	s = mustOpen(t, dir, Options{})
	edit(t, filepath.Join(dir, highWaterName), flip(20))
	edit(t, only(t, dir, "*.sst"), flip(20))
	got := strings.Join(verifyProblems(t, s), "\n")
	for _, want := range []string{"high water: slot 0: CRC", "table: table " + only(t, dir, "*.sst")} {
		if !strings.Contains(got, want) {
			t.Errorf("Verify: %q, want %q", got, want)
		}
	}
}
