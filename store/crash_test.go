package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
	"osusume/store/storetest"
)

// bigBatch takes three chunks of at most 512 KB: 25 records of 1200 lines of
// about 43 bytes are 1.3 MB.
func bigBatch(first int) []recommend.Record {
	batch := eventBatch(first, 25)
	for i := range batch {
		batch[i].Event.Items = slices.Repeat(batch[i].Event.Items, 1200)
	}
	return batch
}

// A store whose directory is copied at each step of a commit, as a crash at
// that moment would leave it, opens to all of the batch or nothing of it.
func TestCrashAtEachStep(t *testing.T) {
	cases := []struct {
		name  string
		batch func(first int) []recommend.Record
		// want says, for each copy in order, whether the batch is in it.
		want map[string][]bool
	}{
		{
			name:  "one chunk",
			batch: func(first int) []recommend.Record { return eventBatch(first, batchRecords) },
			want:  map[string][]bool{"commit": {false}, "committed": {true}, "high water": {true}},
		},
		{
			name:  "three chunks",
			batch: bigBatch,
			want: map[string][]bool{
				"commit": {false, false, false}, "committed": {false, false, true}, "high water": {true},
			},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			copies := map[string][]string{}
			armed := false
			s := mustOpen(t, dir, Options{fault: func(step string) error {
				if armed {
					copies[step] = append(copies[step], copyLive(t, dir))
				}
				return nil
			}})
			fill(t, s, 2)
			armed = true
			batch := c.batch(7)
			if _, err := s.Append(batch); err != nil {
				t.Fatalf("Append: %v", err)
			}
			for step, wants := range c.want {
				if len(copies[step]) != len(wants) {
					t.Fatalf("step %q ran %d times, want %d", step, len(copies[step]), len(wants))
				}
				for i, want := range wants {
					t.Run(fmt.Sprint(step, " ", i), func(t *testing.T) {
						wantWholeOrNothing(t, copies[step][i], batch, want)
					})
				}
			}
		})
	}
}

func wantWholeOrNothing(t *testing.T, dir string, batch []recommend.Record, whole bool) {
	t.Helper()
	s := mustOpen(t, dir, Options{})
	want := uint64(6)
	if whole {
		want += uint64(len(batch))
	}
	if got := s.LastSeq(); got != want {
		t.Fatalf("LastSeq() = %d, want %d", got, want)
	}
	if got := verifyProblems(t, s); got != nil {
		t.Errorf("Verify: %q", got)
	}
	// The client, not answered, sends it again.
	out, err := s.Append(batch)
	if err != nil {
		t.Fatalf("Append: %v", err)
	}
	for i, a := range out {
		if exp := (recommend.Appended{Seq: uint64(i) + 7, Duplicate: whole}); a != exp {
			t.Fatalf("record %d again: %+v, want %+v", i, a, exp)
		}
	}
	got, err := replayed(t, s)
	if diff := cmp.Diff(span(Range{1, 6 + uint64(len(batch))}), got); diff != "" || err != nil {
		t.Errorf("replay: %v (-want +got):\n%s", err, diff)
	}
	if got := verifyProblems(t, s); got != nil {
		t.Errorf("Verify: %q", got)
	}
}

// Each step failing, before and after it reached the disk.
func TestFailedCommit(t *testing.T) {
	cases := []struct {
		step  string
		whole bool // of the batch is found after a reopen
	}{
		{"commit", false},
		{"committed", true},
		{"high water", true},
	}
	for _, c := range cases {
		t.Run(c.step, func(t *testing.T) {
			dir := t.TempDir()
			broken := errors.New("disk on fire")
			armed := false
			s := mustOpen(t, dir, Options{fault: func(step string) error {
				if armed && step == c.step {
					return broken
				}
				return nil
			}})
			fill(t, s, 2)
			armed = true
			if _, err := s.Append(eventBatch(7, batchRecords)); !errors.Is(err, broken) {
				t.Fatalf("Append: %v, want %v", err, broken)
			}
			armed = false
			_, err := s.Append(eventBatch(7, batchRecords))
			if recommend.CodeOf(err) != recommend.CodeUnavailable || !strings.Contains(err.Error(), broken.Error()) {
				t.Errorf("Append after a failure: %v", err)
			}
			// What was acknowledged before is still served, and no more.
			if got, err := replayed(t, s); err != nil || len(got) != 6 || s.LastSeq() != 6 {
				t.Errorf("replayed %v, %v with LastSeq %d", got, err, s.LastSeq())
			}
			if got := verifyProblems(t, s); got != nil {
				t.Errorf("Verify: %q", got)
			}
			mustClose(t, s)
			wantWholeOrNothing(t, dir, eventBatch(7, batchRecords), c.whole)
		})
	}
}

func TestClosed(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	fill(t, s, 1)
	mustClose(t, s)
	if _, err := s.Append(eventBatch(4, 1)); recommend.CodeOf(err) != recommend.CodeUnavailable {
		t.Errorf("Append: %v", err)
	}
	if _, err := replayed(t, s); err == nil {
		t.Error("Replay of a closed store gives no error")
	}
	if err := s.SaveCheckpoint(1, nil); recommend.CodeOf(err) != recommend.CodeUnavailable {
		t.Errorf("SaveCheckpoint: %v", err)
	}
	if _, err := s.Verify(t.Context(), nil); recommend.CodeOf(err) != recommend.CodeUnavailable {
		t.Errorf("Verify: %v", err)
	}
}

func TestLockedDirectory(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	_, err := Open(dir, Options{})
	if recommend.CodeOf(err) != recommend.CodeUnavailable || !strings.Contains(err.Error(), dir+" is in use by another osusume process") {
		t.Errorf("second Open: %v", err)
	}
	fill(t, s, 1)
	mustClose(t, s)
	mustOpen(t, dir, Options{})
}

func TestDirectoryIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	mustOpen(t, dir, Options{})
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o700 {
		t.Errorf("mode %o, want 700", got)
	}
}

// Badger refuses to open beside a file that it had created but not yet sized.
func TestEmptyBadgerFiles(t *testing.T) {
	for _, name := range []string{"00099.mem", "000099.vlog"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := mustOpen(t, dir, Options{})
			fill(t, s, 2)
			mustClose(t, s)
			if err := os.WriteFile(filepath.Join(dir, logDirName, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			s = mustOpen(t, dir, Options{})
			if got, err := replayed(t, s); err != nil || len(got) != 6 {
				t.Errorf("replayed %v, %v", got, err)
			}
		})
	}
}

// One Append of a million lines is as atomic as any other.
func TestMillionLines(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 20 MB")
	}
	const events, lines = 10_000, 100
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	out, err := s.Append(storetest.LargeBatch(events, lines))
	if err != nil {
		t.Fatalf("Append: %v", err)
	}
	if got := out[events-1]; got != (recommend.Appended{Seq: events}) {
		t.Errorf("last record: %+v", got)
	}
	mustClose(t, s)
	s = mustOpen(t, dir, Options{})
	n := 0
	err = s.Replay(t.Context(), 1, func(_ uint64, r *recommend.Record) error {
		n += len(r.Event.Items)
		return nil
	})
	if err != nil || n != events*lines {
		t.Errorf("replayed %d lines, %v", n, err)
	}
	rep, err := s.Verify(t.Context(), nil)
	if err != nil || !rep.OK() || rep.Chunks < 10 {
		t.Errorf("Verify: %+v, %v", rep, err)
	}
}
