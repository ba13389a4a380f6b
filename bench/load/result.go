package load

import (
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Latency is a distribution, in milliseconds.
type Latency struct {
	Count int64   `json:"count"`
	Mean  float64 `json:"mean_ms"`
	P50   float64 `json:"p50_ms"`
	P90   float64 `json:"p90_ms"`
	P99   float64 `json:"p99_ms"`
	P999  float64 `json:"p999_ms"`
	Max   float64 `json:"max_ms"`
}

// Point is one point of a latency curve: Share of the requests took at most MS.
type Point struct {
	Share float64 `json:"share"`
	MS    float64 `json:"ms"`
}

// OpResult is what requests of one kind saw.
type OpResult struct {
	Op      string  `json:"op"`
	Good    int64   `json:"good"`
	Bad     int64   `json:"bad"`
	Latency Latency `json:"latency"`
}

// Result is what a run saw. Requests of the warm-up are in none of its figures.
type Result struct {
	Mix  Mix     `json:"mix"`
	Rate float64 `json:"rate"` // arrivals offered a second; 0 for a closed loop
	// Clients is the number of connections; an open loop uses no more of them
	// than it needs.
	Clients int     `json:"clients"`
	Seconds float64 `json:"seconds"`
	// Good requests were answered with 2xx or 304, Bad ones otherwise or not at
	// all, Unsent ones were due but never sent: the server was too far behind.
	Good   int64            `json:"good"`
	Bad    int64            `json:"bad"`
	Unsent int64            `json:"unsent"`
	Errors map[string]int64 `json:"errors,omitempty"` // of Bad: by status or failure
	// RPS is good requests a second, EventsPS events acknowledged a second.
	RPS      float64 `json:"rps"`
	EventsPS float64 `json:"events_per_second"`
	Bytes    float64 `json:"body_bytes_mean"`
	// Latency counts from when a request was due, Service from when it was sent.
	Latency Latency    `json:"latency"`
	Service Latency    `json:"service"`
	Curve   []Point    `json:"curve"`
	Ops     []OpResult `json:"ops"`
	// ClientCPU and ServerCPU are processor microseconds a request; 0 if unknown.
	ClientCPU float64 `json:"client_cpu_us"`
	ServerCPU float64 `json:"server_cpu_us"`
	// Cut is set when the run was ended before its time.
	Cut bool `json:"cut,omitempty"`
}

func ms(v int64) float64 { return math.Round(float64(v)/1000) / 1000 }

func latencyOf(h *hdrhistogram.Histogram) Latency {
	if h.TotalCount() == 0 {
		return Latency{}
	}
	return Latency{
		Count: h.TotalCount(), Mean: math.Round(h.Mean()/1000) / 1000,
		P50: ms(h.ValueAtQuantile(50)), P90: ms(h.ValueAtQuantile(90)),
		P99: ms(h.ValueAtQuantile(99)), P999: ms(h.ValueAtQuantile(99.9)), Max: ms(h.Max()),
	}
}

// curveOf has ten points for every ten times fewer requests that are slower.
func curveOf(h *hdrhistogram.Histogram) []Point {
	n := h.TotalCount()
	if n == 0 {
		return nil
	}
	var curve []Point
	for k := 0; ; k++ {
		above := math.Pow(10, -float64(k)/10) // share that is slower
		if above*float64(n) < 1 {
			break
		}
		curve = append(curve, Point{Share: 1 - above, MS: ms(h.ValueAtQuantile(100 * (1 - above)))})
	}
	return append(curve, Point{Share: 1, MS: ms(h.Max())})
}

func (r *recorder) result(elapsed time.Duration) Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := newHistogram()
	out := Result{Seconds: elapsed.Seconds(), Unsent: r.unsent, Service: latencyOf(r.service)}
	for k := range ops {
		h := r.latency[k]
		if h == nil {
			continue
		}
		all.Merge(h)
		out.Ops = append(out.Ops, OpResult{Op: k.String(), Good: r.good[k], Bad: r.bad[k], Latency: latencyOf(h)})
		out.Good += r.good[k]
		out.Bad += r.bad[k]
	}
	out.Latency, out.Curve = latencyOf(all), curveOf(all)
	if len(r.errors) > 0 {
		out.Errors = r.errors
	}
	if s := elapsed.Seconds(); s > 0 {
		out.RPS, out.EventsPS = float64(out.Good)/s, float64(r.events)/s
	}
	if n := out.Good + out.Bad; n > 0 {
		out.Bytes = float64(r.bytes) / float64(n)
	}
	return out
}
