package datasets

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// readRows returns the cells of all rows, and "line: reason" of the bad ones.
func readRows(t testing.TB, r io.Reader) (rows [][]string, lines []int64, bad []string) {
	t.Helper()
	s := newRowReader(r, ',')
	for {
		row, err := s.next()
		var re *RowError
		switch {
		case errors.Is(err, io.EOF):
			return rows, lines, bad
		case errors.As(err, &re):
			bad = append(bad, re.Error())
		case err != nil:
			t.Fatalf("next: %v", err)
		default:
			cells := make([]string, len(row.cells))
			for i, c := range row.cells {
				cells[i] = string(c)
			}
			rows = append(rows, cells)
			lines = append(lines, row.line)
		}
	}
}

func TestRowReader(t *testing.T) {
	page := strings.Repeat("x", 1<<12)
	long := strings.Repeat("x", maxRowBytes+1)
	tests := []struct {
		name, in string
		rows     [][]string
		lines    []int64
		bad      []string
	}{
		{name: "empty"},
		{name: "plain", in: "a,b\n1,2\n", rows: [][]string{{"a", "b"}, {"1", "2"}}, lines: []int64{1, 2}},
		{name: "no last line break", in: "a,b\n1,", rows: [][]string{{"a", "b"}, {"1", ""}}, lines: []int64{1, 2}},
		{name: "windows line ends and byte order mark", in: "\xef\xbb\xbfa,b\r\n1,\"2\"\r\n", rows: [][]string{{"a", "b"}, {"1", "2"}}, lines: []int64{1, 2}},
		{name: "blank lines count as lines only", in: "a\n\n \n1\n", rows: [][]string{{"a"}, {"1"}}, lines: []int64{1, 4}},
		{name: "quotes", in: `"a,1","say ""hi""",,""` + "\n", rows: [][]string{{"a,1", `say "hi"`, "", ""}}, lines: []int64{1}},
		{name: "quote inside an unquoted cell is text", in: `6" RULER,1` + "\n", rows: [][]string{{`6" RULER`, "1"}}, lines: []int64{1}},
		{name: "line break inside quotes", in: "\"a\nb\",1\nc,2\n", rows: [][]string{{"a\nb", "1"}, {"c", "2"}}, lines: []int64{1, 3}},
		{
			name: "text after a closing quote costs one line", in: "\"a\"b,1\nc,2\n",
			rows: [][]string{{"c", "2"}}, lines: []int64{2},
			bad: []string{"line 1: a quoted cell must end with a quote before the delimiter"},
		},
		{
			name: "open quote costs one line", in: "a,1\n\"b,2\nc,3\nd,4\n",
			rows: [][]string{{"a", "1"}, {"c", "3"}, {"d", "4"}}, lines: []int64{1, 3, 4},
			bad: []string{"line 2: a quoted cell is never closed"},
		},
		{
			name: "open quote before much text", in: "\"b,2\n" + strings.Repeat(page+",3\n", maxRowBytes/len(page)) + "d,4\n",
			rows:  append(slices.Repeat([][]string{{page, "3"}}, maxRowBytes/len(page)), []string{"d", "4"}),
			lines: sequence(2, int64(maxRowBytes/len(page))+2),
			bad:   []string{"line 1: a quoted cell is never closed"},
		},
		{
			name: "overlong line", in: "a\n" + long + long + "\nb\n",
			rows: [][]string{{"a"}, {"b"}}, lines: []int64{1, 3},
			bad: []string{"line 2: longer than 262144 bytes"},
		},
		{name: "overlong last line", in: long + long, bad: []string{"line 1: longer than 262144 bytes"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for name, r := range map[string]io.Reader{
				"at once":   strings.NewReader(tt.in),
				"trickling": iotest.HalfReader(iotest.DataErrReader(strings.NewReader(tt.in))),
			} {
				rows, lines, bad := readRows(t, r)
				if diff := cmp.Diff(tt.rows, rows); diff != "" {
					t.Errorf("%s: rows (-want +got):\n%s", name, diff)
				}
				if diff := cmp.Diff(tt.lines, lines); diff != "" {
					t.Errorf("%s: lines (-want +got):\n%s", name, diff)
				}
				if diff := cmp.Diff(tt.bad, bad); diff != "" {
					t.Errorf("%s: bad rows (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

func sequence(from, to int64) []int64 {
	var s []int64
	for n := from; n <= to; n++ {
		s = append(s, n)
	}
	return s
}

func TestRowReaderKeepsTheRawRow(t *testing.T) {
	s := newRowReader(strings.NewReader("\"a\n\"\"b\",1\r\nc,2"), ',')
	for _, want := range []string{"\"a\n\"\"b\",1", "c,2"} {
		row, err := s.next()
		if err != nil || string(row.raw) != want {
			t.Errorf("raw = %q, %v; want %q", row.raw, err, want)
		}
	}
}

// A row may be cut anywhere by the end of the buffer and must come out whole.
func TestRowReaderAcrossRefills(t *testing.T) {
	for n := fillBytes - 12; n <= fillBytes; n++ {
		first := "a\n" + strings.Repeat("x", n)
		in := `"` + first + `","b""",cd` + "\ne,f,g\n"
		rows, _, bad := readRows(t, &dribble{in: in, step: fillBytes})
		want := [][]string{{first, `b"`, "cd"}, {"e", "f", "g"}}
		if diff := cmp.Diff(want, rows); diff != "" || bad != nil {
			t.Fatalf("%d bytes: bad %v, rows (-want +got):\n%s", n, bad, diff)
		}
	}
}

// dribble gives step bytes at a time, with empty reads between.
type dribble struct {
	in    string
	step  int
	empty bool
}

func (d *dribble) Read(p []byte) (int, error) {
	if d.empty = !d.empty; d.empty {
		return 0, nil
	}
	if d.in == "" {
		return 0, io.EOF
	}
	n := copy(p, d.in[:min(d.step, len(d.in))])
	d.in = d.in[n:]
	return n, nil
}

func TestRowReaderReportsReadErrors(t *testing.T) {
	broken := errors.New("cable")
	for _, in := range []string{"a,b\nc", "a,b\n\"c\n", "a,b\n\"c\nd\""} {
		s := newRowReader(io.MultiReader(strings.NewReader(in), iotest.ErrReader(broken)), ',')
		if _, err := s.next(); err != nil {
			t.Fatalf("%q: first row: %v", in, err)
		}
		if _, err := s.next(); !errors.Is(err, broken) {
			t.Errorf("%q: got %v, want the read error and no half row", in, err)
		}
	}
	if _, err := newRowReader(stuck{}, ',').next(); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a reader that never gives anything: got %v", err)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// FuzzRows: whatever the bytes, reading ends; and what the standard library
// accepts as CSV, it and we read alike.
func FuzzRows(f *testing.F) {
	for _, s := range []string{
		"a,b\n1,2\n", "\"a\",\"b\"\"c\"\n", "\"a\nb\",c\n", "\"", "\"a\"b\nc\n", ",,\n,\n", "\xef\xbb\xbfa\n", "a\r\nb", "\"\"\n\"\n", "x\"y,\"z\"\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		rows, lines, bad := readRows(t, strings.NewReader(string(in)))
		if len(rows)+len(bad) > len(in)+1 {
			t.Fatalf("%d rows and %d bad ones of %d bytes", len(rows), len(bad), len(in))
		}
		if !slices.IsSorted(lines) {
			t.Fatalf("lines go backwards: %v", lines)
		}
		// The library drops carriage returns inside cells, keeps the byte order
		// mark, and takes lines of spaces for rows.
		if strings.ContainsAny(string(in), "\r\ufeff \t\v\f\u0085\u00a0") || len(in) > maxRowBytes {
			return
		}
		std := csv.NewReader(strings.NewReader(string(in)))
		std.FieldsPerRecord = -1
		want, err := std.ReadAll()
		if err != nil {
			return
		}
		if diff := cmp.Diff(want, rows); diff != "" && !unicodeSpace(in) {
			t.Fatalf("rows (-encoding/csv +ours):\n%s", diff)
		}
		if len(bad) > 0 && !unicodeSpace(in) {
			t.Fatalf("bad rows %v, none for encoding/csv", bad)
		}
	})
}

// unicodeSpace reports whether a line of in is blank but not empty.
func unicodeSpace(in []byte) bool {
	for line := range strings.SplitSeq(string(in), "\n") {
		if line != "" && strings.TrimSpace(line) == "" {
			return true
		}
	}
	return false
}
