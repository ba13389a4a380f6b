package eval

import (
	"bytes"
	"compress/gzip"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUsage(t *testing.T) {
	h := historyOf(t,
		"purchase,2024-01-01T00:00:00Z,ann,,o1,tea,1,1,",
		"purchase,2024-01-02T00:00:00Z,ann,,o2,tea,1,1,", // again: two lines, one customer
		"purchase,2024-01-02T00:00:00Z,bob,,o3,tea,1,1,",
		"purchase,2024-01-03T00:00:00Z,bob,,o4,salt,1,1,",
		"purchase,2024-01-03T00:00:00Z,,,o5,salt,1,1,", // nobody's but its order's
		"purchase,2024-01-03T00:00:00Z,,,o6,milk,1,1,",
		"view_item,2024-01-03T00:00:00Z,eve,s,,honey,,,",
	)
	tests := map[Task]usage{
		Purchases: {people: 4, items: map[string]Use{"tea": {3, 2}, "salt": {2, 2}, "milk": {1, 1}, "honey": {0, 0}}},
		Sessions:  {people: 5, items: map[string]Use{"tea": {3, 2}, "salt": {2, 2}, "milk": {1, 1}, "honey": {1, 1}}},
	}
	for task, want := range tests {
		t.Run(string(task), func(t *testing.T) {
			if diff := cmp.Diff(want, usageOf(h, task.counted()), cmp.AllowUnexported(usage{})); diff != "" {
				t.Errorf("usage (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNovelty(t *testing.T) {
	u := usage{people: 8, items: map[string]Use{"all": {9, 8}, "half": {4, 4}, "one": {1, 1}, "none": {0, 0}}}
	tests := map[string]struct {
		list []string
		k    int
		want float64
	}{
		"no list":                    {nil, 10, 0},
		"what everybody has":         {[]string{"all"}, 10, 0},
		"what half of them have":     {[]string{"half"}, 10, 1},  // log2(8/4)
		"what nobody has is one's":   {[]string{"none"}, 10, 3},  // log2(8/1)
		"an item train has not seen": {[]string{"stray"}, 10, 3}, // as above
		"mean":                       {[]string{"half", "one", "all"}, 10, 4.0 / 3},
		"the first k only":           {[]string{"half", "one"}, 1, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := u.novelty(tt.list, tt.k); math.Abs(got-tt.want) > 1e-12 {
				t.Errorf("novelty(%v, %d) = %v, want %v", tt.list, tt.k, got, tt.want)
			}
		})
	}
	if got := (&usage{}).novelty([]string{"x"}, 10); got != 0 {
		t.Errorf("novelty in a shop without people = %v, want 0", got)
	}
}

func TestDiversity(t *testing.T) {
	categories := map[string][]string{
		"phone": {"Electronics", "Phones"}, "phone 2": {"Electronics", "Phones"}, "case": {"Electronics", "Phones", "Cases"},
		"camera": {"Electronics", "Cameras"}, "tea": {"Food"},
	}
	tests := map[string]struct {
		list []string
		want float64
	}{
		"one item":               {[]string{"phone"}, 0},
		"the same category":      {[]string{"phone", "phone 2"}, 0},
		"a level deeper":         {[]string{"phone", "case"}, 1.0 / 3},
		"one level of two":       {[]string{"phone", "camera"}, 0.5},
		"nothing shared":         {[]string{"phone", "tea"}, 1},
		"pairs are averaged":     {[]string{"phone", "phone 2", "tea"}, 2.0 / 3},
		"unknown items left out": {[]string{"phone", "stray", "tea"}, 1},
		"no pair known":          {[]string{"stray", "phone"}, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := diversity(tt.list, 10, categories); math.Abs(got-tt.want) > 1e-12 {
				t.Errorf("diversity(%v) = %v, want %v", tt.list, got, tt.want)
			}
		})
	}
	if got := diversity([]string{"phone", "phone 2", "tea"}, 2, categories); got != 0 {
		t.Errorf("diversity of the first 2 = %v, want 0", got)
	}
}

func TestDescribe(t *testing.T) {
	h := historyOf(t,
		"purchase,2024-01-01T00:00:00Z,ann,,o1,a,1,1,",
		"purchase,2024-01-01T00:00:00Z,bob,,o2,a,1,1,",
		"purchase,2024-01-01T00:00:00Z,bob,,o2,b,1,1,",
		"purchase,2024-01-01T00:00:00Z,eve,,o3,c,1,1,",
		"purchase,2024-01-01T00:00:00Z,dan,,o4,d,1,1,",
	)
	v := variantOf([]float64{0, 1})
	v.Metrics, v.Lists = v.Metrics[:1], [][]string{{"a", "b"}, {"b", "a"}}
	breadthOf(Purchases, h, map[string][]string{"a": {"x"}, "b": {"y"}}).describe(v, 1)
	got := make(map[string]float64)
	for _, m := range v.Metrics {
		got[m.Name] = m.Mean
	}
	// Two of four items shown; a has 2 of 4 people (1 bit), b 1 of 4 (2 bits).
	want := map[string]float64{"hr@10": 0.5, "coverage@10": 0.5, "novelty@10": 1.5, "diversity@10": 1}
	if diff := cmp.Diff(want, got, approximately); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	if m, _ := v.Metric("novelty@10"); m.CI == nil || len(m.Values) != 2 {
		t.Errorf("novelty = %+v, want an interval and a value per case", m)
	}
}

func TestParseCategories(t *testing.T) {
	text := "title,item_id,category\nA phone,p,Electronics / Phones\nNothing,n,\nTea,t,Food/\n"
	want := map[string][]string{"p": {"Electronics", "Phones"}, "t": {"Food"}}
	var packed bytes.Buffer
	zw := gzip.NewWriter(&packed)
	_, _ = zw.Write([]byte(text))
	_ = zw.Close()
	for name, in := range map[string]string{"plain": text, "compressed": packed.String()} {
		t.Run(name, func(t *testing.T) {
			got, err := parseCategories(strings.NewReader(in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("categories (-want +got):\n%s", diff)
			}
		})
	}
	for name, in := range map[string]string{
		"empty":           "",
		"no header":       "p,Electronics\n",
		"a cell too many": "item_id,category\np,a,b\n",
		"too deep":        "item_id,category\np," + strings.Repeat("a/", 11) + "\n",
		"cut short":       packed.String()[:12],
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := parseCategories(strings.NewReader(in)); err == nil {
				t.Errorf("parseCategories = %v, want an error", got)
			}
		})
	}
}

func FuzzParseCategories(f *testing.F) {
	f.Add("item_id,category\na,b/c\n")
	f.Add("\x1f\x8b")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseCategories(strings.NewReader(text))
		if err != nil {
			return
		}
		for id, levels := range got {
			if id == "" || len(levels) == 0 {
				t.Errorf("item %q has the category %q", id, levels)
			}
		}
	})
}
