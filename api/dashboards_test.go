package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	dto "github.com/prometheus/client_model/go"

	"osusume/recommend"
)

// dashboard is the part of Grafana's format the tests look at.
type dashboard struct {
	Panels []struct {
		ID          int
		Type, Title string
		GridPos     struct{ X, Y, W, H int }
		Datasource  struct{ UID string }
		Targets     []struct {
			Expr       string
			Datasource struct{ UID string }
		}
	}
	Templating struct {
		List []struct{ Name, Type string }
	}
}

func readDashboard(t *testing.T) dashboard {
	t.Helper()
	b, err := os.ReadFile("docs/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatalf("parse grafana.json: %v", err)
	}
	return d
}

type alertRule struct {
	Alert, Expr         string
	Labels, Annotations map[string]string
}

func readAlerts(t *testing.T) []alertRule {
	t.Helper()
	b, err := os.ReadFile("docs/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Name  string
			Rules []alertRule
		}
	}
	if err := yaml.Unmarshal(b, &file); err != nil {
		t.Fatalf("parse alerts.yaml: %v", err)
	}
	var out []alertRule
	for _, g := range file.Groups {
		out = append(out, g.Rules...)
	}
	return out
}

// exported returns every family the server can export, by name.
func exported(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	m := fullMetrics(t)
	e := metricsServer(m)
	callRoute(e, http.MethodGet, "/items/a")
	m.Recommendation("home", []recommend.Stage{recommend.StageForYou}, 10, 10)
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatalf("gather: %v", err)
	}
	out := map[string]*dto.MetricFamily{}
	for _, f := range families {
		out[f.GetName()] = f
	}
	return out
}

var (
	selector = regexp.MustCompile(`\b((?:osusume|go|process)_\w+)(\{[^}]*\})?`)
	matcher  = regexp.MustCompile(`(\w+)(=~|!~|!=|=)"([^"]*)"`)
)

// family finds the family a series name belongs to.
func family(families map[string]*dto.MetricFamily, name string) *dto.MetricFamily {
	if f := families[name]; f != nil {
		return f
	}
	for _, suffix := range []string{"_bucket", "_sum", "_count"} {
		if base, ok := strings.CutSuffix(name, suffix); ok {
			if f := families[base]; f != nil && f.GetType() == dto.MetricType_HISTOGRAM {
				return f
			}
		}
	}
	return nil
}

// checkExpr reports what in a PromQL expression this server never exports:
// metrics, labels, and bucket bounds.
func checkExpr(families map[string]*dto.MetricFamily, expr string) (used, problems []string) {
	for _, m := range selector.FindAllStringSubmatch(expr, -1) {
		f := family(families, m[1])
		if f == nil {
			problems = append(problems, m[1]+" is not exported")
			continue
		}
		used = append(used, f.GetName())
		labels := []string{"job", "instance", "le", "quantile"}
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		for _, l := range matcher.FindAllStringSubmatch(m[2], -1) {
			if !slices.Contains(labels, l[1]) {
				problems = append(problems, fmt.Sprintf("%s has no label %s", m[1], l[1]))
			}
			if l[1] != "le" {
				continue
			}
			if !slices.ContainsFunc(f.GetMetric()[0].GetHistogram().GetBucket(), func(b *dto.Bucket) bool {
				return fmt.Sprint(b.GetUpperBound()) == l[3]
			}) {
				problems = append(problems, fmt.Sprintf("%s has no bucket le=%q", m[1], l[3]))
			}
		}
	}
	return used, problems
}

func TestCheckExpr(t *testing.T) {
	families := exported(t)
	tests := []struct {
		name, expr string
		problem    string // "" for none
	}{
		{"right", `rate(osusume_http_request_duration_seconds_bucket{le="0.05",class="2xx"}[5m]) / osusume_index_items`, ""},
		{"no such metric", `osusume_index_itemz > 1`, "osusume_index_itemz is not exported"},
		{"suffix of no histogram", `osusume_index_items_bucket`, "osusume_index_items_bucket is not exported"},
		{"no such label", `osusume_events_total{outcome="accepted"}`, "osusume_events_total has no label outcome"},
		{"no such bucket", `osusume_commit_duration_seconds_bucket{le="0.06"}`, `osusume_commit_duration_seconds_bucket has no bucket le="0.06"`},
		{"no such runtime metric", `go_gorutines`, "go_gorutines is not exported"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := checkExpr(families, tt.expr)
			if got := strings.Join(problems, "; "); got != tt.problem {
				t.Errorf("problems = %q, want %q", got, tt.problem)
			}
		})
	}
}

func TestDashboard(t *testing.T) {
	d := readDashboard(t)
	families := exported(t)
	variables := []string{"$__rate_interval"}
	hasDatasource := false
	for _, v := range d.Templating.List {
		variables = append(variables, "$"+v.Name)
		hasDatasource = hasDatasource || v.Name == "datasource" && v.Type == "datasource"
	}
	if !hasDatasource {
		t.Error("no datasource variable")
	}
	ids, shown := map[int]bool{}, map[string]bool{}
	cells := map[[2]int]string{}
	for _, p := range d.Panels {
		if ids[p.ID] {
			t.Errorf("%s: id %d is used twice", p.Title, p.ID)
		}
		ids[p.ID] = true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := cells[[2]int{x, y}]; other != "" || x > 23 {
					t.Fatalf("%s lies over %q or off the grid at %d,%d", p.Title, other, x, y)
				}
				cells[[2]int{x, y}] = p.Title
			}
		}
		if p.Type == "row" {
			continue
		}
		if len(p.Targets) == 0 || p.Datasource.UID != "${datasource}" {
			t.Errorf("%s: no query, or a datasource of its own", p.Title)
		}
		for _, target := range p.Targets {
			used, problems := checkExpr(families, target.Expr)
			for _, problem := range problems {
				t.Errorf("%s: %s", p.Title, problem)
			}
			for _, name := range used {
				shown[name] = true
			}
			for _, v := range regexp.MustCompile(`\$\w+`).FindAllString(target.Expr, -1) {
				if !slices.Contains(variables, v) {
					t.Errorf("%s: the variable %s is not declared", p.Title, v)
				}
			}
			if target.Datasource.UID != "${datasource}" {
				t.Errorf("%s: a query with a datasource of its own", p.Title)
			}
		}
	}
	for name := range families {
		if strings.HasPrefix(name, "osusume_") && !shown[name] {
			t.Errorf("%s is exported but on no panel", name)
		}
	}
}

func TestAlerts(t *testing.T) {
	families := exported(t)
	rules := readAlerts(t)
	if len(rules) == 0 {
		t.Fatal("no rules")
	}
	seen := map[string]bool{}
	for _, r := range rules {
		if !strings.HasPrefix(r.Alert, "Osusume") || seen[r.Alert] {
			t.Errorf("alert %q: the name must be unique and start with Osusume", r.Alert)
		}
		seen[r.Alert] = true
		if s := r.Labels["severity"]; s != "critical" && s != "warning" {
			t.Errorf("%s: severity %q is neither critical nor warning", r.Alert, s)
		}
		for _, key := range []string{"summary", "description", "runbook"} {
			if len(r.Annotations[key]) < 20 {
				t.Errorf("%s: the %s says nothing: %q", r.Alert, key, r.Annotations[key])
			}
		}
		used, problems := checkExpr(families, r.Expr)
		if len(used) == 0 {
			t.Errorf("%s: the expression %q names no metric", r.Alert, r.Expr)
		}
		for _, problem := range problems {
			t.Errorf("%s: %s", r.Alert, problem)
		}
	}
}
