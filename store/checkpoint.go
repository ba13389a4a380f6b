package store

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dgraph-io/ristretto/v2/z"

	"osusume/recommend"
)

// The checkpoint file: header, what the caller wrote, trailer.
const (
	checkpointName    = "checkpoint"
	checkpointTemp    = "checkpoint.tmp"
	checkpointHeader  = 24 // magic, sequence, running hash at it
	checkpointTrailer = 12 // body length, CRC32C of all before
	checkpointBuffer  = 1 << 20
)

var checkpointMagic = [8]byte{'o', 's', 'u', 'c', 'k', 'p', 't', '1'}

// SaveCheckpoint stores an opaque snapshot that includes all records up to
// seq, atomically replacing the one before: a crash at any moment leaves the
// old or the new one whole. An error of write is returned as it is and keeps
// the old one. seq above LastSeq is recommend.CodeInvalid.
func (s *Store) SaveCheckpoint(seq uint64, write func(w io.Writer) error) error {
	s.checkpointMu.Lock()
	defer s.checkpointMu.Unlock()
	hash, err := s.checkpointHash(seq)
	if err != nil {
		return err
	}
	temp := filepath.Join(s.dir, checkpointTemp)
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("create checkpoint: %w", err)
	}
	if err := writeCheckpoint(f, mark{seq, hash}, write); err != nil {
		_ = f.Close()
		_ = os.Remove(temp)
		return err
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("close checkpoint: %w", err)
	}
	if err := os.Rename(temp, filepath.Join(s.dir, checkpointName)); err != nil {
		return fmt.Errorf("replace checkpoint: %w", err)
	}
	if err := syncDir(s.dir); err != nil {
		return fmt.Errorf("sync data directory: %w", err)
	}
	return nil
}

// checkpointHash returns the running hash that ties a checkpoint at seq to
// this log and no other.
func (s *Store) checkpointHash(seq uint64) (uint64, error) {
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		return 0, errClosed
	}
	if last := s.LastSeq(); seq > last {
		return 0, recommend.Invalid("seq", "checkpoint at record %d, but the log ends at %d", seq, last)
	}
	hash, _, err := s.hashAt(seq)
	return hash, err
}

func writeCheckpoint(f *os.File, m mark, write func(w io.Writer) error) error {
	buf := bufio.NewWriterSize(f, checkpointBuffer)
	w := &countingHash{w: buf, crc: crc32.New(castagnoli)}
	head := append([]byte(nil), checkpointMagic[:]...)
	head = binary.BigEndian.AppendUint64(head, m.seq)
	head = binary.BigEndian.AppendUint64(head, m.hash)
	if _, err := w.Write(head); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	if err := write(w); err != nil {
		return err
	}
	tail := binary.BigEndian.AppendUint64(nil, uint64(w.n-checkpointHeader))
	if _, err := w.Write(tail); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	if _, err := buf.Write(binary.BigEndian.AppendUint32(nil, w.crc.Sum32())); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	if err := buf.Flush(); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync checkpoint: %w", err)
	}
	return nil
}

// countingHash counts and checksums what goes through it to w.
type countingHash struct {
	w   io.Writer
	crc hash.Hash32
	n   int64
}

func (c *countingHash) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	_, _ = c.crc.Write(p[:n])
	return n, err
}

// LoadCheckpoint verifies the checkpoint in one pass over the file, then hands
// it to read in a second one, and reports whether there was one. One that is
// damaged, or not of this log, is removed, counted and reported as absent. An
// error of read is returned as it is. r, and what its Bytes gives if it has that
// method, is for reading only and valid until read returns.
func (s *Store) LoadCheckpoint(read func(seq uint64, r io.Reader) error) (bool, error) {
	s.checkpointMu.Lock()
	defer s.checkpointMu.Unlock()
	path := filepath.Join(s.dir, checkpointName)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("open checkpoint: %w", err)
	}
	defer f.Close()
	m, size, bad := verifyCheckpoint(f)
	if bad == nil {
		bad = s.sameLog(m)
	}
	if bad != nil {
		s.droppedCheckpoints.Add(1)
		s.log.Warn("checkpoint dropped", "file", path, "error", bad)
		if err := os.Remove(path); err != nil {
			return false, fmt.Errorf("remove damaged checkpoint: %w", err)
		}
		return false, nil
	}
	if err := readBody(f, size, func(r io.Reader) error { return read(m.seq, r) }); err != nil {
		return false, err
	}
	return true, nil
}

// readBody hands the body of a checkpoint to read, as a bytes.Buffer over the mapped
// file where the system can do that: a reader who knows to ask it for its Bytes
// needs no copy of what may be gigabytes, and several cores can read.
func readBody(f *os.File, size int64, read func(r io.Reader) error) error {
	whole, err := z.Mmap(f, false, checkpointHeader+size)
	if err != nil {
		body := io.NewSectionReader(f, checkpointHeader, size)
		return read(bufio.NewReaderSize(body, checkpointBuffer))
	}
	err = read(bytes.NewBuffer(whole[checkpointHeader:len(whole):len(whole)]))
	if unmapErr := z.Munmap(whole); err == nil && unmapErr != nil {
		err = fmt.Errorf("unmap checkpoint: %w", unmapErr)
	}
	return err
}

// verifyCheckpoint reads the whole file and returns what it includes and the
// length of its body.
func verifyCheckpoint(f *os.File) (m mark, size int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return m, 0, err
	}
	size = info.Size() - checkpointHeader - checkpointTrailer
	if size < 0 {
		return m, 0, fmt.Errorf("file of %d bytes is too short", info.Size())
	}
	var head [checkpointHeader]byte
	if _, err := f.ReadAt(head[:], 0); err != nil {
		return m, 0, err
	}
	if [8]byte(head[:8]) != checkpointMagic {
		return m, 0, errors.New("not a checkpoint of this format")
	}
	m = mark{seq: binary.BigEndian.Uint64(head[8:]), hash: binary.BigEndian.Uint64(head[16:])}
	var tail [checkpointTrailer]byte
	if _, err := f.ReadAt(tail[:], info.Size()-checkpointTrailer); err != nil {
		return m, 0, err
	}
	if n := binary.BigEndian.Uint64(tail[:]); n != uint64(size) {
		return m, 0, fmt.Errorf("body of %d bytes, trailer says %d", size, n)
	}
	crc := crc32.New(castagnoli)
	covered := io.NewSectionReader(f, 0, info.Size()-4)
	if _, err := io.CopyBuffer(crc, struct{ io.Reader }{covered}, make([]byte, checkpointBuffer)); err != nil {
		return m, 0, err
	}
	if want := binary.BigEndian.Uint32(tail[8:]); crc.Sum32() != want {
		return m, 0, fmt.Errorf("CRC is %08x, trailer says %08x", crc.Sum32(), want)
	}
	return m, size, nil
}

// sameLog checks that a checkpoint at m was taken from this very log.
func (s *Store) sameLog(m mark) error {
	if last := s.LastSeq(); m.seq > last {
		return fmt.Errorf("it includes record %d, but the log ends at %d", m.seq, last)
	}
	hash, _, err := s.hashAt(m.seq)
	if err == nil && hash != m.hash {
		err = fmt.Errorf("it belongs to another log: running hash at record %d is %016x, not %016x", m.seq, hash, m.hash)
	}
	return err
}
