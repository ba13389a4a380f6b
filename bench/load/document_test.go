package load

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseMetrics(t *testing.T) {
	in := "# HELP go_goroutines Number.\n# TYPE go_goroutines gauge\ngo_goroutines 24\n" +
		"go_memstats_heap_alloc_bytes 1.9763192e+07\nhttp_requests_total{code=\"200\"} 7\nbroken x\nbare\n"
	got, err := parseMetrics(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{"go_goroutines": 24, "go_memstats_heap_alloc_bytes": 19763192}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
}

func FuzzParseMetrics(f *testing.F) {
	f.Add("go_goroutines 24\nx{a=\"b\"} 1\n# HELP y z\n")
	f.Fuzz(func(t *testing.T, in string) {
		got, err := parseMetrics(strings.NewReader(in))
		if err != nil {
			return
		}
		for name := range got {
			if strings.ContainsAny(name, "#{ \n") {
				t.Errorf("name %q", name)
			}
		}
	})
}

// samples makes a soak's samples, the k-th with heap(k), goroutines(k) and fds(k).
func samples(n int, heap, goroutines, fds func(k int) float64) []Sample {
	var out []Sample
	for k := range n {
		out = append(out, Sample{Seconds: float64(10 * k), Heap: heap(k), Resident: 2 * heap(k), Goroutines: goroutines(k), FDs: fds(k)})
	}
	return out
}

func TestSoakChecks(t *testing.T) {
	flat := func(v float64) func(int) float64 { return func(int) float64 { return v } }
	saw := func(k int) float64 { return 100e6 + float64(k%7)*10e6 }
	grows := func(k int) float64 { return 100e6 + float64(k)*2e6 }
	settles := func(k int) float64 { return 50e6 + float64(min(k, 30))*5e6 }
	leaks := func(k int) float64 { return 30 + float64(k) }
	minutes := func(p99 ...float64) []Minute {
		var out []Minute
		for i, v := range p99 {
			out = append(out, Minute{Seconds: float64(60 * (i + 1)), Latency: Latency{P99: v}})
		}
		return out
	}
	tests := map[string]struct {
		soak   Soak
		unread int
		want   string // names of the checks that fail
	}{
		"all flat":             {soak: Soak{Samples: samples(90, saw, flat(30), flat(80)), Minutes: minutes(5, 4, 9.9)}},
		"it grows at first":    {soak: Soak{Samples: samples(90, settles, flat(30), flat(80)), Minutes: minutes(5, 5)}},
		"the heap grows":       {soak: Soak{Samples: samples(90, grows, flat(30), flat(80)), Minutes: minutes(5, 5)}, want: "heap, resident memory"},
		"goroutines leak":      {soak: Soak{Samples: samples(90, saw, leaks, flat(80)), Minutes: minutes(5, 5)}, want: "goroutines"},
		"descriptors leak":     {soak: Soak{Samples: samples(90, saw, flat(30), leaks), Minutes: minutes(5, 5)}, want: "descriptors"},
		"a slow minute":        {soak: Soak{Samples: samples(90, saw, flat(30), flat(80)), Minutes: minutes(5, 10.1, 5)}, want: "latency"},
		"an error":             {soak: Soak{Run: Result{Bad: 1, Errors: map[string]int64{"503": 1}}, Samples: samples(90, saw, flat(30), flat(80)), Minutes: minutes(5, 5)}, want: "errors"},
		"some were never sent": {soak: Soak{Run: Result{Unsent: 1}, Samples: samples(90, saw, flat(30), flat(80)), Minutes: minutes(5, 5)}, want: "errors"},
		"metrics went missing": {soak: Soak{Samples: samples(90, saw, flat(30), flat(80)), Minutes: minutes(5, 5)}, unread: 1, want: "errors"},
		"too short to tell":    {soak: Soak{}, want: "heap, resident memory, goroutines, descriptors, latency"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.soak.check(tt.unread)
			var failed []string
			for _, c := range tt.soak.Checks {
				if !c.OK {
					failed = append(failed, c.Name)
				}
			}
			if got := strings.Join(failed, ", "); got != tt.want {
				t.Errorf("failed: %s; want %s", got, tt.want)
			}
			if tt.soak.OK() != (tt.want == "") {
				t.Errorf("OK is %v", tt.soak.OK())
			}
		})
	}
}

func TestRampFault(t *testing.T) {
	before := Ramp{Steps: []Result{{Latency: Latency{P99: 2}}, {Latency: Latency{P99: 3}}, {Latency: Latency{P99: 4}}}}
	tests := map[string]struct {
		r    Result
		want string
	}{
		"in time":           {r: Result{Good: 1000, Latency: Latency{P99: 29}}},
		"p99 explodes":      {r: Result{Good: 1000, Latency: Latency{P99: 31}}, want: "p99"}, // 10 x the median, 3
		"not all answered":  {r: Result{Good: 940, Unsent: 60, Latency: Latency{P99: 3}}, want: "94 %"},
		"a few still queue": {r: Result{Good: 960, Unsent: 40, Latency: Latency{P99: 3}}},
		"errors":            {r: Result{Good: 980, Bad: 20, Latency: Latency{P99: 3}}, want: "2.0 % failed"},
		"nothing":           {want: "nothing"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := before.fault(&tt.r)
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRatio(t *testing.T) {
	c := Comparison{
		SlicesA: []Result{{RPS: 50}, {RPS: 60}, {RPS: 10}, {RPS: 55}, {RPS: 52}},
		SlicesB: []Result{{RPS: 100}, {RPS: 100}, {RPS: 100}, {RPS: 110}, {RPS: 90}},
	}
	// medians 52 and 100; pairs .5 .6 .1 .5 .578: sorted .1 .5 .5 .578 .6
	want := Ratio{A: 52, B: 100, Ratio: 0.52, Low: 0.5, High: 52.0 / 90}
	if diff := cmp.Diff(want, c.ratio(func(r *Result) float64 { return r.RPS })); diff != "" {
		t.Errorf("ratio (-want +got):\n%s", diff)
	}
	if got := c.ratio(func(*Result) float64 { return 0 }); got != (Ratio{}) {
		t.Errorf("ratio of nothing: %+v", got)
	}
}

// TestDocuments holds every kind of document to be printable, valid JSON, and a
// well-formed page that fetches nothing.
func TestDocuments(t *testing.T) {
	run := Result{
		Mix: Page, Rate: 100, Clients: 4, Good: 90, Bad: 2, Errors: map[string]int64{"<503>": 2}, RPS: 90, Seconds: 1,
		Latency: Latency{Count: 92, P50: 1, P99: 3}, Curve: []Point{{0, 0.5}, {0.5, 1}, {0.9, 2}, {0.99, 3}, {1, 9}},
	}
	slow := run
	slow.Rate, slow.Unsent = 200, 7
	soak := Soak{Run: run, Samples: samples(9, func(int) float64 { return 1e6 }, func(int) float64 { return 9 }, func(int) float64 { return 9 }), Minutes: []Minute{{Seconds: 60}, {Seconds: 120}}}
	soak.check(0)
	compare := Comparison{A: "A & <co>", B: "B", SlicesA: []Result{run, run}, SlicesB: []Result{slow, slow}}
	compare.RPS = Ratio{A: 1, B: 2, Ratio: 0.512345, Low: 0.4, High: 0.6}
	tests := map[string]struct {
		doc  Document
		want []string
	}{
		"run":                 {Document{Run: &run}, []string{"ERROR <503>: 2", "open loop, 100 arrivals"}},
		"empty run":           {Document{Run: &Result{}}, []string{"closed loop"}},
		"ramp":                {Document{Ramp: &Ramp{Steps: []Result{run, slow}, Knee: 100, Why: "at 200 a second p99 < 3"}}, []string{"<- knee", "the knee is at 100 a second"}},
		"empty ramp":          {Document{Ramp: &Ramp{Cut: true}}, []string{"ended early"}},
		"comparison":          {Document{Compare: &compare}, []string{"A & <co>", "0.512 ", "0.400 to 0.600", "ERRORS: 4 of A & <co>, 4 of B"}},
		"comparison cut soon": {Document{Compare: &Comparison{Cut: true}}, []string{"ended early"}},
		"soak":                {Document{Soak: &soak}, []string{"NOT OK  errors", "2 failed", "until second"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var table, pageOut bytes.Buffer
			if err := tt.doc.writeTables(&table); err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.want {
				if !strings.Contains(table.String(), want) {
					t.Errorf("no %q in\n%s", want, table.String())
				}
			}
			if strings.Contains(table.String(), "%!") {
				t.Errorf("a verb does not fit:\n%s", table.String())
			}
			if _, err := json.Marshal(&tt.doc); err != nil {
				t.Error(err)
			}
			if err := tt.doc.WriteHTML(&pageOut); err != nil {
				t.Fatal(err)
			}
			for _, banned := range []string{"<script", "http://", "https://", "NaN", "Inf", "ZgotmplZ"} {
				if strings.Contains(pageOut.String(), banned) {
					t.Errorf("the page holds %q", banned)
				}
			}
			for _, svg := range strings.SplitAfter(pageOut.String(), "</svg>") {
				start := strings.Index(svg, "<svg")
				if start < 0 {
					continue
				}
				d := xml.NewDecoder(strings.NewReader(svg[start:]))
				for {
					_, err := d.Token()
					if err == io.EOF { //nolint:errorlint // Token returns it as it is
						break
					}
					if err != nil {
						t.Fatalf("a figure is malformed: %v", err)
					}
				}
			}
		})
	}
}

func TestAxes(t *testing.T) {
	if got := linearAxis("", 93); got.high != 100 || got.ticks[1] != 25 {
		t.Errorf("linear to 93: %v", got.ticks)
	}
	if diff := cmp.Diff([]float64{0.2, 0.5, 1, 2, 5, 10, 20}, logAxis("", 0.3, 15).ticks, cmp.Comparer(func(a, b float64) bool { return a/b < 1.000001 && b/a < 1.000001 })); diff != "" {
		t.Errorf("logarithmic (-want +got):\n%s", diff)
	}
	if a := logAxis("", 1, 100); a.share(10) < 0.49 || a.share(10) > 0.51 || a.share(1000) != 1 || a.share(0) != 0 {
		t.Errorf("10 of 1..100 at %v", a.share(10))
	}
}

func TestAlarm(t *testing.T) {
	a, err := newAlarm()
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	for _, d := range []time.Duration{-1, 0, time.Nanosecond, 3 * time.Millisecond} {
		start := time.Now()
		a.wait(d)
		if got := time.Since(start); got < d {
			t.Errorf("waited %v of %v", got, d)
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.wait(time.Hour)
		a.wait(time.Hour)
	}()
	a.stop()
	<-done
}

// BenchmarkWait shows how late a short wait ends, beside the runtime's timers.
func BenchmarkWait(b *testing.B) {
	const d = 200 * time.Microsecond
	late := func(b *testing.B, wait func(time.Duration)) {
		var sum time.Duration
		for b.Loop() {
			start := time.Now()
			wait(d)
			sum += time.Since(start) - d
		}
		b.ReportMetric(float64(sum.Nanoseconds())/float64(b.N)/1000, "µs-late")
	}
	b.Run("alarm", func(b *testing.B) {
		a, err := newAlarm()
		if err != nil {
			b.Fatal(err)
		}
		defer a.close()
		late(b, a.wait)
	})
	b.Run("runtime", func(b *testing.B) { late(b, time.Sleep) })
}
