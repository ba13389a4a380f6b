package load

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The histograms hold nanoseconds from a microsecond to a minute with three
// digits; what is longer counts as a minute.
const (
	shortest = int64(time.Microsecond)
	longest  = int64(time.Minute)
	digits   = 3
)

func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(shortest, longest, digits) }

// recorder counts what the connections of a run saw. One lock is enough: it is
// held for some tens of nanoseconds a request.
type recorder struct {
	mu      sync.Mutex
	latency [ops]*hdrhistogram.Histogram // from when the request was due
	service *hdrhistogram.Histogram      // from when it was sent
	window  *hdrhistogram.Histogram      // latency since the last window; nil without windows
	good    [ops]int64
	bad     [ops]int64
	errors  map[string]int64 // by status or kind of failure
	bytes   int64
	events  int64 // of requests answered with 2xx
	unsent  int64
	winBad  int64
}

func newRecorder(windows bool) *recorder {
	r := &recorder{errors: map[string]int64{}, service: newHistogram()}
	if windows {
		r.window = newHistogram()
	}
	return r
}

// add counts one request; failure is "" if it was answered with 2xx or 304.
func (r *recorder) add(kind op, latency, service time.Duration, bytes int64, events int, failure string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.record(kind, latency)
	_ = r.service.RecordValue(clamp(service)) // clamped, so it fits
	r.bytes += bytes
	if failure == "" {
		r.good[kind]++
		r.events += int64(events)
		return
	}
	r.bad[kind]++
	r.winBad++
	r.errors[failure]++
}

// missed counts an arrival that was never sent because the server had not
// caught up when the time was over; waited is how long it would have waited
// until then, a lower bound of its latency. What it would have asked for was
// never drawn, so it counts with the first kind of the mix.
func (r *recorder) missed(kind op, waited time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.record(kind, waited)
	r.unsent++
}

// record needs mu.
func (r *recorder) record(kind op, latency time.Duration) {
	v := clamp(latency)
	if r.latency[kind] == nil {
		r.latency[kind] = newHistogram()
	}
	_ = r.latency[kind].RecordValue(v) // as above
	if r.window != nil {
		_ = r.window.RecordValue(v) // as above
	}
}

// takeWindow returns the latencies and failures since the last call.
func (r *recorder) takeWindow() (Latency, int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l, bad := latencyOf(r.window), r.winBad
	r.window.Reset()
	r.winBad = 0
	return l, bad
}

func clamp(d time.Duration) int64 { return min(max(int64(d), shortest), longest) }
