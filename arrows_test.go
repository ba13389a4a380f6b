package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const module = "osusume"

// topLevel is all that may lie in the root of the repository beside package
// main and its tests.
var topLevel = []string{
	".ci", ".dockerignore", ".git", ".gitignore", ".golangci.yml",
	"Dockerfile", "LICENSE", "README.md", "api", "bench", "go.mod", "go.sum",
	"openapi.yaml", "osusume", "osusume-data", "recommend", "store", "testdata",
}

// leaves are the packages the engine is made of.
var leaves = []string{
	"osusume/recommend", "osusume/recommend/itemset", "osusume/recommend/catalog",
	"osusume/recommend/snapshot", "osusume/recommend/profile", "osusume/recommend/cooccur",
	"osusume/recommend/weight", "osusume/recommend/filter", "osusume/recommend/upsell",
	"osusume/recommend/offer", "osusume/recommend/customer", "osusume/recommend/experiment",
	"osusume/recommend/condition", "osusume/recommend/evidence",
}

// arrows says which packages of ours a package may import. The first entry
// whose pattern matches counts; "/..." stands for a package and all below it.
var arrows = []struct {
	from string
	to   []string
}{
	{"osusume", []string{"osusume/..."}},
	{"osusume/recommend", nil},
	{"osusume/recommend/live", []string{"osusume/recommend/..."}},
	{"osusume/recommend/engine", leaves},
	// Co-occurrence is counted along the histories that profile keeps, and
	// weights are made of those counts.
	{"osusume/recommend/cooccur", append(leaves[:4:4], "osusume/recommend/profile")},
	{"osusume/recommend/evidence", append(leaves[:4:4], "osusume/recommend/profile")},
	{"osusume/recommend/weight", append(leaves[:4:4], "osusume/recommend/cooccur")},
	// Offers are shown under conditions, and held back from a share of customers.
	{"osusume/recommend/offer", append(leaves[:4:4], "osusume/recommend/condition", "osusume/recommend/experiment", "osusume/recommend/strictjson")},
	// Merchandising rules are conditions about items.
	{"osusume/recommend/placement", append(leaves[:4:4], "osusume/recommend/condition")},
	{"osusume/recommend/...", leaves[:4]},
	{"osusume/store/storetest", []string{"osusume/recommend", "osusume/recommend/live", "osusume/store"}},
	{"osusume/store", []string{"osusume/recommend"}},
	{"osusume/api/...", []string{"osusume/recommend/...", "osusume/api/..."}},
	{"osusume/bench/...", []string{"osusume/recommend/...", "osusume/store", "osusume/bench/..."}},
}

// owners are the libraries that one package alone may import, tests included.
var owners = map[string]string{
	"github.com/kelindar/bitmap":          "osusume/recommend/itemset",
	"github.com/labstack/":                "osusume/api/...",
	"github.com/dgraph-io/":               "osusume/store/...",
	"github.com/prometheus/client_golang": "osusume/api/...",
}

// impure is what no package under recommend but live may touch.
var (
	impurePackages = []string{"os", "net", "net/http", "log", "log/slog", "math/rand", "database/sql", "io/ioutil"}
	clockFunctions = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}
)

func matches(pattern, pkg string) bool {
	root, deep := strings.CutSuffix(pattern, "/...")
	return pkg == root || deep && strings.HasPrefix(pkg, root+"/")
}

func anyMatches(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, pkg) })
}

// violations lists every import, clock reading and top-level entry of tree
// that the design forbids, as "place: what".
func violations(tree fs.FS) ([]string, error) {
	var found []string
	entries, err := fs.ReadDir(tree, ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		ignored := strings.HasSuffix(e.Name(), ".prof") || strings.HasSuffix(e.Name(), ".test")
		if path.Ext(e.Name()) != ".go" && !ignored && !slices.Contains(topLevel, e.Name()) {
			found = append(found, e.Name()+": does not belong in the top level")
		}
	}
	err = fs.WalkDir(tree, ".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git" || d.Name() == "osusume-data"):
			return fs.SkipDir
		case d.IsDir() || path.Ext(file) != ".go":
			return nil
		}
		text, err := fs.ReadFile(tree, file)
		if err != nil {
			return err
		}
		in, err := fileViolations(file, text)
		found = append(found, in...)
		return err
	})
	slices.Sort(found)
	return found, err
}

func fileViolations(file string, text []byte) ([]string, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	pkg := module
	if dir := path.Dir(file); dir != "." {
		pkg = module + "/" + dir
	}
	isTest := strings.HasSuffix(file, "_test.go")
	pure := matches("osusume/recommend/...", pkg) && pkg != "osusume/recommend/live" && !isTest
	var found []string
	report := func(format string, args ...any) {
		found = append(found, file+": "+fmt.Sprintf(format, args...))
	}
	clock := ""
	for _, spec := range parsed.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		for library, owner := range owners {
			if strings.HasPrefix(name, library) && !matches(owner, pkg) {
				report("imports %s, which only %s may", name, owner)
			}
		}
		if !isTest && matches("osusume/...", name) && !anyMatches(allowedBy(pkg), name) {
			report("imports %s against the arrows", name)
		}
		if pure && slices.Contains(impurePackages, name) {
			report("imports %s, but is pure", name)
		}
		first, _, _ := strings.Cut(name, "/")
		if pkg == "osusume/recommend" && !isTest && strings.Contains(first, ".") {
			report("imports %s, but the vocabulary needs the standard library only", name)
		}
		if name == "time" {
			clock = "time"
			if spec.Name != nil {
				clock = spec.Name.Name
			}
		}
	}
	if !pure || clock == "" {
		return found, nil
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && x.Name == clock && slices.Contains(clockFunctions, sel.Sel.Name) {
			report("uses time.%s; time is passed in", sel.Sel.Name)
		}
		return true
	})
	return found, nil
}

func allowedBy(pkg string) []string {
	for _, a := range arrows {
		if matches(a.from, pkg) {
			return a.to
		}
	}
	return nil
}

func TestArrows(t *testing.T) {
	got, err := violations(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range got {
		t.Error(v)
	}
}

// TestArrowsAreSeen shows that the check above can fail.
func TestArrowsAreSeen(t *testing.T) {
	source := func(code string) *fstest.MapFile { return &fstest.MapFile{Data: []byte("package p\n" + code)} }
	tests := map[string]struct {
		file, code string
		want       []string
	}{
		"a leaf may use the catalog":            {file: "recommend/weight/w.go", code: `import "osusume/recommend/catalog"`},
		"live may read the clock":               {file: "recommend/live/l.go", code: `import "time"; var n = time.Now`},
		"a test may read the clock":             {file: "recommend/weight/w_test.go", code: `import "time"; var n = time.Now`},
		"durations are no clock":                {file: "recommend/weight/w.go", code: `import "time"; const d = time.Second`},
		"testdata is not ours":                  {file: "store/testdata/x.go", code: `import "osusume/api"`},
		"echo in api":                           {file: "api/a.go", code: `import "github.com/labstack/echo/v4"`},
		"the vocabulary imports a leaf":         {file: "recommend/r.go", code: `import "osusume/recommend/catalog"`, want: []string{"recommend/r.go: imports osusume/recommend/catalog against the arrows"}},
		"the vocabulary imports a library":      {file: "recommend/r.go", code: `import "gonum.org/v1/gonum/mat"`, want: []string{"recommend/r.go: imports gonum.org/v1/gonum/mat, but the vocabulary needs the standard library only"}},
		"a leaf imports the engine":             {file: "recommend/weight/w.go", code: `import "osusume/recommend/engine"`, want: []string{"recommend/weight/w.go: imports osusume/recommend/engine against the arrows"}},
		"the engine imports live":               {file: "recommend/engine/e.go", code: `import "osusume/recommend/live"`, want: []string{"recommend/engine/e.go: imports osusume/recommend/live against the arrows"}},
		"the engine imports the store":          {file: "recommend/engine/e.go", code: `import "osusume/store"`, want: []string{"recommend/engine/e.go: imports osusume/store against the arrows"}},
		"live imports the api":                  {file: "recommend/live/l.go", code: `import "osusume/api"`, want: []string{"recommend/live/l.go: imports osusume/api against the arrows"}},
		"the store imports live":                {file: "store/s.go", code: `import "osusume/recommend/live"`, want: []string{"store/s.go: imports osusume/recommend/live against the arrows"}},
		"the api imports bench":                 {file: "api/a.go", code: `import "osusume/bench/eval"`, want: []string{"api/a.go: imports osusume/bench/eval against the arrows"}},
		"bench imports the api":                 {file: "bench/load/l.go", code: `import "osusume/api"`, want: []string{"bench/load/l.go: imports osusume/api against the arrows"}},
		"a new package has no arrows":           {file: "recommends/r.go", code: `import "osusume/recommend"`, want: []string{"recommends/r.go: imports osusume/recommend against the arrows", "recommends: does not belong in the top level"}},
		"badger outside the store":              {file: "bench/eval/e_test.go", code: `import "github.com/dgraph-io/badger/v4"`, want: []string{"bench/eval/e_test.go: imports github.com/dgraph-io/badger/v4, which only osusume/store/... may"}},
		"echo outside the api":                  {file: "main.go", code: `import "github.com/labstack/echo/v4/middleware"`, want: []string{"main.go: imports github.com/labstack/echo/v4/middleware, which only osusume/api/... may"}},
		"bitmap outside itemset":                {file: "recommend/filter/f.go", code: `import "github.com/kelindar/bitmap"`, want: []string{"recommend/filter/f.go: imports github.com/kelindar/bitmap, which only osusume/recommend/itemset may"}},
		"prometheus in the engine":              {file: "recommend/live/l.go", code: `import "github.com/prometheus/client_golang/prometheus"`, want: []string{"recommend/live/l.go: imports github.com/prometheus/client_golang/prometheus, which only osusume/api/... may"}},
		"a pure package opens files":            {file: "recommend/engine/e.go", code: `import "os"`, want: []string{"recommend/engine/e.go: imports os, but is pure"}},
		"a pure package reads the clock":        {file: "recommend/profile/p.go", code: `import "time"; var n = time.Now()`, want: []string{"recommend/profile/p.go: uses time.Now; time is passed in"}},
		"a pure package reads a renamed clock":  {file: "recommend/profile/p.go", code: `import clk "time"; var n = clk.Since`, want: []string{"recommend/profile/p.go: uses time.Since; time is passed in"}},
		"a drawer of odds and ends in the root": {file: "scripts/x.txt", want: []string{"scripts: does not belong in the top level"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := violations(fstest.MapFS{tt.file: source(tt.code)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
		})
	}
}
