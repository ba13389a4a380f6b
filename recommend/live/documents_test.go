package live_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
	"osusume/recommend/live"
	"osusume/store"
)

const (
	hideBeans = `{"id":"r","action":"hide","condition":"item.id == 'beans'"}`
	hideMugs  = `{"id":"r","action":"hide","condition":"item.id == 'mug'"}`
)

// openConfigured opens a shop whose configuration is in documents.
func openConfigured(t *testing.T, documents live.DocumentStore) *live.Documents {
	t.Helper()
	return open(t, live.Config{Log: store.NewMemory(), Documents: documents, Clock: atNoon}).Documents()
}

// to is an edit that replaces whatever is there.
func to(body string) func(*recommend.Document) ([]byte, error) {
	return func(*recommend.Document) ([]byte, error) { return []byte(body), nil }
}

func change(t *testing.T, d *live.Documents, kind recommend.DocumentKind, id, body string) recommend.Document {
	t.Helper()
	doc, err := d.Change(kind, id, to(body))
	if err != nil {
		t.Fatalf("Change(%s, %s): %v", kind, id, err)
	}
	return doc
}

func documentIDs(d *live.Documents, kind recommend.DocumentKind, after string, limit int) []string {
	var ids []string
	for _, doc := range d.Configuration().Documents(kind, after, limit) {
		ids = append(ids, fmt.Sprintf("%s@%d", doc.ID, doc.Version))
	}
	return ids
}

func TestDocumentsChange(t *testing.T) {
	memory := store.NewMemory()
	d := openConfigured(t, memory)
	for _, id := range []string{"c", "a", "b"} {
		change(t, d, recommend.DocumentRule, id, hideBeans)
	}
	before := d.Configuration()
	if doc := change(t, d, recommend.DocumentRule, "b", hideMugs); doc.Version != 2 {
		t.Errorf("version %d, want 2", doc.Version)
	}
	if doc, _ := before.Document(recommend.DocumentRule, "b"); string(doc.Body) != hideBeans {
		t.Errorf("the configuration taken before changed: %s", doc.Body)
	}
	for _, tt := range []struct {
		after string
		limit int
		want  []string
	}{
		{"", 10, []string{"a@1", "b@2", "c@1"}},
		{"", 2, []string{"a@1", "b@2"}},
		{"a", 10, []string{"b@2", "c@1"}},
		{"aa", 1, []string{"b@2"}},
		{"c", 10, nil},
	} {
		if diff := cmp.Diff(tt.want, documentIDs(d, recommend.DocumentRule, tt.after, tt.limit)); diff != "" {
			t.Errorf("after %q (-want +got):\n%s", tt.after, diff)
		}
	}
	keep := func(*recommend.Document) error { return nil }
	if err := d.Delete(recommend.DocumentRule, "a", keep); err != nil {
		t.Fatal(err)
	}
	wantCode(t, d.Delete(recommend.DocumentRule, "a", keep), recommend.CodeNotFound, "id")
	// A new start finds the same.
	again := openConfigured(t, memory)
	for _, d := range []*live.Documents{d, again} {
		if diff := cmp.Diff([]string{"b@2", "c@1"}, documentIDs(d, recommend.DocumentRule, "", 10)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if d.Configuration().Rules().InForce("home", noon) == nil {
			t.Error("no rule is in force")
		}
	}
}

// refusingStore fails writes when told to.
type refusingStore struct {
	*store.Memory
	err error
}

func (s *refusingStore) PutDocument(kind recommend.DocumentKind, id string, body []byte, expected int64, now time.Time) (recommend.Document, error) {
	if s.err != nil {
		return recommend.Document{}, s.err
	}
	return s.Memory.PutDocument(kind, id, body, expected, now)
}

func (s *refusingStore) DeleteDocument(kind recommend.DocumentKind, id string, expected int64) error {
	if s.err != nil {
		return s.err
	}
	return s.Memory.DeleteDocument(kind, id, expected)
}

func TestDocumentsRefused(t *testing.T) {
	disk := &refusingStore{Memory: store.NewMemory()}
	d := openConfigured(t, disk)
	change(t, d, recommend.DocumentPlacement, "sidebar", `{"id":"sidebar"}`)
	change(t, d, recommend.DocumentRule, "r", `{"id":"r","action":"hide","condition":"true","placements":["sidebar"]}`)
	before := d.Configuration()
	mine := errors.New("mine")
	tests := []struct {
		name  string
		do    func() error
		code  recommend.Code
		field string
	}{
		{"condition that does not compile", func() error {
			_, err := d.Change(recommend.DocumentRule, "r", to(`{"id":"r","action":"hide","condition":"item.colour == 1"}`))
			return err
		}, recommend.CodeInvalid, "condition"},
		{"unknown placement", func() error {
			_, err := d.Change(recommend.DocumentRule, "r", to(`{"id":"r","action":"hide","condition":"true","placements":["home","nowhere"]}`))
			return err
		}, recommend.CodeInvalid, "placements[1]"},
		{"past end", func() error {
			_, err := d.Change(recommend.DocumentRule, "r", to(`{"id":"r","action":"hide","condition":"true","ends_at":"2020-01-01T00:00:00Z"}`))
			return err
		}, recommend.CodeInvalid, "ends_at"},
		{"unknown model", func() error {
			_, err := d.Change(recommend.DocumentPlacement, "sidebar", to(`{"id":"sidebar","model":"best"}`))
			return err
		}, recommend.CodeInvalid, "model"},
		{"unknown kind", func() error {
			_, err := d.Change("poem", "p", to(`{}`))
			return err
		}, recommend.CodeInvalid, "kind"},
		{"edit that refuses", func() error {
			_, err := d.Change(recommend.DocumentRule, "r", func(*recommend.Document) ([]byte, error) { return nil, mine })
			if !errors.Is(err, mine) {
				t.Errorf("got %v, want %v itself", err, mine)
			}
			return err
		}, recommend.CodeInternal, ""},
		{"placement that a rule is for", func() error {
			return d.Delete(recommend.DocumentPlacement, "sidebar", func(*recommend.Document) error { return nil })
		}, recommend.CodeConflict, ""},
		{"disk", func() error {
			disk.err = &recommend.Error{Code: recommend.CodeUnavailable, Message: "full"}
			_, err := d.Change(recommend.DocumentRule, "r", to(hideMugs))
			return err
		}, recommend.CodeUnavailable, ""},
		{"disk, deleting", func() error {
			return d.Delete(recommend.DocumentRule, "r", func(*recommend.Document) error { return nil })
		}, recommend.CodeUnavailable, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantCode(t, tt.do(), tt.code, tt.field)
			if d.Configuration() != before {
				t.Error("something was published")
			}
		})
	}
}

// A rule that ended is still there after a start, and one that no longer
// compiles is kept, out of force.
func TestDocumentsOldAndOutOfForce(t *testing.T) {
	memory := store.NewMemory()
	for id, body := range map[string]string{
		"ended":  `{"id":"ended","action":"hide","condition":"true","ends_at":"2020-01-01T00:00:00Z"}`,
		"broken": `{"id":"broken","action":"hide","condition":"item.no_more == 1"}`,
	} {
		if _, err := memory.PutDocument(recommend.DocumentRule, id, []byte(body), recommend.VersionNone, noon); err != nil {
			t.Fatal(err)
		}
	}
	d := openConfigured(t, memory)
	if diff := cmp.Diff([]string{"broken@1", "ended@1"}, documentIDs(d, recommend.DocumentRule, "", 10)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if d.Configuration().Rules().InForce("home", noon) != nil {
		t.Error("a rule is in force")
	}
	change(t, d, recommend.DocumentRule, "broken", hideBeans)
	if d.Configuration().Rules().InForce("home", noon) == nil {
		t.Error("the mended rule is not in force")
	}
}

// Concurrent read-modify-writes lose nothing.
func TestDocumentsChangeAtOnce(t *testing.T) {
	d := openConfigured(t, store.NewMemory())
	change(t, d, recommend.DocumentPlacement, "p", `{"id":"p","note":""}`)
	const writers = 50
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			_, err := d.Change(recommend.DocumentPlacement, "p", func(old *recommend.Document) ([]byte, error) {
				note := d.Configuration().Placement("p").Note // no other change comes between
				return fmt.Appendf(nil, `{"id":"p","note":%q}`, note+"x"), nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	doc, _ := d.Configuration().Document(recommend.DocumentPlacement, "p")
	if got := len(d.Configuration().Placement("p").Note); got != writers || doc.Version != writers+1 {
		t.Errorf("%d changes at version %d, want %d", got, doc.Version, writers)
	}
}

func TestShopWithoutDocuments(t *testing.T) {
	l, err := live.Open(context.Background(), live.Config{Log: store.NewMemory(), Clock: atNoon})
	if err != nil {
		t.Fatal(err)
	}
	if l.Documents() != nil {
		t.Error("it has documents")
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
