package load

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// The bounds of an answer. Ours are far below; a server that goes beyond them
// is not one to measure.
const (
	maxHeaderLines = 128
	maxBodyBytes   = 1 << 30
)

var errMalformed = errors.New("malformed answer")

// reply is what an answer told.
type reply struct {
	status int
	body   int64 // bytes, as sent: compressed bodies are not unpacked
	close  bool  // the connection cannot be used again
}

// readReply reads one HTTP/1.1 answer to a GET or POST and throws its body
// away. It takes no memory. Lines longer than r's buffer are an error.
func readReply(r *bufio.Reader) (reply, error) {
	for {
		rep, length, chunked, err := readHead(r)
		switch {
		case err != nil:
			return rep, err
		case rep.status < 200:
			continue // 100 Continue, 103 Early Hints: the answer is still to come
		case rep.status == 204 || rep.status == 304:
			return rep, nil
		case chunked:
			rep.body, err = discardChunks(r)
			return rep, err
		case length >= 0:
			rep.body, err = discard(r, length)
			return rep, err
		default: // to the end of the connection
			rep.close = true
			rep.body, err = io.Copy(io.Discard, io.LimitReader(r, maxBodyBytes))
			return rep, err
		}
	}
}

// readHead reads the status line and the headers; length is -1 if not told.
func readHead(r *bufio.Reader) (rep reply, length int64, chunked bool, err error) {
	length = -1
	line, err := readLine(r)
	if err != nil {
		return rep, length, false, err
	}
	// HTTP/1.1 200 OK, where the reason may be missing
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.")) || line[8] != ' ' || len(line) > 12 && line[12] != ' ' {
		return rep, length, false, fmt.Errorf("%w: status line %.40q", errMalformed, line)
	}
	rep.close = line[7] == '0'
	status, ok := parseNumber(line[9:12], 10)
	if !ok || status < 100 {
		return rep, length, false, fmt.Errorf("%w: status %.40q", errMalformed, line)
	}
	rep.status = int(status)
	for range maxHeaderLines {
		line, err := readLine(r)
		if err != nil {
			return rep, length, false, err
		}
		if len(line) == 0 {
			return rep, length, chunked, nil
		}
		name, value, found := bytes.Cut(line, []byte(":"))
		if !found {
			return rep, length, false, fmt.Errorf("%w: header %.40q", errMalformed, line)
		}
		value = bytes.Trim(value, " \t")
		switch {
		case foldEqual(name, "content-length"):
			n, ok := parseNumber(value, 10)
			if !ok || length >= 0 && n != length {
				return rep, length, false, fmt.Errorf("%w: length %.40q", errMalformed, value)
			}
			length = n
		case foldEqual(name, "transfer-encoding"):
			if !foldEqual(value, "chunked") {
				return rep, length, false, fmt.Errorf("%w: transfer encoding %.40q", errMalformed, value)
			}
			chunked = true
		case foldEqual(name, "connection"):
			if foldEqual(value, "close") {
				rep.close = true
			}
		}
	}
	return rep, length, false, fmt.Errorf("%w: more than %d header lines", errMalformed, maxHeaderLines)
}

// readLine returns a line without its end, valid until the next read.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return nil, fmt.Errorf("%w: a line of more than %d bytes", errMalformed, r.Size())
	}
	if err != nil {
		if errors.Is(err, io.EOF) && len(line) > 0 {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, nil
}

// discard throws n bytes away.
func discard(r *bufio.Reader, n int64) (int64, error) {
	if n > maxBodyBytes {
		return 0, fmt.Errorf("%w: a body of %d bytes", errMalformed, n)
	}
	got, err := r.Discard(int(n))
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return int64(got), err
}

// discardChunks throws a chunked body away and returns its length.
func discardChunks(r *bufio.Reader) (int64, error) {
	var total int64
	for {
		line, err := readLine(r)
		if err != nil {
			return total, noEOF(err)
		}
		size, _, _ := bytes.Cut(line, []byte(";"))
		n, ok := parseNumber(bytes.TrimRight(size, " \t"), 16)
		if !ok || total+n > maxBodyBytes {
			return total, fmt.Errorf("%w: chunk size %.40q", errMalformed, line)
		}
		if n == 0 {
			break
		}
		got, err := discard(r, n)
		total += got
		if err != nil {
			return total, err
		}
		if line, err = readLine(r); err != nil {
			return total, noEOF(err)
		}
		if len(line) != 0 {
			return total, fmt.Errorf("%w: %.40q after a chunk", errMalformed, line)
		}
	}
	for range maxHeaderLines { // trailers
		line, err := readLine(r)
		if err != nil {
			return total, noEOF(err)
		}
		if len(line) == 0 {
			return total, nil
		}
	}
	return total, fmt.Errorf("%w: more than %d trailers", errMalformed, maxHeaderLines)
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// parseNumber reads digits of base 10 or 16, up to 15 of them, and nothing else.
func parseNumber(b []byte, base int64) (int64, bool) {
	if len(b) == 0 || len(b) > 15 {
		return 0, false
	}
	var n int64
	for _, c := range b {
		d := int64(99)
		switch {
		case c >= '0' && c <= '9':
			d = int64(c - '0')
		case c >= 'a' && c <= 'f':
			d = int64(c-'a') + 10
		case c >= 'A' && c <= 'F':
			d = int64(c-'A') + 10
		}
		if d >= base {
			return 0, false
		}
		n = n*base + d
	}
	return n, true
}

// foldEqual compares with lower, which is in lower case, in ASCII.
func foldEqual(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
