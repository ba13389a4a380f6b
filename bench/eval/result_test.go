package eval

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sample is a result of two variants with round figures.
func sample() *Result {
	variant := func(name string, hits ...float64) Variant {
		v := *variantOf(hits)
		v.Name = name
		v.Metrics[0].CI = &Interval{Low: 0.25, High: 0.75}
		v.Metrics[1].Mean = 0.125
		return v
	}
	return &Result{
		Task: Purchases, Model: "cosine", Seed: 1,
		Variants:     []Variant{variant("all", 1, 1, 0, 1), variant("new", 0, 1)},
		Popularity:   []Variant{variant("all", 0, 0, 0, 1), variant("new", 0, 1)},
		CatalogItems: 3622, TrainSeconds: 1.5, Score: Latency{P50: 80, P99: 250.5},
		SkippedRows: map[string]int{"train.csv": 1200},
	}
}

func TestWriteJSON(t *testing.T) {
	var got strings.Builder
	if err := sample().WriteJSON(&got); err != nil {
		t.Fatal(err)
	}
	want := `{
  "task": "purchases",
  "model": "cosine",
  "variants": {
    "all": {
      "hr@10": 0.75,
      "coverage@10": 0.125,
      "n": 4
    },
    "new": {
      "hr@10": 0.5,
      "coverage@10": 0.125,
      "n": 2
    }
  },
  "train_seconds": 1.5,
  "score_us": {
    "p50": 80,
    "p99": 250.5
  },
  "ci": {
    "all": {
      "hr@10": [
        0.25,
        0.75
      ]
    },
    "new": {
      "hr@10": [
        0.25,
        0.75
      ]
    }
  },
  "popularity": {
    "all": {
      "hr@10": 0.25,
      "coverage@10": 0.125,
      "n": 4
    },
    "new": {
      "hr@10": 0.5,
      "coverage@10": 0.125,
      "n": 2
    }
  },
  "catalog_items": 3622,
  "skipped_rows": {
    "train.csv": 1200
  }
}
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

func TestWriteTable(t *testing.T) {
	var got strings.Builder
	if err := sample().WriteTable(&got); err != nil {
		t.Fatal(err)
	}
	// Of the four cases of all, two are better than popularity's: resampled, the
	// difference is k/4 with k binomial(4, 1/2), whose 95 % range is 0 to 4.
	want := `purchases, model cosine, 3,622 items
trained in 1.50 s; a request takes 80 µs (p50), 250 µs (p99)
1,200 rows of train.csv could not be read and are left out

all, 4 cases
  metric       mean    95 % interval     popularity  better by  95 % interval
  hr@10        0.7500  0.2500 to 0.7500  0.2500      +0.5000    +0.0000 to +1.0000
  coverage@10  0.1250                    0.1250      +0.0000

new, 2 cases
  metric       mean    95 % interval     popularity  better by  95 % interval
  hr@10        0.5000  0.2500 to 0.7500  0.5000      +0.0000    +0.0000 to +0.0000
  coverage@10  0.1250                    0.1250      +0.0000
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) = %q, want %q", n, got, want)
		}
	}
}
