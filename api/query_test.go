package api

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzQuery holds the reading of query strings to net/url's.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		"", "a=1", "a=1&b=2&a=3", "a", "a=", "=a", "=", "&", "a&&b=1&", "a=b=c", "a+b=c+d", "%61=%62", "a=%zz", "%=1", "a;b=1", "a=1;b", "a=%3B", "a=%FF", "霧=豆", "a=b%26c",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		want, err := url.ParseQuery(raw)
		q := newQuery(&http.Request{URL: &url.URL{RawQuery: raw}})
		if strings.Count(raw, "&") >= maxParams {
			return
		}
		if (q.err != nil) != (err != nil) {
			t.Fatalf("error %v, net/url has %v", q.err, err)
		}
		if err != nil {
			return
		}
		got := url.Values{}
		for _, p := range q.params {
			got.Add(p.name, p.value)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("parameters (-net/url +got):\n%s", diff)
		}
	})
}

func TestQueryBoundsItsParameters(t *testing.T) {
	for n, fails := range map[int]bool{maxParams: false, maxParams + 1: true} {
		q := newQuery(&http.Request{URL: &url.URL{RawQuery: strings.Repeat("a=1&", n)}})
		if (q.err != nil) != fails {
			t.Errorf("%d parameters: %v", n, q.err)
		}
	}
}
