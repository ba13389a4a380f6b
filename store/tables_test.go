package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4"
)

// closedStore has its records in one table file.
func closedStore(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	fill(t, s, 10)
	mustClose(t, s)
	return dir
}

// Every single flipped byte of a table is found before Badger opens it, and
// so is every cut.
func TestDamagedTable(t *testing.T) {
	dir := closedStore(t)
	path := only(t, dir, "*.sst")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := checkTable(path); err != nil {
		t.Fatalf("intact table: %v", err)
	}
	wantNamed := func(what string, at int, data []byte) {
		t.Helper()
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := checkTable(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Fatalf("%s at %d of %d: %v, want an error that names the file", what, at, len(whole), err)
		}
	}
	for at := range whole {
		data := append([]byte(nil), whole...)
		data[at] ^= 0x40
		wantNamed("flip", at, data)
	}
	for at := 0; at < len(whole); at += 7 {
		wantNamed("cut", at, whole[:at])
	}
	for _, accept := range []bool{false, true} {
		_, err := Open(dir, Options{AcceptLoss: accept})
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("Open: %v, want an error that names %s", err, path)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("Open without the table: %v, want an error that names %s", err, path)
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := replayed(t, mustOpen(t, dir, Options{})); err != nil || len(got) != 30 {
		t.Errorf("after repair: %d records, %v", len(got), err)
	}
}

func TestDamagedManifest(t *testing.T) {
	dir := closedStore(t)
	path := filepath.Join(dir, logDirName, badger.ManifestFilename)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	table := only(t, dir, "*.sst")
	t.Run("missing", func(t *testing.T) {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir, Options{}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("Open: %v, want an error that names %s", err, path)
		}
		if _, err := os.Stat(table); err != nil {
			t.Errorf("the table was not left alone: %v", err)
		}
	})
	t.Run("flipped", func(t *testing.T) {
		for at := range whole {
			copied := copyLive(t, dir)
			data := append([]byte(nil), whole...)
			data[at] ^= 0x40
			if err := os.WriteFile(filepath.Join(copied, logDirName, badger.ManifestFilename), data, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := Open(copied, Options{})
			if err == nil {
				t.Errorf("flip at %d of %d: opened", at, len(whole))
				mustClose(t, s)
			}
		}
	})
}

func TestGuard(t *testing.T) {
	if err := guard(func() error { panic("badger\nstack") }); err == nil || strings.Contains(err.Error(), "stack") {
		t.Errorf("guard: %v", err)
	}
	want := errors.New("mine")
	if err := guard(func() error { return want }); !errors.Is(err, want) {
		t.Errorf("guard: %v, want %v", err, want)
	}
}

// A directory of another layout is refused before anything in it changes.
func TestAnotherLayout(t *testing.T) {
	dir := t.TempDir()
	logDir := filepath.Join(dir, logDirName)
	db, err := badger.Open(badger.DefaultOptions(logDir).WithLogger(nil).WithExternalMagic(externalMagic - 1))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	manifest := filepath.Join(logDir, badger.ManifestFilename)
	before, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	for _, accept := range []bool{false, true} {
		if _, err := Open(dir, Options{AcceptLoss: accept}); !errors.Is(err, errLayout) || !strings.Contains(err.Error(), logDir) {
			t.Errorf("Open: %v, want %v of %s", err, errLayout, logDir)
		}
	}
	if after, err := os.ReadFile(manifest); err != nil || string(after) != string(before) {
		t.Errorf("the manifest changed: %v", err)
	}
}
