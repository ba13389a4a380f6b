package api

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

func TestMergePatch(t *testing.T) {
	// The cases of RFC 7396, appendix A, that start from an object.
	cases := []struct{ target, patch, want string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`{"a":"foo"}`, `null`, `null`},
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`{"e":null}`, `{"a":1}`, `{"a":1,"e":null}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	}
	for _, c := range cases {
		got, err := mergePatch(jsontext.Value(c.target), jsontext.Value(c.patch), maxMergeDepth)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != c.want {
			t.Errorf("%s patched with %s is %s, want %s", c.target, c.patch, got, c.want)
		}
	}
}

func TestMergePatchIsBoundedInDepth(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 5000) + `null` + strings.Repeat(`}`, 5000)
	got, err := mergePatch(jsontext.Value(`{}`), jsontext.Value(deep), maxMergeDepth)
	if err != nil {
		t.Fatal(err)
	}
	// From the bound on the patch is taken over as it is, its null included.
	if string(got) != deep {
		t.Errorf("a patch of %d bytes became one of %d", len(deep), len(got))
	}
}
