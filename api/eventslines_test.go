package api

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"osusume/recommend"
)

// heldLine is an entry of a stream with bytes of its own.
type heldLine struct {
	Text    string
	Line    int
	TooLong bool
}

// holdLines cuts r to its end, chunks of at most limit entries, and checks the buffer.
func holdLines(t rapid.TB, r io.Reader, most, limit int) ([]heldLine, error) {
	l := &lineChunks{r: r, most: most}
	var out []heldLine
	var entries []entry
	for {
		var err error
		entries, err = l.next(entries[:0], limit)
		if len(entries) > limit {
			t.Fatalf("%d entries of at most %d", len(entries), limit)
		}
		if cap(l.buf) > most+1 {
			t.Fatalf("a buffer of %d bytes for lines of %d", cap(l.buf), most)
		}
		for _, e := range entries {
			if e.Err != nil && (e.Err.Code != recommend.CodeTooLarge || e.Raw != nil) {
				t.Fatalf("line %d: %+v", e.Line, e)
			}
			out = append(out, heldLine{string(e.Raw), e.Line, e.Err != nil})
		}
		if err != nil {
			return out, err
		}
	}
}

// wantLines is what a stream holds, found at leisure.
func wantLines(body string, most int) []heldLine {
	var out []heldLine
	all := strings.SplitAfter(body, "\n")
	for i, line := range all {
		text := strings.TrimSuffix(line, "\n")
		switch trimmed := strings.TrimSpace(text); {
		case len(text) > most:
			out = append(out, heldLine{"", i + 1, true})
		case trimmed != "":
			out = append(out, heldLine{trimmed, i + 1, false})
		}
	}
	return out
}

// pieces reads what rapid draws, at most, each time.
type pieces struct {
	t *rapid.T
	r io.Reader
}

func (p pieces) Read(b []byte) (int, error) {
	return p.r.Read(b[:min(len(b), rapid.IntRange(0, 9).Draw(p.t, "piece"))])
}

func TestLinesAreThoseOfTheStream(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringOfN(rapid.SampledFrom([]rune("ab \r\n\n")), 0, 120, -1).Draw(t, "body")
		most := rapid.IntRange(1, 12).Draw(t, "most")
		limit := rapid.IntRange(1, 5).Draw(t, "limit")
		got, err := holdLines(t, pieces{t, strings.NewReader(body)}, most, limit)
		if !errors.Is(err, io.EOF) {
			t.Fatalf("ended with %v", err)
		}
		if diff := cmp.Diff(wantLines(body, most), got); diff != "" {
			t.Fatalf("lines of %q (-want +got):\n%s", body, diff)
		}
		// Cut off anywhere: whole chunks of whole lines, and the error.
		cut := rapid.IntRange(0, len(body)).Draw(t, "cut")
		broken := io.MultiReader(strings.NewReader(body[:cut]), iotest.ErrReader(io.ErrUnexpectedEOF))
		part, err := holdLines(t, broken, most, limit)
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("cut off at %d, ended with %v", cut, err)
		}
		if len(part) > len(got) || !slices.Equal(part, got[:len(part)]) {
			t.Fatalf("cut off at %d of %q:\n%v, which are not the first of\n%v", cut, body, part, got)
		}
		whole := wantLines(body[:strings.LastIndexByte(body[:cut], '\n')+1], most)
		if len(part) > len(whole) {
			t.Fatalf("cut off at %d of %q: %d entries of %d lines", cut, body, len(part), len(whole))
		}
	})
}

func TestLinesFromABrokenReader(t *testing.T) {
	never := readerFunc(func([]byte) (int, error) { return 0, nil })
	if _, err := holdLines(t, never, 100, 10); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a reader that brings nothing ended with %v", err)
	}
	// The end may come with the last bytes.
	got, err := holdLines(t, iotest.DataErrReader(strings.NewReader("a\nb")), 100, 10)
	if want := []heldLine{{"a", 1, false}, {"b", 2, false}}; !errors.Is(err, io.EOF) || !slices.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func FuzzLines(f *testing.F) {
	f.Add([]byte("{}\n\n{}"), 3, 1)
	f.Add([]byte("long line\r\nx\n"), 4, 2)
	f.Fuzz(func(t *testing.T, body []byte, most, limit int) {
		if most < 1 || most > 1<<16 || limit < 1 || limit > 1000 {
			t.Skip()
		}
		got, err := holdLines(t, bytes.NewReader(body), most, limit)
		if !errors.Is(err, io.EOF) {
			t.Fatalf("ended with %v", err)
		}
		if diff := cmp.Diff(wantLines(string(body), most), got); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	})
}
