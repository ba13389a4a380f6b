package cooccur

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/cespare/xxhash/v2"
)

// imageReader reads the body of an image in pieces and sums it up. Beyond the
// end it reads 0 and remembers.
type imageReader struct {
	r     io.Reader
	sum   *xxhash.Digest
	left  int64  // bytes of the body not in buf yet
	buf   []byte // read and not taken
	err   error  // of r
	short bool
	zeros [8]byte
}

// imagePiece is how much of an image is read at a time.
const imagePiece = 1 << 18

func newImageReader(r io.Reader, size int64) *imageReader {
	return &imageReader{r: r, sum: xxhash.New(), left: max(size, 0)}
}

// imageOf reads an image that is in memory.
func imageOf(data []byte) *imageReader {
	body := data[:max(len(data)-imageChecksum, 0)]
	r := &imageReader{r: bytes.NewReader(data[len(body):]), sum: xxhash.New(), buf: body}
	_, _ = r.sum.Write(body) // never fails
	return r
}

// rest is how much of the body was not taken.
func (r *imageReader) rest() int64 { return r.left + int64(len(r.buf)) }

// more reads on: what was not taken and at least n bytes, if there are as many,
// are in a buffer of their own after it.
func (r *imageReader) more(n int) {
	n = int(min(int64(max(n, imagePiece)), r.left))
	buf := make([]byte, len(r.buf)+n)
	at := copy(buf, r.buf)
	if r.err == nil && n > 0 {
		n, r.err = io.ReadFull(r.r, buf[at:])
		_, _ = r.sum.Write(buf[at : at+n]) // never fails
		r.left -= int64(n)
		buf = buf[:at+n]
	} else {
		buf = buf[:at]
	}
	if r.err != nil {
		r.left = 0
	}
	r.buf = buf
}

func (r *imageReader) take(n int) []byte {
	if len(r.buf) < n {
		r.more(n - len(r.buf))
		if len(r.buf) < n {
			r.short, r.buf = true, nil
			if n > len(r.zeros) {
				return make([]byte, n)
			}
			return r.zeros[:n]
		}
	}
	b := r.buf[:n]
	r.buf = r.buf[n:]
	return b
}

func (r *imageReader) u32() uint32 { return binary.LittleEndian.Uint32(r.take(4)) }

func (r *imageReader) u64() uint64 { return binary.LittleEndian.Uint64(r.take(8)) }

// finish reads to the end and tells whether the image is what was written.
func (r *imageReader) finish() error {
	for r.left > 0 {
		r.buf = nil
		r.more(imagePiece)
	}
	var sum [imageChecksum]byte
	if r.err == nil {
		_, r.err = io.ReadFull(r.r, sum[:])
	}
	switch {
	case r.err == io.EOF || r.err == io.ErrUnexpectedEOF:
		return errImageLength
	case r.err != nil:
		return r.err
	case binary.LittleEndian.Uint64(sum[:]) != r.sum.Sum64():
		return errImageDamaged
	default:
		return nil
	}
}
