package store_test

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"osusume/store"
	"osusume/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func openStore(t *testing.T, dir string) storetest.Log {
	t.Helper()
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return s
}

func checkStore(t *testing.T, log storetest.Log) {
	t.Helper()
	rep, err := log.(*store.Store).Verify(context.Background(), nil) // t.Context has ended in cleanups
	if err != nil {
		t.Errorf("Verify: %v", err)
	}
	for _, p := range rep.Problems {
		t.Errorf("Verify: %s: %s", p.Part, p.Detail)
	}
	if got := rep.Records; got != log.LastSeq() {
		t.Errorf("Verify read %d records, want %d", got, log.LastSeq())
	}
}

func TestStore(t *testing.T) {
	storetest.TestLog(t, openStore, checkStore)
}

func TestMemory(t *testing.T) {
	logs := map[string]*store.Memory{}
	storetest.TestLog(t, func(_ *testing.T, dir string) storetest.Log {
		if logs[dir] == nil {
			logs[dir] = store.NewMemory()
		}
		return logs[dir]
	}, nil)
}

func TestStoreKeyed(t *testing.T) {
	storetest.TestKeyed(t, openStore, checkStore)
}

func TestMemoryKeyed(t *testing.T) {
	logs := map[string]*store.Memory{}
	storetest.TestKeyed(t, func(_ *testing.T, dir string) storetest.Log {
		if logs[dir] == nil {
			logs[dir] = store.NewMemory()
		}
		return logs[dir]
	}, nil)
}
