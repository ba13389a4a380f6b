package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// The high-water file: two slots, 4096 bytes apart so that one torn sector
// cannot reach both, written in turn.
const (
	highWaterName  = "highwater"
	slotDistance   = 4096
	highWaterBytes = 2 * slotDistance
	slotBytes      = 36
)

var slotMagic = [8]byte{'o', 's', 'u', 'h', 'i', 'g', 'h', '1'}

// mark is a place in the log: the sequence and the running hash up to it.
type mark struct {
	seq  uint64
	hash uint64
}

// highWater remembers, outside of Badger, how far the log was when its owner
// last said "durable".
type highWater struct {
	f *os.File
	// generation counts writes; its parity chooses the slot.
	generation uint64
}

// slotState is what one slot of the file holds.
type slotState struct {
	mark
	generation uint64
	// err says why the slot cannot be used. A slot of zeros was never written.
	err     error
	written bool
}

// openHighWater opens or creates the file. found is false when it was created
// or holds no usable slot; damaged names each slot that is neither.
func openHighWater(path string) (h *highWater, m mark, found bool, damaged []error, err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		h, err = createHighWater(path)
		return h, mark{}, false, nil, err
	}
	if err != nil {
		return nil, mark{}, false, nil, fmt.Errorf("open high-water file: %w", err)
	}
	slots, err := readSlots(f)
	if err != nil {
		return nil, mark{}, false, nil, errors.Join(err, f.Close())
	}
	h = &highWater{f: f}
	for i, s := range slots {
		switch {
		case s.err != nil:
			damaged = append(damaged, fmt.Errorf("slot %d of %s: %w", i, path, s.err))
		case s.written && (!found || s.generation > h.generation):
			h.generation, m, found = s.generation, s.mark, true
		}
	}
	return h, m, found, damaged, nil
}

func createHighWater(path string) (*highWater, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create high-water file: %w", err)
	}
	// Written, not truncated to size: later writes must find their blocks.
	if _, err := f.Write(make([]byte, highWaterBytes)); err != nil {
		return nil, errors.Join(fmt.Errorf("create high-water file: %w", err), f.Close())
	}
	if err := errors.Join(f.Sync(), syncDir(filepath.Dir(path))); err != nil {
		return nil, errors.Join(fmt.Errorf("sync high-water file: %w", err), f.Close())
	}
	return &highWater{f: f}, nil
}

func readSlots(f *os.File) (slots [2]slotState, err error) {
	for i := range slots {
		var b [slotBytes]byte
		n, err := f.ReadAt(b[:], int64(i)*slotDistance)
		switch {
		case errors.Is(err, io.EOF):
			slots[i].err = fmt.Errorf("file ends after %d bytes of it", n)
		case err != nil:
			return slots, fmt.Errorf("read high-water file: %w", err)
		default:
			slots[i] = parseSlot(b)
		}
	}
	return slots, nil
}

func parseSlot(b [slotBytes]byte) slotState {
	if b == ([slotBytes]byte{}) {
		return slotState{}
	}
	if [8]byte(b[:8]) != slotMagic {
		return slotState{err: errors.New("not a slot of this format")}
	}
	if want, got := binary.BigEndian.Uint32(b[32:]), crc32.Checksum(b[:32], castagnoli); got != want {
		return slotState{err: fmt.Errorf("CRC is %08x, slot says %08x", got, want)}
	}
	return slotState{
		written:    true,
		generation: binary.BigEndian.Uint64(b[8:]),
		mark:       mark{seq: binary.BigEndian.Uint64(b[16:]), hash: binary.BigEndian.Uint64(b[24:])},
	}
}

// set makes m the high water and returns once it is durable.
func (h *highWater) set(m mark) error {
	h.generation++
	var b [slotBytes]byte
	copy(b[:], slotMagic[:])
	binary.BigEndian.PutUint64(b[8:], h.generation)
	binary.BigEndian.PutUint64(b[16:], m.seq)
	binary.BigEndian.PutUint64(b[24:], m.hash)
	binary.BigEndian.PutUint32(b[32:], crc32.Checksum(b[:32], castagnoli))
	if _, err := h.f.WriteAt(b[:], int64(h.generation%2)*slotDistance); err != nil {
		return fmt.Errorf("write high-water file: %w", err)
	}
	if err := fdatasync(h.f); err != nil {
		return fmt.Errorf("sync high-water file: %w", err)
	}
	return nil
}

func (h *highWater) close() error { return h.f.Close() }
