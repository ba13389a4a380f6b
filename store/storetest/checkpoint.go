package storetest

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"osusume/recommend"
)

func save(t *testing.T, log Log, seq uint64, body []byte) {
	t.Helper()
	err := log.SaveCheckpoint(seq, func(w io.Writer) error {
		_, err := w.Write(body)
		return err
	})
	if err != nil {
		t.Fatalf("SaveCheckpoint(%d): %v", seq, err)
	}
}

func wantCheckpoint(t *testing.T, log Log, seq uint64, body []byte) {
	t.Helper()
	found, err := log.LoadCheckpoint(func(gotSeq uint64, r io.Reader) error {
		got, err := io.ReadAll(r)
		if gotSeq != seq || !bytes.Equal(got, body) {
			t.Errorf("checkpoint at %d with %d bytes, want at %d with %d", gotSeq, len(got), seq, len(body))
		}
		return err
	})
	if !found || err != nil {
		t.Errorf("LoadCheckpoint() = %v, %v", found, err)
	}
}

func testCheckpoint(t *testing.T, h *Harness) {
	save(t, h, 0, nil)
	wantCheckpoint(t, h, 0, nil)
	mustAppend(t, h, Event("a"), Event("b"), Event("c"))
	// In the middle of a chunk, and longer than any buffer.
	long := bytes.Repeat([]byte("0123456789abcdef"), 1<<17)
	save(t, h, 2, long)
	wantCheckpoint(t, h, 2, long)
	h.Reopen()
	wantCheckpoint(t, h, 2, long)
	save(t, h, 3, []byte("newer"))
	h.Reopen()
	wantCheckpoint(t, h, 3, []byte("newer"))

	mine := errors.New("mine")
	found, err := h.LoadCheckpoint(func(uint64, io.Reader) error { return mine })
	if found || err != mine { //nolint:errorlint // the contract is: returned as it is
		t.Errorf("LoadCheckpoint() = %v, %v, want %v itself", found, err, mine)
	}
	wantCheckpoint(t, h, 3, []byte("newer"))
}

func testCheckpointWriteError(t *testing.T, h *Harness) {
	mustAppend(t, h, Event("a"))
	save(t, h, 1, []byte("old"))
	mine := errors.New("mine")
	err := h.SaveCheckpoint(1, func(w io.Writer) error {
		_, _ = w.Write([]byte("half"))
		return mine
	})
	if err != mine { //nolint:errorlint // the contract is: returned as it is
		t.Errorf("SaveCheckpoint: %v, want %v itself", err, mine)
	}
	wantCheckpoint(t, h, 1, []byte("old"))
	h.Reopen()
	wantCheckpoint(t, h, 1, []byte("old"))
}

func testCheckpointBeyond(t *testing.T, h *Harness) {
	mustAppend(t, h, Event("a"))
	err := h.SaveCheckpoint(2, func(io.Writer) error { return errors.New("called") })
	if got := recommend.CodeOf(err); got != recommend.CodeInvalid {
		t.Errorf("SaveCheckpoint: %v (%s), want %s", err, got, recommend.CodeInvalid)
	}
}
