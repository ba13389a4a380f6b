package load

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Soak is a server under the same load for a long time: does anything grow that
// should not?
type Soak struct {
	Run     Result   `json:"run"`
	Samples []Sample `json:"samples"`
	Minutes []Minute `json:"minutes"`
	Checks  []Check  `json:"checks"`
}

// Sample is what the server told about itself.
type Sample struct {
	Seconds    float64 `json:"seconds"` // since the start
	Heap       float64 `json:"heap_bytes"`
	Resident   float64 `json:"resident_bytes"`
	Goroutines float64 `json:"goroutines"`
	FDs        float64 `json:"open_fds"`
}

// Minute is one window of the run.
type Minute struct {
	Seconds float64 `json:"seconds"` // its end, since the start
	Latency Latency `json:"latency"`
	Bad     int64   `json:"bad"`
}

// Check is one thing that must hold.
type Check struct {
	Name string `json:"name"`
	Want string `json:"want"`
	Got  string `json:"got"`
	OK   bool   `json:"ok"`
}

// SoakConfig is a load and how it is watched. Zero values take the defaults.
type SoakConfig struct {
	Load   Config
	Sample time.Duration // default 10 s
	Minute time.Duration // default one
	// Progress may be nil; it is called after every sample.
	Progress func(step string, done, total int)
}

// What is flat: the median of the run's last third against that of the middle
// third, as a factor and on top of it a number.
const (
	flatFactor     = 1.10
	flatGoroutines = 20
	flatFDs        = 10
	steadyP99      = 2.0 // times the first minute's
)

// RunSoak sends cfg.Load and watches the server's metrics meanwhile.
func RunSoak(ctx context.Context, cfg SoakConfig) (Soak, error) {
	cfg.Sample, cfg.Minute = orDefault(cfg.Sample, 10*time.Second), orDefault(cfg.Minute, time.Minute)
	var out Soak
	// Known now rather than after half an hour.
	if _, err := sampleOf(ctx, cfg.Load.URL, 0); err != nil {
		return out, err
	}
	start := time.Now()
	quit, done := make(chan struct{}), make(chan struct{})
	failed := 0
	go func() {
		defer close(done)
		ticker := time.NewTicker(cfg.Sample)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
			case <-quit:
				return
			}
			at := time.Since(start)
			s, err := sampleOf(ctx, cfg.Load.URL, at)
			if err != nil {
				failed++
				continue
			}
			out.Samples = append(out.Samples, s)
			if cfg.Progress != nil {
				cfg.Progress("seconds", int(at.Seconds()), int((cfg.Load.Warmup + cfg.Load.Duration).Seconds()))
			}
		}
	}()
	load := cfg.Load
	load.WindowLength = cfg.Minute
	load.Window = func(at time.Duration, l Latency, bad int64) {
		out.Minutes = append(out.Minutes, Minute{Seconds: at.Seconds(), Latency: l, Bad: bad})
	}
	var err error
	out.Run, err = Run(ctx, load)
	close(quit)
	<-done
	if err != nil {
		return out, err
	}
	out.check(failed)
	return out, nil
}

func sampleOf(ctx context.Context, url string, at time.Duration) (Sample, error) {
	m, err := scrape(ctx, url)
	if err != nil {
		return Sample{}, err
	}
	if _, ok := m["go_goroutines"]; !ok {
		return Sample{}, fmt.Errorf("read metrics: %s tells no go_goroutines", url)
	}
	return Sample{
		Seconds: at.Seconds(), Heap: m["go_memstats_heap_alloc_bytes"], Resident: m["process_resident_memory_bytes"],
		Goroutines: m["go_goroutines"], FDs: m["process_open_fds"],
	}, nil
}

// check holds the run against what a soak must show.
func (s *Soak) check(unread int) {
	s.Checks = nil
	add := func(name, want, got string, ok bool) {
		s.Checks = append(s.Checks, Check{Name: name, Want: want, Got: got, OK: ok})
	}
	flat := func(name string, room float64, figure func(Sample) float64, write func(float64) string) {
		want := fmt.Sprintf("last third at most %.2f times the middle third", flatFactor)
		if room > 0 {
			want += fmt.Sprintf(", or %.0f more", room)
		}
		third := len(s.Samples) / 3
		if third == 0 {
			add(name, want, "fewer than 3 samples", false)
			return
		}
		of := func(samples []Sample) float64 {
			var v []float64
			for _, x := range samples {
				v = append(v, figure(x))
			}
			return median(v)
		}
		middle, last := of(s.Samples[third:len(s.Samples)-third]), of(s.Samples[len(s.Samples)-third:])
		add(name, want, write(middle)+" then "+write(last), middle > 0 && last <= max(middle*flatFactor, middle+room))
	}
	bytes := func(v float64) string { return fmt.Sprintf("%.1f MB", v/1e6) }
	flat("heap", 0, func(x Sample) float64 { return x.Heap }, bytes)
	flat("resident memory", 0, func(x Sample) float64 { return x.Resident }, bytes)
	flat("goroutines", flatGoroutines, func(x Sample) float64 { return x.Goroutines }, count)
	flat("descriptors", flatFDs, func(x Sample) float64 { return x.FDs }, count)
	got := fmt.Sprintf("%d failed, %d never sent", s.Run.Bad, s.Run.Unsent)
	for _, status := range slices.Sorted(maps.Keys(s.Run.Errors)) {
		got += fmt.Sprintf(", %s: %d", status, s.Run.Errors[status])
	}
	if unread > 0 {
		got += fmt.Sprintf(", metrics unread %d times", unread)
	}
	add("errors", "none", got, s.Run.Bad == 0 && s.Run.Unsent == 0 && unread == 0)
	want := fmt.Sprintf("p99 of every minute at most %.0f times the first's", steadyP99)
	if len(s.Minutes) < 2 {
		add("latency", want, "fewer than 2 minutes", false)
		return
	}
	worst := s.Minutes[0]
	for _, m := range s.Minutes[1:] {
		if m.Latency.P99 > worst.Latency.P99 {
			worst = m
		}
	}
	first := s.Minutes[0].Latency.P99
	add("latency", want, fmt.Sprintf("%.3f ms at first, %.3f ms at worst (until second %.0f)", first, worst.Latency.P99, worst.Seconds),
		worst.Latency.P99 <= steadyP99*first)
}

// OK tells whether all checks hold.
func (s *Soak) OK() bool {
	return !slices.ContainsFunc(s.Checks, func(c Check) bool { return !c.OK })
}
