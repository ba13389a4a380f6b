package docs

import (
	"bytes"
	"html/template"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRender(t *testing.T) {
	page, err := Render(read(t, "testdata/shop.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	html := string(page.HTML)
	for name, want := range map[string]string{
		"title":                  "<title>Osusume &lt;test&gt; · API</title>",
		"description":            "<p>Recommendations for <strong>any</strong> shop.",
		"hostile text":           "&lt;script&gt;alert(1)&lt;/script&gt;",
		"route anchor":           `<article id="op-get-recommend"`,
		"limits of a parameter":  "default 10 · ≥ 1 · ≤ 100",
		"type link":              `array of <a href="#schema-recommendation">Recommendation</a>`,
		"nested field":           `<div class="d1">`,
		"answer example":         `<span class="k">&#34;items&#34;</span>: [`,
		"status class":           `<span class="status sd">default</span>`,
		"forms of a body":        `<div class="choice d0">object</div>`,
		"undeclared tag":         `<h2 id="tag-catalog">Catalog</h2>`,
		"deprecated":             `<span class="badge">deprecated</span>`,
		"search text lower case": `data-search="get /recommend recommended for you getrecommend the list`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("%s: %q is not in the page", name, want)
		}
	}
	for name, unwanted := range map[string]string{
		"unescaped text":         "<script>alert",
		"tag without routes":     "Unused",
		"failed escape":          "ZgotmplZ",
		"external address":       "https://",
		"protocol-relative link": `"//`,
	} {
		if strings.Contains(html, unwanted) {
			t.Errorf("%s: %q is in the page", name, unwanted)
		}
	}
}

// TestPolicy holds the page to its own policy: the hashes are of what the page
// carries, and nothing is styled, run or loaded any other way.
func TestPolicy(t *testing.T) {
	page, err := Render(read(t, "testdata/shop.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, element := range []string{"style", "script"} {
		found := regexp.MustCompile(`(?s)<`+element+`>(.*?)</`+element+`>`).FindAllSubmatch(page.HTML, -1)
		if len(found) != 1 {
			t.Fatalf("%d <%s> elements, want 1", len(found), element)
		}
		if want := element + "-src '" + sourceHash(string(found[0][1])) + "'"; !strings.Contains(page.Policy, want) {
			t.Errorf("policy %q does not allow the page's own %s: want %s", page.Policy, element, want)
		}
	}
	markup := regexp.MustCompile(`(?s)<(style|script)>.*?</(style|script)>`).ReplaceAll(page.HTML, nil)
	if m := regexp.MustCompile(`<[^>]+\s(style|on\w+|src|srcset)=`).Find(markup); m != nil {
		t.Errorf("%s: the policy blocks this attribute", m)
	}
	if m := regexp.MustCompile(`url\(|@import|fetch\(|XMLHttpRequest`).Find(page.HTML); m != nil {
		t.Errorf("%s: the page asks for something else", m)
	}
}

// TestLinks follows every link inside the page.
func TestLinks(t *testing.T) {
	page, err := Render(read(t, "testdata/shop.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	checkLinks(t, page.HTML)
}

func checkLinks(t *testing.T, html []byte) {
	t.Helper()
	ids := map[string]int{}
	for _, m := range regexp.MustCompile(`\sid="([^"]+)"`).FindAllSubmatch(html, -1) {
		ids[string(m[1])]++
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("id %q is used %d times", id, n)
		}
	}
	links := regexp.MustCompile(`href="#([^"]+)"`).FindAllSubmatch(html, -1)
	for _, m := range links {
		if ids[string(m[1])] == 0 {
			t.Errorf("link to #%s leads nowhere", m[1])
		}
	}
	if len(links) == 0 {
		t.Error("no links")
	}
}

func TestRenderErrors(t *testing.T) {
	tests := []struct{ name, doc, want string }{
		{"not yaml", "\tpaths: [", "parse openapi document"},
		{"empty", "", "it has no paths"},
		{"no paths", "openapi: 3.1.0", "it has no paths"},
		{"dangling reference", "paths: {/a: {get: {parameters: [{$ref: '#/components/parameters/x'}]}}}", `GET /a: follow reference "#/components/parameters/x": it leads nowhere`},
		{"outside reference", "paths: {/a: {get: {parameters: [{$ref: 'other.yaml#/x'}]}}}", "only references inside the document"},
		{"circle of references", "paths: {/a: {get: {requestBody: {$ref: '#/x'}}}}\nx: {$ref: '#/x'}", "more than 20 references in a row"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Render([]byte(tt.doc))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestCurl(t *testing.T) {
	doc, err := parse(read(t, "testdata/shop.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, tag := range doc.Tags {
		for _, op := range tag.Operations {
			got[op.ID] = op.Curl
		}
	}
	want := map[string]string{
		// Two optional parameters with an example; limit has none, model is the third.
		"op-get-recommend":        "curl 'http://127.0.0.1:8080/recommend?customer_id=c+1%262&placement=home'",
		"op-get-items-item_id":    "curl 'http://127.0.0.1:8080/items/x%20y'",
		"op-delete-items-item_id": "curl -X DELETE 'http://127.0.0.1:8080/items/a%2Fb'",
		"op-post-events": "curl 'http://127.0.0.1:8080/events' \\\n  -H 'Content-Type: application/json' \\\n  -d '{\n" +
			"  \"event\": \"purchase\",\n  \"title\": \"it'\\''s\",\n  \"price\": 1200\n}'",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("curl (-want +got):\n%s", diff)
	}
}

func TestRows(t *testing.T) {
	doc, err := parse(read(t, "testdata/shop.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	flat := func(rows []row) []string {
		var out []string
		for _, r := range rows {
			line := strings.Repeat("  ", r.Depth) + r.Name + r.Choice + " : " + r.Type.String()
			if r.Required {
				line += " !"
			}
			if len(r.Limits) > 0 {
				line += " (" + strings.Join(r.Limits, ", ") + ")"
			}
			out = append(out, line)
		}
		return out
	}
	got := map[string][]string{}
	for _, s := range doc.Schemas {
		got["schema "+s.Name] = flat(s.Rows)
	}
	for _, tag := range doc.Tags {
		for _, op := range tag.Operations {
			for _, r := range op.Responses {
				for _, m := range r.Media {
					got[op.ID+" "+r.Status] = flat(m.Rows)
				}
			}
			if op.Body != nil {
				got[op.ID+" body"] = flat(op.Body.Media[0].Rows)
			}
		}
	}
	event := []string{"event : string (one of view_item, purchase)", "time : string (date-time)"}
	problem := []string{"status : integer (always 400)", "detail : string"}
	node := []string{"name : string (matches ^[a-z]+$)", "children : array of Node (at most 1 entry)"}
	want := map[string][]string{
		"schema Answer":         {"items : array of Recommendation ! (at most 100 entries)", "stages : array of string (one of for_you, session)"},
		"schema Recommendation": {"item_id : string !", "score : number or null", "attributes : map of string"},
		"schema Event":          event,
		"schema Node":           node,
		"schema Either":         {"object : ", "code : string", "object : ", "total : integer"},
		"schema Problem":        problem,
		"op-get-recommend 200": {
			"items : array of Recommendation ! (at most 100 entries)",
			"  item_id : string !", "  score : number or null", "  attributes : map of string",
			"stages : array of string (one of for_you, session)",
		},
		"op-get-recommend default": problem,
		"op-get-items-item_id 200": node,  // a schema inside itself is not repeated
		"op-post-events body":      event, // "Event or array of Event": once
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestExamples(t *testing.T) {
	doc, err := parse(read(t, "testdata/shop.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var recommend, item, events *operation
	for _, tag := range doc.Tags {
		for _, op := range tag.Operations {
			switch op.ID {
			case "op-get-recommend":
				recommend = op
			case "op-get-items-item_id":
				item = op
			case "op-post-events":
				events = op
			}
		}
	}
	named := recommend.Responses[0].Media[0].Examples[0]
	if named.Name != "A loyal customer" {
		t.Errorf("name = %q", named.Name)
	}
	want := "{\n  \"items\": [\n    {\n      \"item_id\": \"1\",\n      \"score\": 0.5,\n      \"reasons\": []\n    }\n  ],\n  \"stages\": [\"for_you\", \"session\"],\n  \"ok\": true\n}"
	if diff := cmp.Diff(want, named.Text); diff != "" {
		t.Errorf("named example (-want +got):\n%s", diff)
	}
	// Made up from the schema; a schema inside itself ends.
	if got := item.Responses[0].Media[0].Examples[0].Text; !strings.HasPrefix(got, "{\n  \"name\": \"string\",\n  \"children\": [\n") {
		t.Errorf("made-up example = %s", got)
	}
	if got, want := events.Body.Media[1].Examples[0].Text, "{\"event\":\"view_item\"}\n{\"event\":\"purchase\"}"; got != want {
		t.Errorf("ndjson example = %q, want %q", got, want)
	}
}

func TestMarkdown(t *testing.T) {
	tests := []struct {
		name, in string
		want     template.HTML
	}{
		{"empty", "  \n ", ""},
		{"paragraphs", "one\ntwo\n\nthree", "<p>one two</p><p>three</p>"},
		{"html is text", "<img src=x onerror=alert(1)> & \"q\"", "<p>&lt;img src=x onerror=alert(1)&gt; &amp; &#34;q&#34;</p>"},
		{"code", "set `a<b` now", "<p>set <code>a&lt;b</code> now</p>"},
		{"strong", "**very <b>**", "<p><strong>very &lt;b&gt;</strong></p>"},
		{"emphasis", "*soft* 2 * 3 * 4", "<p><em>soft</em> 2 * 3 * 4</p>"},
		{"link", "[page](#x) [out](https://example.com/a)", `<p><a href="#x">page</a> <a href="https://example.com/a">out</a></p>`},
		{"script link is text", "[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"},
		{"quote cannot leave a link", `[x](https://a"onclick=b)`, "<p>[x](https://a&#34;onclick=b)</p>"},
		{"list after text", "such as\n- a\n  b\n- `c`", "<p>such as</p><ul><li>a b</li><li><code>c</code></li></ul>"},
		{"numbers", "1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"},
		{"fence", "```\n<a>\n  b\n```\nc", "<pre><code>&lt;a&gt;\n  b</code></pre><p>c</p>"},
		{"open fence", "```\na", "<pre><code>a</code></pre>"},
		{"heading", "## Keys\ntext", "<h4>Keys</h4><p>text</p>"},
		{"table", "| a | b |\n|---|:-:|\n| 1 | `2` |", `<div class="scroll"><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td><code>2</code></td></tr></table></div>`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, markdown(tt.in)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{"", "- a\n1. b", "```", "| a |\n|-|", "**x** `y` [z](#q)", "#", "-", "1. "} {
		f.Add(s)
	}
	allowed := regexp.MustCompile(`</?(p|ul|ol|li|h4|pre|code|strong|em|table|tr|th|td)>|</?div( class="scroll")?>|</a>|<a href="(#|/|https?://)[^"<>]*">`)
	f.Fuzz(func(t *testing.T, s string) {
		rest := allowed.ReplaceAllString(string(markdown(s)), "")
		if i := strings.IndexAny(rest, "<>"); i >= 0 {
			t.Errorf("markup of the text came through: %q", rest[i:])
		}
	})
}

func FuzzRender(f *testing.F) {
	f.Add([]byte("paths: {/a: {get: {responses: {200: {description: x}}}}}"))
	f.Add([]byte("paths: {/a: {get: {parameters: [{name: 1, schema: {oneOf: [{}]}}]}}}"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		page, err := Render(doc)
		if err == nil && !bytes.Contains(page.HTML, []byte("</html>")) {
			t.Error("half a page without an error")
		}
	})
}

// TestOwnDocument renders the contract this repository serves: every route has
// its command, and every link its target.
func TestOwnDocument(t *testing.T) {
	openapi := read(t, "../../openapi.yaml")
	doc, err := parse(openapi)
	if err != nil {
		t.Fatal(err)
	}
	operations := 0
	for _, tag := range doc.Tags {
		for _, op := range tag.Operations {
			operations++
			if op.Summary == "" {
				t.Errorf("%s %s has no summary", op.Method, op.Path)
			}
			if strings.ContainsAny(strings.SplitN(op.Curl, "\n", 2)[0], "{}") {
				t.Errorf("%s %s: a parameter of the path has no value in %s", op.Method, op.Path, op.Curl)
			}
		}
	}
	if operations == 0 {
		t.Error("no operations")
	}
	page, err := Render(openapi)
	if err != nil {
		t.Fatal(err)
	}
	checkLinks(t, page.HTML)
}
