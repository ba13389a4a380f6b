package experiment

import (
	"encoding/json"
	"os"
	"testing"
)

type bucketCase struct {
	Seed, Value string
	Bucket      int
}

// TestBucketVectors holds the hash to the cases published with it and to more
// computed elsewhere, among them ids that are not ASCII.
func TestBucketVectors(t *testing.T) {
	text, err := os.ReadFile("testdata/hash_buckets.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct{ Published, Own []bucketCase }
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors.Published) != 7 || len(vectors.Own) != 12 {
		t.Fatalf("%d published and %d own cases, want 7 and 12", len(vectors.Published), len(vectors.Own))
	}
	for _, c := range append(vectors.Published, vectors.Own...) {
		if got := Bucket(c.Seed, c.Value); got != c.Bucket {
			t.Errorf("Bucket(%q, %q) = %d, want %d", c.Seed, c.Value, got, c.Bucket)
		}
	}
}

func TestBucketDoesNotAllocate(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Bucket("offer:welcome-back", "顧客-001") }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkBucket(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Bucket("offer:welcome-back", "550e8400-e29b-41d4-a716-446655440000")
	}
}
