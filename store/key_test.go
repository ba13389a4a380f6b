package store

import (
	"bytes"
	"testing"
)

// What only grows lies at the two ends of the keys, its newest towards the
// middle; the package doc says why.
func TestWhatGrowsLiesAtTheEnds(t *testing.T) {
	idKey := dedupeKeyOf("x")
	logEnd, ledgerNewest := logKey(1<<63, 1), decisionKey(1<<63)
	for name, key := range map[string][]byte{
		"document": documentKey("offer", "x"), "event id": idKey[:], "gap": gapKey(1), "state": {prefixState},
	} {
		if bytes.Compare(logEnd, key) >= 0 {
			t.Errorf("%s %x comes before the end of the log %x", name, key, logEnd)
		}
		if bytes.Compare(key, ledgerNewest) >= 0 {
			t.Errorf("%s %x comes behind the newest of the ledger %x", name, key, ledgerNewest)
		}
	}
	if bytes.Compare(logKey(1, 2), logKey(3, 1)) >= 0 {
		t.Error("the log does not grow upwards")
	}
	if bytes.Compare(decisionKey(3), decisionKey(1)) >= 0 {
		t.Error("the ledger does not grow downwards")
	}
}
