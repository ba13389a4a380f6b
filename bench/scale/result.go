package scale

import (
	"encoding/json"
	"fmt"
	"io"

	"osusume/bench/report"
)

// Result is a run over all sizes.
type Result struct {
	Machine report.Machine `json:"machine"`
	Command string         `json:"command"`
	Sizes   []Size         `json:"sizes"`
}

// Size is what was measured of one shop. Times are in seconds unless named
// otherwise.
type Size struct {
	Items  int `json:"items"`
	Events int `json:"events"`
	// Skipped says why there are no figures; empty when there are.
	Skipped string `json:"skipped,omitempty"`

	Visitors int `json:"visitors,omitempty"`
	// DirectedPairs counts pairs with support of all kinds.
	DirectedPairs int64 `json:"directed_pairs,omitempty"`

	// CatalogSeconds is for putting all items into the index.
	CatalogSeconds float64 `json:"catalog_seconds,omitempty"`
	// IngestRate is in events per second with the process held to one core: it
	// includes lists, popularity, Views and garbage collection. IngestCPURate
	// counts processor seconds instead, which others on the machine disturb less.
	IngestRate    float64 `json:"ingest_events_per_second,omitempty"`
	IngestCPURate float64 `json:"ingest_events_per_cpu_second,omitempty"`
	// BehindItems is how many items' lists waited to be re-ranked when the last
	// event was in.
	BehindItems int `json:"behind_items"`
	// RefreshSeconds is for re-ranking every list.
	RefreshSeconds float64 `json:"refresh_seconds,omitempty"`

	// Bytes by part as the index estimates them, and what the heap holds in all.
	Bytes     map[string]int64 `json:"bytes,omitempty"`
	HeapBytes int64            `json:"heap_bytes,omitempty"`
	// PairBytes is counts and lists over directed pairs, VisitorBytes profiles
	// over visitors, ItemBytes catalog over items.
	PairBytes    float64 `json:"bytes_per_directed_pair,omitempty"`
	VisitorBytes float64 `json:"bytes_per_visitor,omitempty"`
	ItemBytes    float64 `json:"bytes_per_item,omitempty"`

	Requests []Request `json:"requests,omitempty"`

	// Log, if measured.
	Log *Log `json:"log,omitempty"`
	// PeakBytes is the most memory the process held, 0 when not known.
	PeakBytes int64 `json:"peak_bytes,omitempty"`
}

// Request is the time of a list of ten for visitors drawn by how often they come.
type Request struct {
	Placement string  `json:"placement"`
	P50       float64 `json:"p50_microseconds"`
	P99       float64 `json:"p99_microseconds"`
}

// Log is what the durable log of the shop costs.
type Log struct {
	// AppendRate is in events per second, durable, 1,000 to a commit.
	AppendRate float64 `json:"append_events_per_second"`
	Bytes      int64   `json:"bytes"` // the folder's, without the checkpoint
	// RebuildSeconds is from opening the store to a View with all lists, without
	// a checkpoint; RestartSeconds the same with one.
	RebuildSeconds  float64 `json:"rebuild_seconds"`
	RestartSeconds  float64 `json:"restart_seconds"`
	CheckpointBytes int64   `json:"checkpoint_bytes"`
}

// request returns the times of a placement, nil when it was not measured.
func (s *Size) request(placement string) *Request {
	for i := range s.Requests {
		if s.Requests[i].Placement == placement {
			return &s.Requests[i]
		}
	}
	return nil
}

// WriteJSON writes the result, indented.
func (r *Result) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}
