package eval

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/bench/datasets"
	"osusume/recommend"
)

const csvHeader = "event,time,customer_id,session_id,order_id,item_id,quantity,price,value\n"

// writeCSV writes an events CSV; lines are without their header.
func writeCSV(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "events.csv")
	if err := os.WriteFile(path, []byte(csvHeader+strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func historyOf(t *testing.T, lines ...string) *history {
	t.Helper()
	h, err := readHistory("train", writeCSV(t, lines...), nil)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// asked is what matters of a question.
type asked struct {
	Unit   string
	Number int
	Ask    recommend.Request
	Truth  []string
}

func allAsked(x *exam) map[string][]asked {
	out := make(map[string][]asked)
	for _, v := range x.variants {
		for _, q := range v.list {
			out[v.variant] = append(out[v.variant], asked{q.Unit, q.Number, q.request, q.truth})
		}
	}
	return out
}

func TestHistory(t *testing.T) {
	h := historyOf(t,
		"purchase,2024-01-02T00:00:00Z,c,,o2,b,1,9.99,",
		"purchase,2024-01-01T00:00:00Z,c,,o1,a,1,0.005,",
		"purchase,2024-01-01T00:00:00Z,c,,o1,c,2,5,",
		"nonsense,2024-01-01T00:00:00Z,c,,o1,d,1,5,",
		"purchase,2024-01-01T00:00:00Z,c,,o1,a,1,5,",
	)
	var got []string
	for _, e := range h.events {
		ids := []string{e.OrderID}
		for _, it := range e.Items {
			ids = append(ids, it.ItemID)
		}
		got = append(got, strings.Join(ids, " "))
	}
	if diff := cmp.Diff([]string{"o1 a c a", "o2 b"}, got); diff != "" {
		t.Errorf("events, oldest first, one per order (-want +got):\n%s", diff)
	}
	if h.skipped != 1 || len(h.items) != 3 {
		t.Errorf("skipped %d rows and %d items, want 1 and 3", h.skipped, len(h.items))
	}
	if want := time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC); !h.end().Equal(want) {
		t.Errorf("end = %v, want %v", h.end(), want)
	}
}

func TestPurchasesProtocol(t *testing.T) {
	train := historyOf(
		t,
		"purchase,2024-01-01T00:00:00Z,ann,,o1,a,1,1,",
		"purchase,2024-01-01T00:00:00Z,ann,,o1,b,1,1,",
		"purchase,2024-01-02T00:00:00Z,bob,,o2,c,1,1,",
		"purchase,2024-01-03T00:00:00Z,eve,,o3,c,1,1,",
	)
	test := historyOf(
		t,
		"purchase,2024-02-03T10:00:00Z,ann,,p1,a,1,1,",
		"purchase,2024-02-02T10:00:00Z,ann,,p2,c,1,1,",
		"purchase,2024-02-03T10:00:00Z,ann,,p1,c,1,1,", // twice: one of truth
		"purchase,2024-02-03T10:00:00Z,ann,,p1,z,1,1,", // not in train
		"view_item,2024-02-03T10:00:00Z,ann,s,,b,,,",   // not bought
		"purchase,2024-02-04T10:00:00Z,bob,,p3,c,1,1,", // nothing new to bob
		"purchase,2024-02-04T10:00:00Z,new,,p4,a,1,1,", // unknown to train
		"purchase,2024-02-04T10:00:00Z,eve,,p5,z,1,1,", // no truth left
	)
	x := purchases(train, test)
	want := map[string][]asked{
		"all": {
			{Unit: "ann", Ask: recommend.Request{CustomerID: "ann", Limit: 20, Repeat: recommend.RepeatAllow}, Truth: []string{"a", "c"}},
			{Unit: "bob", Ask: recommend.Request{CustomerID: "bob", Limit: 20, Repeat: recommend.RepeatAllow}, Truth: []string{"c"}},
		},
		"new": {
			{Unit: "ann", Ask: recommend.Request{CustomerID: "ann", Limit: 20, Repeat: recommend.RepeatExclude}, Truth: []string{"c"}},
		},
	}
	if diff := cmp.Diff(want, allAsked(x)); diff != "" {
		t.Errorf("questions (-want +got):\n%s", diff)
	}
	if first := time.Date(2024, 2, 2, 10, 0, 0, 0, time.UTC); !x.now.Equal(first) {
		t.Errorf("now = %v, want the first test event's %v", x.now, first)
	}
}

func TestRatingsProtocol(t *testing.T) {
	train := historyOf(
		t,
		"rating,2024-01-01T00:00:00Z,ann,,,a,,,1",
		"rating,2024-01-05T00:00:00Z,bob,,,b,,,5",
	)
	test := historyOf(
		t,
		"rating,2024-01-02T00:00:00Z,ann,,,a,,,5", // in train: left out
		"rating,2024-01-02T00:00:00Z,ann,,,z,,,1", // a low rating is a positive, unknown to train or not
		"rating,2024-01-02T00:00:00Z,ann,,,b,,,5",
		"rating,2024-01-02T00:00:00Z,new,,,b,,,5",
	)
	x := ratings(train, test)
	want := map[string][]asked{"all": {
		{Unit: "ann", Ask: recommend.Request{CustomerID: "ann", Placement: "discover", Limit: 10, Repeat: recommend.RepeatExclude}, Truth: []string{"b", "z"}},
	}}
	if diff := cmp.Diff(want, allAsked(x)); diff != "" {
		t.Errorf("questions (-want +got):\n%s", diff)
	}
	if end := time.Date(2024, 1, 5, 0, 0, 0, 0, time.UTC); !x.now.Equal(end) {
		t.Errorf("now = %v, want the end of train %v", x.now, end)
	}
}

func TestSessionsProtocol(t *testing.T) {
	train := historyOf(t, "view_item,2024-01-01T00:00:00Z,,s0,,a,,,")
	test := historyOf(
		t,
		"view_item,2024-02-01T00:00:00Z,,s1,,a,,,",
		"view_item,2024-02-01T00:00:10Z,,s2,,a,,,",
		"view_item,2024-02-01T00:00:30Z,,s1,,b,,,",
		"view_item,2024-02-01T00:01:00Z,,s1,,a,,,",
		"view_item,2024-02-01T00:01:10Z,,s2,,b,,,",
		"view_item,2024-02-01T00:01:30Z,,s1,,c,,,",
	)
	ask := func(repeat recommend.Repeat, items ...string) recommend.Request {
		return recommend.Request{SessionItems: items, Placement: "session", Limit: 20, Repeat: repeat}
	}
	want := map[string][]asked{
		"all": {
			{"s1", 2, ask(recommend.RepeatAllow, "a", "b"), []string{"a"}},
			{"s1", 3, ask(recommend.RepeatAllow, "a", "b", "a"), []string{"c"}},
		},
		"new": {
			{"s1", 3, ask(recommend.RepeatExclude, "a", "b", "a"), []string{"c"}},
		},
	}
	if diff := cmp.Diff(want, allAsked(sessions(train, test, 2))); diff != "" {
		t.Errorf("questions from place 2 (-want +got):\n%s", diff)
	}
	if got := len(allAsked(sessions(train, test, 1))["all"]); got != 4 { // s1 at 1, 2, 3; s2 at 1
		t.Errorf("%d questions from place 1, want 4", got)
	}
}

func TestBasketsProtocol(t *testing.T) {
	train := historyOf(t, "purchase,2024-01-01T00:00:00Z,c,,o,a,1,1,")
	x := baskets(train, []datasets.Basket{{Invoice: "i", Cart: []string{"b", "a"}, Hidden: "c", Seed: "b", Rest: []string{"c", "a", "c"}}})
	want := map[string][]asked{
		"cart": {{Unit: "i", Ask: recommend.Request{Cart: []string{"b", "a"}, Placement: "cart", Limit: 10}, Truth: []string{"c"}}},
		"item": {{Unit: "i", Ask: recommend.Request{ItemID: "b", Placement: "item", Limit: 10}, Truth: []string{"a", "c"}}},
	}
	if diff := cmp.Diff(want, allAsked(x)); diff != "" {
		t.Errorf("questions (-want +got):\n%s", diff)
	}
}

func TestJudge(t *testing.T) {
	q := questions{
		variant:  "all",
		measures: rankMeasures(),
		coverage: true,
		list: []question{
			{Case: Case{Unit: "u"}, truth: []string{"a", "c"}},
			{Case: Case{Unit: "v"}, truth: []string{"x"}},
		},
	}
	v := judge(&q, [][]string{{"a", "b", "c"}, {"a"}}, 10, 1)
	got := map[string]float64{}
	for _, m := range v.Metrics {
		got[m.Name] = m.Mean
	}
	want := map[string]float64{
		// u: (1 + 1/2) / (1 + 1/log2 3) = 0.91972; v: 0.
		"ndcg@10": 0.9197207891481876 / 2, "recall@20": 0.5, "hr@10": 0.5, "map@10": (1 + 2.0/3) / 2 / 2, "mrr@10": 0.5,
		coverageName: 0.3, // a, b, c of 10
	}
	if diff := cmp.Diff(want, got, approximately); diff != "" {
		t.Errorf("means (-want +got):\n%s", diff)
	}
}
