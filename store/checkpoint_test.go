package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func saveCheckpoint(t *testing.T, s *Store, seq uint64, body string) {
	t.Helper()
	err := s.SaveCheckpoint(seq, func(w io.Writer) error {
		_, err := io.WriteString(w, body)
		return err
	})
	if err != nil {
		t.Fatalf("SaveCheckpoint: %v", err)
	}
}

// wantDropped expects the checkpoint in dir to count as absent.
func wantDropped(t *testing.T, s *Store) {
	t.Helper()
	before := s.droppedCheckpoints.Load()
	found, err := s.LoadCheckpoint(func(uint64, io.Reader) error {
		t.Error("a damaged checkpoint was handed out")
		return nil
	})
	if found || err != nil {
		t.Errorf("LoadCheckpoint() = %v, %v", found, err)
	}
	st, err := s.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if got := st.CheckpointsDropped - before; got != 1 {
		t.Errorf("%d checkpoints dropped, want 1", got)
	}
	if _, err := os.Stat(filepath.Join(s.dir, checkpointName)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the damaged file is still there: %v", err)
	}
}

func TestDamagedCheckpoint(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	fill(t, s, 2)
	path := filepath.Join(s.dir, checkpointName)
	saveCheckpoint(t, s, 5, "what the index knew")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range whole {
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		edit(t, path, flip(at))
		wantDropped(t, s)
		if err := os.WriteFile(path, whole[:at], 0o600); err != nil {
			t.Fatal(err)
		}
		wantDropped(t, s)
	}
	if err := os.WriteFile(path, append(whole, 0), 0o600); err != nil {
		t.Fatal(err)
	}
	wantDropped(t, s)
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if found, err := s.LoadCheckpoint(func(seq uint64, r io.Reader) error { return nil }); !found || err != nil {
		t.Errorf("intact checkpoint: %v, %v", found, err)
	}
}

func TestCheckpointOfAnotherLog(t *testing.T) {
	other := mustOpen(t, t.TempDir(), Options{})
	for i := range 6 {
		if _, err := other.Append(eventBatch(100+i, 1)); err != nil {
			t.Fatal(err)
		}
	}
	s := mustOpen(t, t.TempDir(), Options{})
	fill(t, s, 1)
	for _, seq := range []uint64{3, 6} { // same length, and beyond the end
		saveCheckpoint(t, other, seq, "not ours")
		data, err := os.ReadFile(filepath.Join(other.dir, checkpointName))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(s.dir, checkpointName), data, 0o600); err != nil {
			t.Fatal(err)
		}
		wantDropped(t, s)
	}
}

func TestUnfinishedCheckpointIsRemoved(t *testing.T) {
	dir := t.TempDir()
	temp := filepath.Join(dir, checkpointTemp)
	if err := os.WriteFile(temp, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, dir, Options{})
	if _, err := os.Stat(temp); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("still there: %v", err)
	}
}

func TestAcceptedLossDropsCheckpoint(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	fill(t, s, 4)
	saveCheckpoint(t, s, 12, "includes the lost")
	mustClose(t, s)
	rawEdit(t, dir, deleteChunk(4))
	s = mustOpen(t, dir, Options{AcceptLoss: true})
	found, err := s.LoadCheckpoint(func(uint64, io.Reader) error { return nil })
	if found || err != nil {
		t.Errorf("LoadCheckpoint() = %v, %v", found, err)
	}
}

func TestStats(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	fill(t, s, 2)
	saveCheckpoint(t, s, 5, "body")
	st, err := s.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if st.LastSeq != 6 || st.CheckpointSeq != 5 || st.LSMBytes == 0 {
		t.Errorf("Stats() = %+v", st)
	}
	// 24 bytes of header, 4 of body, 12 of trailer.
	if st.CheckpointBytes != 40 {
		t.Errorf("CheckpointBytes = %d, want 40", st.CheckpointBytes)
	}
}
