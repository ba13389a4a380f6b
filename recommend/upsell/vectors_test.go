package upsell_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"osusume/recommend"
	"osusume/recommend/upsell"
)

// vectors reads a file of testdata into into.
func vectors(t *testing.T, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

// near fails unless got is want within the relative tolerance, or within 1e-9
// where want is rounding error itself.
func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	bound := tolerance * math.Abs(want)
	if math.Abs(want) < 1e-9 {
		bound = 1e-9
	}
	if !(math.Abs(got-want) <= bound) {
		t.Errorf("%s is %.17g, want %.17g", what, got, want)
	}
}

func some(t *testing.T, n int) {
	t.Helper()
	if n == 0 {
		t.Fatal("the vectors hold no cases")
	}
}

func TestVectorsUpsell(t *testing.T) {
	var v struct {
		Pairs []struct {
			Both       uint32  `json:"n_ab"`
			A          uint32  `json:"n_a"`
			B          uint32  `json:"n_b"`
			N          uint32  `json:"N"`
			PBA        float64 `json:"p_b_given_a"`
			PAB        float64 `json:"p_a_given_b"`
			Lift, G2   float64
			Complement bool
		}
		Upgrade []struct {
			Bought   uint32  `json:"view_a_bought_b"`
			Of       uint32  `json:"view_a_bought_family"`
			RawP0    float64 `json:"p0"`
			RawM     float64 `json:"m"`
			MarginA  float64 `json:"margin_a"`
			MarginB  float64 `json:"margin_b"`
			PriceFit float64 `json:"price_fit"`
			Switch   float64 `json:"p_switch"`
			EV       float64 `json:"ev_yen"`
		}
		PriceFit []struct{ Pct, Q, Fit float64 } `json:"price_fit"`
		Affinity []struct {
			Percentiles []float64 `json:"purchase_percentiles"`
			Q           float64
		}
		Nudge struct {
			Gap        int64
			Candidates []struct {
				Price   int64
				Reaches bool
			}
		} `json:"threshold_nudge"`
		Bundle struct {
			Price   int64 `json:"bundle_price"`
			Sum     int64 `json:"list_sum"`
			Savings int64
			Percent int `json:"savings_pct_floor"`
		}
		Tolerance float64 `json:"tol_rel"`
	}
	vectors(t, "upsell.json", &v)
	some(t, len(v.Pairs)*len(v.Upgrade)*len(v.PriceFit)*len(v.Affinity)*len(v.Nudge.Candidates))

	for _, p := range v.Pairs {
		a := upsell.Association{Both: p.Both, OfA: p.A, OfB: p.B, All: p.N}
		back := upsell.Association{Both: p.Both, OfA: p.B, OfB: p.A, All: p.N}
		near(t, "P(B|A)", a.Confidence(), p.PBA, v.Tolerance)
		near(t, "P(A|B)", back.Confidence(), p.PAB, v.Tolerance)
		near(t, "lift", a.Lift(), p.Lift, v.Tolerance)
		near(t, "G2", a.G2(), p.G2, v.Tolerance)
		if got := upsell.IsComplement(a); got != p.Complement {
			t.Errorf("%+v is a complement: %v", a, got)
		}
	}
	for _, u := range v.Upgrade {
		p := upsell.Shrunk(upsell.Choice{Chose: u.Bought, Of: u.Of, Base: u.RawP0}, u.RawM)
		near(t, "p", p, u.Switch, v.Tolerance)
		score, worth := upsell.Scored(p, u.PriceFit, u.MarginB-u.MarginA)
		near(t, "EV", score.EV, u.EV, v.Tolerance)
		if worth != (u.EV > 0) {
			t.Errorf("an upgrade worth %v is suggested: %v", u.EV, worth)
		}
	}
	for _, f := range v.PriceFit {
		near(t, "price fit", upsell.Fit(f.Pct, f.Q, 0.25), f.Fit, v.Tolerance)
	}
	for _, a := range v.Affinity {
		near(t, "affinity", upsell.Affinity(a.Percentiles, 3), a.Q, v.Tolerance)
	}
	for _, c := range v.Nudge.Candidates {
		if got := upsell.Reaches(c.Price, v.Nudge.Gap, 1.5); got != c.Reaches {
			t.Errorf("%d reaches a gap of %d: %v", c.Price, v.Nudge.Gap, got)
		}
	}
	saved, percent, ok := upsell.Saved(v.Bundle.Sum, v.Bundle.Price)
	if saved != v.Bundle.Savings || percent != v.Bundle.Percent || !ok {
		t.Errorf("a bundle saves %d (%d %%, %v), want %d (%d %%)", saved, percent, ok, v.Bundle.Savings, v.Bundle.Percent)
	}
}

func TestVectorsBuyItAgain(t *testing.T) {
	var v struct {
		Cases []struct {
			K      int
			Span   float64 `json:"t_purch"`
			T      float64
			Mean   float64 `json:"t_mean"`
			Lambda float64 `json:"lam"`
			Score  float64 `json:"score_h7"`
		}
		Tolerance float64 `json:"tol_rel"`
	}
	vectors(t, "buy_it_again.json", &v)
	some(t, len(v.Cases))
	for _, c := range v.Cases {
		lambda := upsell.ReplenishRate(c.K, c.Span, c.T, c.Mean, 2, 60)
		near(t, "lambda", lambda, c.Lambda, v.Tolerance)
		near(t, "score", upsell.ReplenishScore(0.4, lambda, 7), c.Score, v.Tolerance)
	}
}

func TestVectorsJapan(t *testing.T) {
	var v struct {
		Yen []struct {
			N  int64
			JA string `json:"ja"`
		}
		TaxIn []struct {
			Ex                 int64
			Rate               int
			Floor, Round, Ceil int64
		} `json:"tax_in"`
		Reasons []struct {
			Code   upsell.Code
			Params struct {
				Pct, Days int
				Amount    int64
				Feature   string
				From      string `json:"from_"`
				To, Tier  string
			}
			JA, EN string
		}
	}
	vectors(t, "ja.json", &v)
	some(t, len(v.Yen)*len(v.TaxIn)*len(v.Reasons))
	for _, y := range v.Yen {
		if got := upsell.Amount(recommend.Money{Amount: y.N, Currency: "JPY"}); got != y.JA {
			t.Errorf("%d yen is %q, want %q", y.N, got, y.JA)
		}
	}
	for _, x := range v.TaxIn {
		for r, want := range map[upsell.Rounding]int64{upsell.RoundDown: x.Floor, upsell.RoundHalfUp: x.Round, upsell.RoundUp: x.Ceil} {
			if got := upsell.TaxIncluded(x.Ex, x.Rate, r); got != want {
				t.Errorf("%d with %d %% tax, rounding %d, is %d, want %d", x.Ex, x.Rate, r, got, want)
			}
		}
	}
	// Names come from the shop in each locale; the vectors hold them in Japanese.
	english := map[string]string{"ストレージ": "Storage", "ゴールド": "Gold", "": ""}
	both := func(ja string) recommend.Text { return recommend.Text{"ja": ja, "en": english[ja]} }
	for _, c := range v.Reasons {
		p := c.Params
		r := upsell.Reason{Code: c.Code, Params: upsell.Params{
			Percent: p.Pct, Days: p.Days, Amount: recommend.Money{Amount: p.Amount, Currency: "JPY"},
			Feature: both(p.Feature), From: p.From, To: p.To, Tier: both(p.Tier),
		}}
		if got := r.Text("ja"); got != c.JA {
			t.Errorf("%s in ja is %q, want %q", c.Code, got, c.JA)
		}
		if got := r.Text("en"); got != c.EN {
			t.Errorf("%s in en is %q, want %q", c.Code, got, c.EN)
		}
	}
}

func TestVectorsDays(t *testing.T) {
	var v struct {
		Zone string
		Days []struct {
			Last, Now time.Time
			Want      int `json:"calendar_days_local"`
		} `json:"days_since"`
	}
	vectors(t, "time_jst.json", &v)
	some(t, len(v.Days))
	zone, err := time.LoadLocation(v.Zone)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range v.Days {
		if got := upsell.DaysSince(d.Last, d.Now, zone); got != d.Want {
			t.Errorf("from %v to %v are %d days, want %d", d.Last, d.Now, got, d.Want)
		}
	}
}
