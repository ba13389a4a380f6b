package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"osusume/recommend"
)

const (
	// maxLineBytes bounds a line of a stream: an event of 2,000 items, the most
	// there may be, takes some 200 KB.
	maxLineBytes = 1 << 20
	// lineReadBytes is how much is read at a time, so that little is left to move
	// to the front when a chunk of lines is full.
	lineReadBytes = 32 << 10
	// maxEmptyReads in a row mean that a reader is broken.
	maxEmptyReads = 100
)

// lineChunks cuts a stream into lines, a chunk at a time, in a buffer that does
// not grow with the stream. A line too long for it is an entry that says so.
// Nothing of the last line is handed out before the stream has ended as it should:
// a line that is cut off is never taken for a whole one.
type lineChunks struct {
	r io.Reader
	// most is the longest line in bytes; the buffer has room for one byte more.
	most int
	// buf[from:] is read and not handed out; buf[:scanned] was searched for the end
	// of a line, where scanned is at least from.
	buf           []byte
	from, scanned int
	line          int  // lines passed, empty ones included
	skipping      bool // inside a line that is too long
	err           error
}

// next appends at most limit entries. Their bytes are valid until the next call.
// It ends with io.EOF, beside which there may be entries; with any other error there
// are none, and those of an unfinished chunk are lost.
func (l *lineChunks) next(entries []entry, limit int) ([]entry, error) {
	limit += len(entries)
	begin := len(entries)
	l.compact()
	for {
		entries = l.cut(entries, limit)
		switch {
		case len(entries) == limit:
			return entries, nil
		case errors.Is(l.err, io.EOF):
			return l.last(entries), io.EOF
		case l.err != nil:
			return entries[:begin], l.err
		case len(entries) == begin:
			l.compact()
		}
		if len(l.buf) > l.most {
			if len(entries) > begin {
				return entries, nil
			}
			l.skipping = true
			l.buf, l.scanned = l.buf[:0], 0
		}
		l.read()
	}
}

// compact drops what was handed out.
func (l *lineChunks) compact() {
	l.buf = l.buf[:copy(l.buf, l.buf[l.from:])]
	l.scanned -= l.from
	l.from = 0
}

// cut hands out the lines that are complete.
func (l *lineChunks) cut(entries []entry, limit int) []entry {
	for len(entries) < limit {
		n := bytes.IndexByte(l.buf[l.scanned:], '\n')
		if n < 0 {
			l.scanned = len(l.buf)
			if l.skipping {
				l.from = l.scanned
			}
			return entries
		}
		end := l.scanned + n
		entries = l.append(entries, l.buf[l.from:end])
		l.from, l.scanned = end+1, end+1
	}
	return entries
}

// last hands out what follows the last newline.
func (l *lineChunks) last(entries []entry) []entry {
	if l.from < len(l.buf) || l.skipping {
		entries = l.append(entries, l.buf[l.from:])
		l.from = len(l.buf)
	}
	return entries
}

func (l *lineChunks) append(entries []entry, line []byte) []entry {
	l.line++
	if l.skipping {
		l.skipping = false
		return append(entries, entry{Line: l.line, Err: lineTooLong(l.most)})
	}
	if line = bytes.TrimSpace(line); len(line) == 0 {
		return entries
	}
	return append(entries, entry{Raw: line, Line: l.line})
}

// read reads once, at most to a full buffer. Entries handed out keep the bytes
// they have when it grows.
func (l *lineChunks) read() {
	if len(l.buf) == cap(l.buf) {
		grown := make([]byte, len(l.buf), min(max(2*cap(l.buf), 2*lineReadBytes), l.most+1))
		copy(grown, l.buf)
		l.buf = grown
	}
	room := l.buf[len(l.buf):min(len(l.buf)+lineReadBytes, cap(l.buf), l.most+1)]
	for range maxEmptyReads {
		n, err := l.r.Read(room)
		l.buf, l.err = l.buf[:len(l.buf)+n], err
		if n > 0 || err != nil {
			return
		}
	}
	l.err = io.ErrNoProgress
}

func lineTooLong(most int) *recommend.Error {
	return &recommend.Error{
		Code:    recommend.CodeTooLarge,
		Message: fmt.Sprintf("must be at most %d bytes", most),
	}
}
