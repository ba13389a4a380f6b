package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/fb"
	"github.com/dgraph-io/badger/v4/pb"
	"github.com/dgraph-io/badger/v4/table"
	"github.com/dgraph-io/badger/v4/y"
	"google.golang.org/protobuf/proto"
)

// preflight checks the files in dir that would make Badger end the process or
// delete data when it opens them, and names the bad one.
//
// Badger opens its tables in goroutines of its own and answers a table it
// cannot parse with a panic or os.Exit, neither of which can be recovered
// here; a missing MANIFEST makes it delete every table; a memtable or value
// log of length zero (its creation was cut short) makes it refuse to open.
func preflight(dir string, opt badger.Options, log *slog.Logger) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list log directory: %w", err)
	}
	tables := slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return filepath.Ext(e.Name()) == ".sst" })
	manifest, err := readManifest(dir, opt)
	missing := errors.Is(err, fs.ErrNotExist)
	if missing && tables {
		return fmt.Errorf("%s is missing, so the tables beside it cannot be read", filepath.Join(dir, badger.ManifestFilename))
	}
	if err != nil && !missing {
		return err
	}
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); ext != ".mem" && ext != ".vlog" {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return fmt.Errorf("list log directory: %w", err)
		}
		if info.Size() == 0 {
			log.Warn("removing an empty file whose creation was cut short", "file", e.Name())
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return fmt.Errorf("remove empty file: %w", err)
			}
		}
	}
	if missing {
		return nil
	}
	return checkTables(dir, slices.Sorted(maps.Keys(manifest.Tables)))
}

// checkTables checks the tables of these ids on all cores.
func checkTables(dir string, ids []uint64) error {
	errs := make([]error, len(ids))
	var next atomic.Int64
	var checking sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(ids)) {
		checking.Go(func() {
			for k := next.Add(1) - 1; k < int64(len(ids)); k = next.Add(1) - 1 {
				errs[k] = checkTable(table.NewFilename(ids[k], dir))
			}
		})
	}
	checking.Wait()
	return errors.Join(errs...)
}

func readManifest(dir string, opt badger.Options) (badger.Manifest, error) {
	path := filepath.Join(dir, badger.ManifestFilename)
	f, err := os.Open(path)
	if err != nil {
		return badger.Manifest{}, fmt.Errorf("open manifest: %w", err)
	}
	defer f.Close()
	var m badger.Manifest
	err = guard(func() error {
		var err error
		m, _, err = badger.ReplayManifestFile(f, opt.ExternalMagicVersion, opt)
		return err
	})
	if err != nil {
		if strings.Contains(err.Error(), "external magic number") {
			err = errLayout
		}
		return m, fmt.Errorf("read %s: %w", path, err)
	}
	return m, nil
}

// checkTable verifies the index and every block of one table file. Layout,
// from the end: checksum length, checksum of the index, index length, index;
// each block ends in its own checksum, checksum length behind it.
func checkTable(path string) error {
	err := guard(func() error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		return checkBlocks(f, info.Size())
	})
	if err != nil {
		return fmt.Errorf("table %s is damaged: %w", path, err)
	}
	return nil
}

// pieceBytes is how much of a table is read at a time.
const pieceBytes = 256 << 10

var errTrailer = errors.New("impossible length in a trailer")

func checkBlocks(f io.ReaderAt, size int64) error {
	end := size
	// take reads the n bytes before end.
	take := func(n int64) ([]byte, error) {
		if n < 0 || n > end {
			return nil, errTrailer
		}
		end -= n
		b := make([]byte, n)
		_, err := f.ReadAt(b, end)
		return b, err
	}
	takeSized := func() ([]byte, error) {
		b, err := take(4)
		if err != nil {
			return nil, err
		}
		return take(int64(binary.BigEndian.Uint32(b)))
	}
	sum, err := takeSized()
	if err != nil {
		return fmt.Errorf("read index checksum: %w", err)
	}
	index, err := takeSized()
	if err != nil {
		return fmt.Errorf("read index: %w", err)
	}
	if err := verifySum(index, sum); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	root := fb.GetRootAsTableIndex(index, 0)
	if root.OffsetsLength() == 0 {
		return errors.New("index names no block")
	}
	// Blocks follow each other and most are small: they are read by the piece.
	var piece []byte
	pieceAt := int64(0)
	for i := range root.OffsetsLength() {
		var block fb.BlockOffset
		root.Offsets(&block, i)
		offset, length := int64(block.Offset()), int64(block.Len())
		if length < 8 || offset+length > end {
			return fmt.Errorf("block %d: %w", i, errTrailer)
		}
		if offset < pieceAt || offset+length > pieceAt+int64(len(piece)) {
			n := int(max(length, min(pieceBytes, end-offset)))
			piece, pieceAt = slices.Grow(piece[:0], n)[:n], offset
			if _, err := f.ReadAt(piece, offset); err != nil {
				return fmt.Errorf("read block %d: %w", i, err)
			}
		}
		buf := piece[offset-pieceAt:][:length]
		sumLen := int64(binary.BigEndian.Uint32(buf[length-4:]))
		if sumLen > length-8 {
			return fmt.Errorf("block %d: %w", i, errTrailer)
		}
		at := length - 4 - sumLen
		if err := verifySum(buf[:at], buf[at:length-4]); err != nil {
			return fmt.Errorf("block %d: %w", i, err)
		}
	}
	return nil
}

func verifySum(data, sum []byte) error {
	var want pb.Checksum
	if err := proto.Unmarshal(sum, &want); err != nil {
		return fmt.Errorf("parse checksum: %w", err)
	}
	return y.VerifyChecksum(data, &want)
}

// guard runs fn and turns a panic of Badger over damaged data into an error.
func guard(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = damaged(p)
		}
	}()
	return fn()
}

// damaged is the error for the value of a panic.
func damaged(p any) error {
	text, _, _ := strings.Cut(strings.TrimSpace(fmt.Sprint(p)), "\n")
	return fmt.Errorf("badger gave up on damaged data: %s", text)
}
