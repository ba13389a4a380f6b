package store

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
	"osusume/store/storetest"
)

var keyedNow = time.Date(2026, 3, 1, 3, 0, 0, 5, time.UTC)

func mustPut(t *testing.T, s *Store, id, body string) {
	t.Helper()
	if _, err := s.PutDocument(recommend.DocumentOffer, id, []byte(body), recommend.VersionAny, keyedNow); err != nil {
		t.Fatalf("PutDocument: %v", err)
	}
}

// keyedNames lists what there is as "a@2" for documents and "#3" for decisions.
func keyedNames(t *testing.T, s *Store) string {
	t.Helper()
	var names []string
	docs, err := s.Documents("")
	if err != nil {
		t.Fatalf("Documents: %v", err)
	}
	for _, d := range docs {
		names = append(names, fmt.Sprintf("%s@%d", d.ID, d.Version))
	}
	err = s.Decisions(func(place uint64, _ *recommend.DecisionRecord) error {
		names = append(names, fmt.Sprint("#", place))
		return nil
	})
	if err != nil {
		t.Fatalf("Decisions: %v", err)
	}
	return strings.Join(names, " ")
}

// A store of two documents, the second at version 2, and four decisions, in
// four commits, damaged in each way a disk knows.
func TestKeyedDamage(t *testing.T) {
	keyA := documentKey(recommend.DocumentOffer, "a")
	raw := func(change func(txn *badger.Txn) error) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) { rawEdit(t, dir, change) }
	}
	value := func(txn *badger.Txn, key []byte) []byte {
		item, err := txn.Get(key)
		if err != nil {
			panic(err)
		}
		v, err := item.ValueCopy(nil)
		if err != nil {
			panic(err)
		}
		return v
	}
	cases := []struct {
		name         string
		live, closed func(t *testing.T, dir string)
		// reason is of the LossError, "" when the damage costs nothing; left is
		// what is there once the loss is accepted.
		reason, left string
	}{
		{
			name: "write-ahead log cut off",
			live: func(t *testing.T, dir string) {
				edit(t, only(t, dir, "*.mem"), func(data []byte) []byte {
					whole := strings.TrimRight(string(data), "\x00")
					return data[:strings.LastIndex(whole, "b")-20]
				})
			},
			reason: "configuration change 4 was durable, but the newest here is", left: "a@1 b@1",
		},
		{
			name: "one bit of a document",
			closed: raw(func(txn *badger.Txn) error {
				return txn.Set(keyA, flip(12)(value(txn, keyA)))
			}),
			reason: `offer "a" is damaged: CRC is`, left: "b@2 #1 #2 #3 #4 #5",
		},
		{
			name: "one bit of a decision",
			closed: raw(func(txn *badger.Txn) error {
				return txn.Set(decisionKey(3), flip(9)(value(txn, decisionKey(3))))
			}),
			reason: "record 3 of the offer ledger is damaged: CRC is", left: "a@1 b@2 #1 #2 #4 #5",
		},
		{
			name: "a document under another's id",
			closed: raw(func(txn *badger.Txn) error {
				return txn.Set(documentKey(recommend.DocumentOffer, "c"), value(txn, keyA))
			}),
			reason: `offer "c" is damaged: CRC is`, left: "a@1 b@2 #1 #2 #3 #4 #5",
		},
		{
			name:   "a document gone",
			closed: raw(func(txn *badger.Txn) error { return txn.Delete(keyA) }),
			reason: "documents or decisions are not those of configuration change 4", left: "b@2 #1 #2 #3 #4 #5",
		},
		{
			name: "an older version come back",
			closed: raw(func(txn *badger.Txn) error {
				rec := documentRecord{version: 1, updated: keyedNow, body: "{}"}
				key := documentKey(recommend.DocumentOffer, "b")
				return txn.Set(key, sealEntry(key, rec.append(nil)))
			}),
			reason: "documents or decisions are not those of configuration change 4", left: "a@1 b@1 #1 #2 #3 #4 #5",
		},
		{
			name: "the count of changes damaged",
			closed: raw(func(txn *badger.Txn) error {
				key := []byte{prefixState}
				return txn.Set(key, flip(5)(value(txn, key)))
			}),
			reason: "the count of configuration changes is damaged: CRC is", left: "a@1 b@2 #1 #2 #3 #4 #5",
		},
		{
			name:   "high water gone",
			closed: func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, keyedHighWaterTag)) },
			reason: "highwater-keyed is missing", left: "a@1 b@2 #1 #2 #3 #4 #5",
		},
		{
			name: "older slot of the high water damaged",
			closed: func(t *testing.T, dir string) {
				// Four commits: the fourth is in slot 0.
				edit(t, filepath.Join(dir, keyedHighWaterTag), flip(slotDistance+20))
			},
			left: "a@1 b@2 #1 #2 #3 #4 #5",
		},
		{
			name: "newer slot of the high water damaged",
			closed: func(t *testing.T, dir string) {
				edit(t, filepath.Join(dir, keyedHighWaterTag), flip(20))
			},
			left: "a@1 b@2 #1 #2 #3 #4 #5", // it falls back to the older one, which all of it passes
		},
		{
			name: "both slots damaged",
			closed: func(t *testing.T, dir string) {
				edit(t, filepath.Join(dir, keyedHighWaterTag), flip(20))
				edit(t, filepath.Join(dir, keyedHighWaterTag), flip(slotDistance+20))
			},
			reason: "highwater-keyed is damaged", left: "a@1 b@2 #1 #2 #3 #4 #5",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			s := mustOpen(t, dir, Options{})
			mustPut(t, s, "a", "{}")
			mustPut(t, s, "b", "{}")
			if _, err := s.AppendDecisions(storetest.DecisionSamples()); err != nil {
				t.Fatal(err)
			}
			mustPut(t, s, "b", `{"n":2}`)
			if c.live != nil {
				dir = copyLive(t, dir)
				c.live(t, dir)
			} else {
				mustClose(t, s)
				c.closed(t, dir)
			}
			got, err := Open(dir, Options{})
			if c.reason == "" {
				if err != nil {
					t.Fatalf("Open: %v", err)
				}
				wantKeyed(t, got, c.left)
				mustClose(t, got)
				return
			}
			var loss *LossError
			if !errors.As(err, &loss) || !strings.Contains(loss.Reason, c.reason) {
				t.Fatalf("Open: %v, want a loss for %q", err, c.reason)
			}
			for _, opts := range []Options{{AcceptLoss: true}, {}} {
				s := mustOpen(t, dir, opts)
				if c.left == "a@1 b@1" {
					// The cut leaves whole commits: two or three of them.
					if names := keyedNames(t, s); names != "a@1" && !strings.HasPrefix(names, "a@1 b@1") {
						t.Errorf("left are %s", names)
					}
				} else {
					wantKeyed(t, s, c.left)
				}
				mustPut(t, s, "a", "{}")
				if got := verifyProblems(t, s); got != nil {
					t.Errorf("Verify: %q", got)
				}
				if err := s.DeleteDocument(recommend.DocumentOffer, "a", recommend.VersionAny); err != nil {
					t.Error(err)
				}
				mustClose(t, s)
				c.left = strings.TrimPrefix(c.left, "a@1 ")
				if c.left == "b@1" {
					return
				}
			}
		})
	}
}

func wantKeyed(t *testing.T, s *Store, want string) {
	t.Helper()
	if got := keyedNames(t, s); got != want {
		t.Errorf("there are %s, want %s", got, want)
	}
	if got := verifyProblems(t, s); got != nil {
		t.Errorf("Verify: %q", got)
	}
}

// Damage behind the back of an open store is named by Verify.
func TestVerifyKeyed(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	mustPut(t, s, "a", "{}")
	mustPut(t, s, "b", "{}")
	set := func(change func(txn *badger.Txn) error) {
		t.Helper()
		if err := s.db.Update(change); err != nil {
			t.Fatal(err)
		}
	}
	keyA := documentKey(recommend.DocumentOffer, "a")
	set(func(txn *badger.Txn) error { return txn.Delete(keyA) })
	if diff := cmp.Diff([]string{"document: the documents and decisions are not those of change 2"}, verifyProblems(t, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	set(func(txn *badger.Txn) error { return txn.Set(keyA, []byte("xxxxxxxxxxx")) })
	if diff := cmp.Diff([]string{`document: offer "a" is damaged: unknown format version 120`}, verifyProblems(t, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := s.keyed.highWater.set(mark{seq: 9}); err != nil {
		t.Fatal(err)
	}
	if got := verifyProblems(t, s); len(got) != 2 || !strings.HasPrefix(got[1], "high water: highwater-keyed says change 9") {
		t.Errorf("Verify: %q", got)
	}
}

// Each step failing, before and after it reached the disk: nothing of the
// change is counted on, all else stays, and a reopen finds it whole or not.
func TestFailedKeyedCommit(t *testing.T) {
	for step, want := range map[string]string{"keyed commit": "a@1", "keyed committed": "a@1 b@1"} {
		t.Run(step, func(t *testing.T) {
			dir := t.TempDir()
			broken := errors.New("disk on fire")
			armed := false
			crashed := ""
			s := mustOpen(t, dir, Options{fault: func(at string) error {
				if armed && at == step {
					crashed = copyLive(t, dir)
					return broken
				}
				return nil
			}})
			mustPut(t, s, "a", "{}")
			armed = true
			put := func() error {
				_, err := s.PutDocument(recommend.DocumentOffer, "b", []byte("{}"), recommend.VersionNone, keyedNow)
				return err
			}
			if err := put(); !errors.Is(err, broken) {
				t.Fatalf("PutDocument: %v, want %v", err, broken)
			}
			armed = false
			if err := put(); recommend.CodeOf(err) != recommend.CodeUnavailable {
				t.Errorf("PutDocument after a failure: %v", err)
			}
			if _, err := s.AppendDecisions(storetest.DecisionSamples()); recommend.CodeOf(err) != recommend.CodeUnavailable {
				t.Errorf("AppendDecisions after a failure: %v", err)
			}
			if got := verifyProblems(t, s); got != nil {
				t.Errorf("Verify: %q", got)
			}
			mustClose(t, s)
			wantKeyed(t, mustOpen(t, dir, Options{}), want)
			wantKeyed(t, mustOpen(t, crashed, Options{}), want)
		})
	}
}

// A store from before there were documents opens and takes them.
func TestKeyedInOldStore(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	fill(t, s, 1)
	mustClose(t, s)
	if err := os.Remove(filepath.Join(dir, keyedHighWaterTag)); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, dir, Options{})
	mustPut(t, s, "a", "{}")
	wantKeyed(t, s, "a@1")
}

func keyedSamples() (keys, bodies [][]byte) {
	doc := documentRecord{version: 300, updated: keyedNow, body: `{"text":{"ja":"お誕生日"}}`}
	keys, bodies = append(keys, documentKey(recommend.DocumentOffer, "誕生日")), append(bodies, doc.append(nil))
	for i, d := range storetest.DecisionSamples() {
		body, err := appendDecision(nil, &d)
		if err != nil {
			panic(err)
		}
		keys, bodies = append(keys, decisionKey(uint64(i)+1)), append(bodies, body)
	}
	return keys, bodies
}

// The fixture was written by format version 1 and must read the same as long as the
// layout of the keys is this one: each line is a key and its value.
func TestKeyedFormatVersion1(t *testing.T) {
	path := filepath.Join("testdata", "keyed-v1.hex")
	fixture, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	keys, bodies := keyedSamples()
	lines := strings.Split(strings.TrimSpace(string(fixture)), "\n")
	if len(lines) != len(keys) {
		t.Fatalf("%d lines in %s, want %d", len(lines), path, len(keys))
	}
	for i, line := range lines {
		k, v, _ := strings.Cut(line, " ")
		key, kerr := hex.DecodeString(k)
		value, verr := hex.DecodeString(v)
		if kerr != nil || verr != nil {
			t.Fatalf("line %d is no hex", i+1)
		}
		body, err := openEntry(key, value)
		if err == nil {
			err = checkEntry(key, body)
		}
		if err != nil {
			t.Errorf("line %d: %v", i+1, err)
		}
		// Equal entries have equal bytes, as long as this is the newest format.
		if string(key) != string(keys[i]) || string(value) != string(sealEntry(keys[i], bodies[i])) {
			t.Errorf("line %d: encodes to %x %x now", i+1, keys[i], sealEntry(keys[i], bodies[i]))
		}
	}
	for i, want := range storetest.DecisionSamples() {
		got, err := decodeDecision(keys[i+1], bodies[i+1])
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

// What decodes encodes to what decodes the same; nothing panics.
func FuzzDecodeKeyed(f *testing.F) {
	keys, bodies := keyedSamples()
	for i := range keys {
		f.Add(keys[i], bodies[i])
	}
	f.Fuzz(func(t *testing.T, key, body []byte) {
		if doc, err := decodeDocument(key, body); err == nil {
			rec := documentRecord{version: doc.Version, updated: doc.Updated, body: string(doc.Body)}
			again, err := decodeDocument(documentKey(doc.Kind, doc.ID), rec.append(nil))
			if diff := cmp.Diff(doc, again); diff != "" || err != nil {
				t.Errorf("document: %v (-first +second):\n%s", err, diff)
			}
		}
		if d, err := decodeDecision(key, body); err == nil {
			raw, err := appendDecision(nil, &d)
			if err != nil {
				return // an id longer than any we write
			}
			again, err := decodeDecision(key, raw)
			if diff := cmp.Diff(d, again); diff != "" || err != nil {
				t.Errorf("decision: %v (-first +second):\n%s", err, diff)
			}
		}
		_, _ = openEntry(key, body)
		_, _ = parseState(body)
	})
}
