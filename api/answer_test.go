package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"

	"osusume/recommend"
)

// appendWhole appends an answer with its state.
func appendWhole(b []byte, head listHead, answer *recommend.Answer, fields fieldSet, locale string, lookup func(string) (*recommend.Item, bool)) []byte {
	return appendState(appendAnswer(b, head, answer, fields, locale, lookup), answer.AsOf, answer.AppliedSeq)
}

func TestAppendAnswer(t *testing.T) {
	answer := recommend.Answer{
		Items: []recommend.Recommendation{
			{ItemID: `a"1`, Score: 0.8312, Stage: recommend.StageForYou, Reasons: []recommend.Reason{
				{Code: recommend.ReasonAlsoBought, ItemID: "b", Support: 37, Of: 412, Text: "412人のうち37人"},
				{Code: recommend.ReasonTrending, Support: 4, Of: 7},
			}},
			{ItemID: "c", Score: 1e-9, Stage: recommend.StageCatalog},
		},
		Stages: []recommend.Stage{recommend.StageForYou, recommend.StageCatalog},
		Model:  "default", AppliedSeq: 981234,
		AsOf: time.Date(2026, 1, 31, 0, 30, 0, 250_000_000, time.UTC),
	}
	items := map[string]*recommend.Item{
		`a"1`: {ID: `a"1`, Title: recommend.Text{"ja": "題", "en": "title"}, Price: recommend.Money{Amount: 1250, Currency: "USD"}, Cost: recommend.Money{Amount: 1, Currency: "USD"}},
	}
	lookup := func(id string) (*recommend.Item, bool) { it, ok := items[id]; return it, ok }
	head := listHead{id: []byte("r_X"), placement: "home", kind: "trending"}
	got := string(appendWhole(nil, head, &answer, fieldTitle|fieldPrice, "en", lookup))
	want := `{"recommendation_id":"r_X","items":[` +
		`{"item_id":"a\"1","score":0.8312,"stage":"for_you","reasons":[{"code":"ALSO_BOUGHT","item_id":"b","support":37,"of":412,"text":"412人のうち37人"},{"code":"TRENDING","support":4,"window_days":7}],"title":"title","price":12.50,"currency":"USD"},` +
		`{"item_id":"c","score":1e-09,"stage":"catalog","reasons":[]}],` +
		`"stages":["for_you","catalog"],"placement":"home","kind":"trending","model":{"name":"default","as_of":"2026-01-31T00:30:00.25Z"},"applied_seq":981234}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Every code with the evidence it has; the contract has one shape for each.
func TestAppendReason(t *testing.T) {
	spec, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	schema := spec.doc.Components.Schemas["Reason"].Value
	known := 0
	for _, shape := range schema.OneOf {
		known += len(shape.Value.Properties["code"].Value.Enum)
	}
	tests := []struct {
		reason recommend.Reason
		want   string
	}{
		{recommend.Reason{Code: recommend.ReasonBoughtTogether, ItemID: "b", Support: 3, Of: 4}, `{"code":"BOUGHT_TOGETHER","item_id":"b","support":3,"of":4}`},
		{recommend.Reason{Code: recommend.ReasonAlsoBought, ItemID: "b", Support: 3, Of: 4}, `{"code":"ALSO_BOUGHT","item_id":"b","support":3,"of":4}`},
		{recommend.Reason{Code: recommend.ReasonViewedTogether, ItemID: "b", Support: 3, Of: 4}, `{"code":"VIEWED_TOGETHER","item_id":"b","support":3,"of":4}`},
		{recommend.Reason{Code: recommend.ReasonBuyAgain, Support: 3, Of: 4, Text: "x"}, `{"code":"BUY_AGAIN","support":3,"of":4,"text":"x"}`},
		{recommend.Reason{Code: recommend.ReasonTrending, Support: 3, Of: 7}, `{"code":"TRENDING","support":3,"window_days":7}`},
		{recommend.Reason{Code: recommend.ReasonBestseller, Support: 3}, `{"code":"BESTSELLER","support":3,"window_days":0}`},
		{recommend.Reason{Code: recommend.ReasonRecentlyViewed, ItemID: "b"}, `{"code":"RECENTLY_VIEWED","item_id":"b"}`},
		{recommend.Reason{Code: recommend.ReasonSimilar, ItemID: "b"}, `{"code":"SIMILAR","item_id":"b"}`},
		{recommend.Reason{Code: recommend.ReasonNewArrival, ItemID: "b", Text: "x"}, `{"code":"NEW_ARRIVAL","item_id":"b","text":"x"}`},
		{recommend.Reason{Code: recommend.ReasonInCatalog}, `{"code":"IN_CATALOG"}`},
	}
	for _, tt := range tests {
		t.Run(string(tt.reason.Code), func(t *testing.T) {
			got := appendReason(nil, &tt.reason)
			if string(got) != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			var value any
			if err := json.Unmarshal(got, &value); err != nil {
				t.Fatal(err)
			}
			if err := schema.VisitJSON(value, openapi3.EnableJSONSchema2020()); err != nil {
				t.Errorf("against the contract: %v", err)
			}
		})
	}
	if len(tests) != known {
		t.Errorf("the contract knows %d codes, want the %d above", known, len(tests))
	}
}

// No field of an answer may ever carry what the shop pays.
func TestFieldsNeverHoldTheCost(t *testing.T) {
	it := recommend.Item{ID: "i", Title: recommend.Text{"ja": "x"}, Price: recommend.Money{Amount: 5, Currency: "JPY"}, ListPrice: recommend.Money{Amount: 6, Currency: "JPY"}, Cost: recommend.Money{Amount: 4242, Currency: "JPY"}}
	if got := string((fieldImageURL<<1 - 1).append(nil, &it, "ja")); strings.Contains(got, "4242") || !strings.Contains(got, `"price":5,"list_price":6`) {
		t.Errorf("all fields: %s", got)
	}
}

func TestAppendAnswerIsJSON(t *testing.T) {
	text := rapid.StringOf(rapid.Rune())
	rapid.Check(t, func(t *rapid.T) {
		it := drawItem(t)
		answer := recommend.Answer{Model: text.Draw(t, "model"), AppliedSeq: rapid.Uint64().Draw(t, "seq")}
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			answer.Items = append(answer.Items, recommend.Recommendation{
				ItemID: text.Draw(t, "item"), Score: rapid.Float64().Draw(t, "score"),
				Reasons: []recommend.Reason{{Support: rapid.Uint32().Draw(t, "support"), Text: text.Draw(t, "text")}},
			})
		}
		fields := fieldSet(rapid.Uint32Range(0, uint32(fieldImageURL<<1-1)).Draw(t, "fields"))
		b := appendWhole(nil, listHead{}, &answer, fields, "ja", func(string) (*recommend.Item, bool) { return &it, true })
		var out struct {
			Items []struct {
				ID    string `json:"item_id"`
				Score float64
			}
		}
		if err := json.Unmarshal(b, &out); err != nil {
			t.Fatalf("%v: %s", err, b)
		}
		for i := range answer.Items {
			if out.Items[i].ID != answer.Items[i].ItemID || float32(out.Items[i].Score) != float32(answer.Items[i].Score) {
				t.Fatalf("item %d of %s reads back as %+v", i, b, out.Items[i])
			}
		}
	})
}

func TestRecommendationIDTellsRequestsApart(t *testing.T) {
	one, two := 1.0, 2.0
	requests := []listRequest{
		{},
		{Request: recommend.Request{CustomerID: "a"}},
		{Request: recommend.Request{AnonymousID: "a"}},
		{Request: recommend.Request{Cart: []string{"a", "b"}}},
		{Request: recommend.Request{Cart: []string{"ab"}}},
		{Request: recommend.Request{Cart: []string{"a"}, SessionItems: []string{"b"}}},
		{Request: recommend.Request{SessionItems: []string{"a", "b"}}},
		{Request: recommend.Request{Filter: recommend.Filter{PriceMin: &one}}},
		{Request: recommend.Request{Filter: recommend.Filter{PriceMax: &one}}},
		{Request: recommend.Request{Filter: recommend.Filter{PriceMax: &two}}},
		{Request: recommend.Request{Repeat: recommend.RepeatAllow}},
		{Request: recommend.Request{Limit: 3}},
		{Request: recommend.Request{Explain: true}},
		{Request: recommend.Request{Diversity: &one}},
		{Request: recommend.Request{MaxPerCategory: 3}},
		{Request: recommend.Request{MaxPerGroup: 3}},
		{Request: recommend.Request{MaxPerGroup: -1}},
		{Request: recommend.Request{NoExplore: true}},
		{fields: fieldTitle},
	}
	seen := map[string]int{}
	for i := range requests {
		id := recommendationID(appendRequest(nil, "recommend", &requests[i]), 7)
		if j, twice := seen[id]; twice {
			t.Errorf("requests %d and %d share %s", j, i, id)
		}
		seen[id] = i
	}
	base := appendRequest(nil, "recommend", &requests[0])
	if recommendationID(base, 7) == recommendationID(appendRequest(nil, "recommend", &requests[0]), 8) {
		t.Error("two states share an id")
	}
	waited := listRequest{minSeq: 7}
	if recommendationID(appendRequest(nil, "recommend", &waited), 7) != recommendationID(appendRequest(nil, "recommend", &requests[0]), 7) {
		t.Error("having waited changes the id of the same answer")
	}
}

func recommendationID(canonical []byte, appliedSeq uint64) string {
	return string(appendRecommendationID(nil, canonical, appliedSeq))
}

func benchmarkAnswer(n int) *recommend.Answer {
	a := &recommend.Answer{Model: "default", AppliedSeq: 981234, Stages: []recommend.Stage{recommend.StageForYou}, AsOf: testNow}
	for i := range n {
		a.Items = append(a.Items, recommend.Recommendation{
			ItemID: fmt.Sprintf("item-%05d", i), Score: float64(1 / float32(i+3)), Stage: recommend.StageForYou,
			Reasons: []recommend.Reason{{Code: recommend.ReasonAlsoBought, ItemID: "beans-kiri-200g", Support: 37, Of: 412, Text: "霧ブレンドを購入した412人のうち37人が購入しています"}},
		})
	}
	return a
}

func BenchmarkAppendAnswer(b *testing.B) {
	it := &recommend.Item{
		ID: "i", Title: recommend.Text{"ja": "霧ブレンド 200g", "en": "Kiri blend 200 g"}, Price: recommend.Money{Amount: 1480, Currency: "JPY"},
		Category: []string{"Kitchen", "Coffee"}, ImageURL: "https://example.com/i.jpg",
	}
	lookup := func(string) (*recommend.Item, bool) { return it, true }
	for _, n := range []int{10, 100} {
		for _, fields := range []fieldSet{0, fieldTitle | fieldPrice | fieldCategory | fieldImageURL} {
			for _, explain := range []bool{false, true} {
				b.Run(fmt.Sprintf("items=%d/fields=%v/explain=%v", n, fields != 0, explain), func(b *testing.B) {
					answer := benchmarkAnswer(n)
					if !explain {
						for i := range answer.Items {
							answer.Items[i].Reasons[0].Text = ""
						}
					}
					buf := appendWhole(nil, listHead{id: []byte("r_X"), placement: "home"}, answer, fields, "ja", lookup)
					b.SetBytes(int64(len(buf)))
					b.ReportAllocs()
					for b.Loop() {
						buf = appendWhole(buf[:0], listHead{id: []byte("r_X"), placement: "home"}, answer, fields, "ja", lookup)
					}
				})
			}
		}
	}
}
