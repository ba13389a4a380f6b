package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxRowBytes bounds one row, quoted line breaks included.
const maxRowBytes = 256 << 10

// fillBytes is how much a refill waits for, so that a reader that trickles
// does not make a long quoted cell quadratic.
const fillBytes = 32 << 10

// maxRejectedBytes bounds what is kept of a row too long to read.
const maxRejectedBytes = 1 << 10

// RowError is a row that could not be used. Reading goes on after it.
type RowError struct {
	// Line is where the row starts, counted from 1 with the header.
	Line   int64
	Reason string
	// Raw is the row as it stands in the file, without its line end.
	Raw string

	// misfit: the price does not fit the currency.
	misfit bool
}

func (e *RowError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// row is one record of a CSV file. Its slices are valid until the next one.
type row struct {
	line  int64
	raw   []byte
	cells [][]byte
}

// rowReader splits CSV (RFC 4180) into rows. Unlike a general reader it never
// lets one bad row take others with it: a quote that is not closed within
// maxRowBytes costs the line it stands in, and memory is bounded. A quote
// inside an unquoted cell is an ordinary character (6" RULER).
type rowReader struct {
	src   io.Reader
	delim byte

	buf        []byte
	start, end int
	line       int64 // of buf[start]
	srcErr     error

	cells   [][]byte
	scratch []byte
}

func newRowReader(src io.Reader, delim byte) *rowReader {
	return &rowReader{src: src, delim: delim, buf: make([]byte, maxRowBytes+fillBytes), line: 1}
}

var bom = []byte("\xef\xbb\xbf")

// next returns the next row that is not blank. A *RowError is about one row
// and reading can go on; any other error is final, io.EOF at the end.
func (s *rowReader) next() (row, error) {
	for {
		lineEnd, err := s.findLineEnd()
		if err != nil {
			return row{}, err
		}
		if s.line == 1 && bytes.HasPrefix(s.buf[s.start:lineEnd], bom) {
			s.start += len(bom)
		}
		text := trimCR(s.buf[s.start:lineEnd])
		if len(bytes.TrimSpace(text)) == 0 {
			s.consume(lineEnd)
			continue
		}
		line := s.line
		if bytes.IndexByte(text, '"') < 0 {
			s.split(text)
			s.consume(lineEnd)
			return row{line, text, s.cells}, nil
		}
		return s.quoted(line)
	}
}

// findLineEnd returns the index of the line break that ends the line at start,
// or of the end of the input.
func (s *rowReader) findLineEnd() (int, error) {
	searched := 0
	for {
		if i := bytes.IndexByte(s.buf[s.start+searched:s.end], '\n'); i >= 0 {
			return s.start + searched + i, nil
		}
		searched = s.end - s.start
		if s.srcErr != nil {
			if searched == 0 || !errors.Is(s.srcErr, io.EOF) {
				return 0, s.srcErr
			}
			return s.end, nil
		}
		if searched >= maxRowBytes {
			return 0, s.dropLongLine()
		}
		s.fill()
	}
}

// dropLongLine skips the line at start and reports it.
func (s *rowReader) dropLongLine() error {
	bad := &RowError{
		Line:   s.line,
		Reason: fmt.Sprintf("longer than %d bytes", maxRowBytes),
		Raw:    string(s.buf[s.start : s.start+maxRejectedBytes]),
	}
	for {
		if i := bytes.IndexByte(s.buf[s.start:s.end], '\n'); i >= 0 {
			s.consume(s.start + i)
			return bad
		}
		s.start = s.end
		if s.srcErr != nil {
			return bad
		}
		s.fill()
	}
}

// fill reads at least fillBytes more, unless the input ends first.
func (s *rowReader) fill() {
	copy(s.buf, s.buf[s.start:s.end])
	s.end -= s.start
	s.start = 0
	want := min(s.end+fillBytes, len(s.buf))
	for empty := 0; s.end < want && s.srcErr == nil; {
		n, err := s.src.Read(s.buf[s.end:])
		s.end += n
		s.srcErr = err
		if n > 0 {
			empty = 0
		} else if empty++; empty == 100 && err == nil {
			s.srcErr = io.ErrNoProgress
		}
	}
}

// consume moves past the row whose line break stands at end.
func (s *rowReader) consume(end int) {
	next := min(end+1, s.end)
	s.line += int64(bytes.Count(s.buf[s.start:next], []byte{'\n'}))
	s.start = next
}

func trimCR(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == '\r' {
		return b[:n-1]
	}
	return b
}

// split cuts text, which holds no quotes, at the delimiters.
func (s *rowReader) split(text []byte) {
	s.cells = s.cells[:0]
	for {
		i := bytes.IndexByte(text, s.delim)
		if i < 0 {
			s.cells = append(s.cells, text)
			return
		}
		s.cells = append(s.cells, text[:i])
		text = text[i+1:]
	}
}

// quoted reads a row that holds quotes and may span lines.
func (s *rowReader) quoted(line int64) (row, error) {
	for {
		window := s.buf[s.start:s.end]
		whole := len(window) <= maxRowBytes && errors.Is(s.srcErr, io.EOF)
		n, outcome := s.parseQuoted(window[:min(len(window), maxRowBytes)], whole)
		switch {
		case outcome == quotesFine:
			raw := trimCR(window[:n])
			s.consume(s.start + n)
			return row{line, raw, s.cells}, nil
		case outcome == quotesOpen && s.srcErr == nil && len(window) < maxRowBytes:
			s.fill()
		case s.srcErr != nil && !errors.Is(s.srcErr, io.EOF):
			return row{}, s.srcErr
		default:
			reason := "a quoted cell must end with a quote before the delimiter"
			if outcome == quotesOpen {
				reason = "a quoted cell is never closed"
			}
			// Only the first line is lost: what follows it is most likely sound.
			end := len(window)
			if i := bytes.IndexByte(window, '\n'); i >= 0 {
				end = i
			}
			bad := &RowError{Line: line, Reason: reason, Raw: string(trimCR(window[:end]))}
			s.consume(s.start + end)
			return row{}, bad
		}
	}
}

type quotes uint8

const (
	quotesFine quotes = iota
	quotesOpen        // the text ends inside a quoted cell, or on its closing quote
	quotesBad
)

// parseQuoted reads one row from the start of text into s.cells and returns
// where its line break stands. whole says that nothing follows text.
func (s *rowReader) parseQuoted(text []byte, whole bool) (end int, outcome quotes) {
	s.cells, s.scratch = s.cells[:0], s.scratch[:0]
	if cap(s.scratch) < len(text) {
		// Cells point into scratch, so it must not move while they are made.
		s.scratch = make([]byte, 0, max(len(text), fillBytes))
	}
	i := 0
	for {
		if i < len(text) && text[i] == '"' {
			from := len(s.scratch)
			i++
			for {
				q := bytes.IndexByte(text[i:], '"')
				if q < 0 {
					return 0, quotesOpen
				}
				s.scratch = append(s.scratch, text[i:i+q]...)
				i += q + 1
				if i < len(text) && text[i] == '"' {
					s.scratch = append(s.scratch, '"')
					i++
					continue
				}
				break
			}
			if i == len(text) && !whole {
				return 0, quotesOpen
			}
			s.cells = append(s.cells, s.scratch[from:len(s.scratch):len(s.scratch)])
			switch {
			case i == len(text):
				return i, quotesFine
			case text[i] == s.delim:
				i++
				continue
			case text[i] == '\n':
				return i, quotesFine
			case text[i] == '\r' && (i+1 == len(text) || text[i+1] == '\n'):
				return min(i+1, len(text)), quotesFine
			default:
				return 0, quotesBad
			}
		}
		rest := text[i:]
		stop := len(rest)
		if nl := bytes.IndexByte(rest, '\n'); nl >= 0 {
			stop = nl
		}
		if d := bytes.IndexByte(rest[:stop], s.delim); d >= 0 {
			s.cells = append(s.cells, rest[:d])
			i += d + 1
			continue
		}
		if stop == len(rest) && !whole {
			return 0, quotesOpen
		}
		s.cells = append(s.cells, trimCR(rest[:stop]))
		return i + stop, quotesFine
	}
}
