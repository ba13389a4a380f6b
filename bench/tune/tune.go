package tune

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/goccy/go-yaml"

	"osusume/bench/eval"
	"osusume/recommend"
	"osusume/recommend/cooccur"
	"osusume/recommend/engine"
)

// Config is one run.
type Config struct {
	Task eval.Task
	// Train is an events CSV.
	Train string
	// MinPrefix is that of the sessions task; 0 is eval.DefaultMinPrefix.
	MinPrefix int
	// Base are the settings of the shop so far; those of this task start from
	// the defaults.
	Base engine.Settings
	// Journal is the file that remembers what was measured; empty is none.
	// Restart forgets what it holds.
	Journal string
	Restart bool
	Limits  Limits
	// Seed of the cuts and of the bootstrap intervals.
	Seed uint64
	// Clock measures the budget; nil is time.Now.
	Clock func() time.Time
	// Progress is told what is being done, how much of the budget is used (0 to
	// 1, negative without a budget) and by what share each model is better than
	// its default so far; it may be nil.
	Progress func(what string, used float64)
}

// Limits bound a search. Without any it goes on until nothing gets better.
type Limits struct {
	// Budget is wall time. The defaults are measured and the result compared
	// whatever it is.
	Budget time.Duration
	// Trials is how many models may be measured, once per cut; 0 is any number.
	// With it instead of a budget, the result does not depend on the machine.
	Trials int
}

// The shares of the budget after which the search and the simplification end.
const (
	searchShare   = 0.75
	simplifyShare = 0.95
)

// Result is what a run chose.
type Result struct {
	Task eval.Task
	// Train is the file's base name, Hash the SHA-256 of its bytes in hex.
	Train, Hash string
	SkippedRows int
	// Cuts is how many validation cuts there were, Trials how many models were
	// measured on one of them.
	Cuts, Trials int
	Models       []Model
	// Counts are the settings of the counts chosen, if the task depends on any.
	Counts      cooccur.Settings
	TunesCounts bool
	CountsTried []Parameter
}

// Model is what was chosen for one model.
type Model struct {
	Name    string
	Variant string
	// Metrics are those whose mean is the objective.
	Metrics []string
	Cases   int
	// Default and Tuned are the objective; Gain is tuned minus default, paired
	// over the cases that chose the settings.
	Default, Tuned float64
	Gain           eval.Difference
	Settings       engine.Model
	// Changed is unset where the default stays.
	Changed    bool
	Parameters []Parameter
}

// Parameter is one setting and what trying it showed.
type Parameter struct {
	Name     string
	From, To float64
	Tried    int // values besides the default
	Kept     bool
	// Worth is the best model minus the same with the default value, where the
	// search changed the parameter.
	Worth *eval.Difference
	// BestSeen is the largest gain over the model of the moment.
	BestSeen float64
}

// Run chooses settings. With ctx cancelled it returns its error; what was
// measured so far is in the journal. Errors name the command line option to
// change.
func Run(ctx context.Context, cfg Config) (_ Result, err error) {
	if err := cfg.validate(); err != nil {
		return Result{}, err
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	started := cfg.Clock()
	tell := func(string) {}
	if cfg.Progress != nil {
		last := ""
		tell = func(what string) {
			if what != "" {
				last = what
			}
			used := -1.0
			if cfg.Limits.Budget > 0 {
				used = min(1, float64(cfg.Clock().Sub(started))/float64(cfg.Limits.Budget))
			}
			cfg.Progress(last, used)
		}
	}
	tell("read --train")
	hash, err := hashFile(cfg.Train)
	if err != nil {
		return Result{}, err
	}
	events, skipped, err := eval.ReadEvents(cfg.Train, func(int) { tell("") })
	if err != nil {
		return Result{}, err
	}
	exams, err := cuts(cfg.Task, events, cfg.MinPrefix, cfg.Seed)
	if err != nil {
		return Result{}, err
	}
	cfg.Base = forget(cfg.Task, cfg.Base)
	j, err := openJournal(cfg.Journal, cfg.fingerprint(hash), cfg.Restart)
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, j.close()) }()

	s, err := newSearch(&cfg, events, exams, j, tell)
	if err != nil {
		return Result{}, err
	}
	r := Result{
		Task: cfg.Task, Train: filepath.Base(cfg.Train), Hash: hash, SkippedRows: skipped,
		Cuts: len(exams), TunesCounts: s.tunesCounts,
	}
	tell("measure the defaults")
	if err := s.start(ctx); err != nil {
		return Result{}, err
	}
	if cfg.Limits.Trials > 0 {
		s.trials = max(0, cfg.Limits.Trials-s.asked)
	}
	s.limit(started, cfg.Limits.Budget, searchShare)
	if err := s.run(ctx); err != nil {
		return Result{}, err
	}
	s.limit(started, cfg.Limits.Budget, simplifyShare)
	return r, s.finish(ctx, &r, cfg.Base.Counts, cfg.Seed)
}

// newSearch prepares a search over exams; cfg.Base holds nothing of the task.
func newSearch(cfg *Config, events []recommend.Event, exams []*eval.Exam, j *journal, tell func(string)) (*search, error) {
	s := &search{
		lab: &lab{
			cuts: exams, base: cfg.Base, journal: j, clock: cfg.Clock, tell: tell,
			trials: -1, views: make([][]*learnedView, len(exams)),
		},
		has: evidenceOf(cfg.Task, events), counts: cfg.Base.Counts,
		tunesCounts: cfg.Task == eval.Sessions, countsTried: make(map[string]*attempts),
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	defaults := engine.DefaultModels()
	for _, c := range components(cfg.Task, s.has) {
		cases := 0
		for _, x := range exams {
			cases += x.Cases(c.variant)
		}
		if cases < minCases {
			return nil, fmt.Errorf("--train: cutting the history leaves %d cases for %s (%s), at least %d are needed; tune with a longer history",
				cases, c.model, c.variant, minCases)
		}
		d := newDraft(defaults[c.model], c.slots)
		s.contenders = append(s.contenders, &contender{component: c, base: d, best: d, tried: make(map[string]*attempts)})
	}
	return s, nil
}

// limit sets when to stop.
func (l *lab) limit(started time.Time, budget time.Duration, share float64) {
	l.until = time.Time{}
	if budget > 0 {
		l.until = started.Add(time.Duration(share * float64(budget)))
	}
}

// finish simplifies what was found and reports it.
func (s *search) finish(ctx context.Context, r *Result, counts cooccur.Settings, seed uint64) error {
	reports := make([][]change, len(s.contenders))
	for k, c := range s.contenders {
		var err error
		reports[k], err = s.simplify(ctx, c, seed)
		if err != nil && !errors.Is(err, errSpent) {
			return err
		}
	}
	if err := s.simplifyCounts(ctx); err != nil && !errors.Is(err, errSpent) {
		return err
	}
	s.until = time.Time{}
	for k, c := range s.contenders {
		s.tell(c.model + ": compare with the default")
		v, err := s.compare(ctx, c, counts, seed)
		if err != nil {
			return err
		}
		m := Model{
			Name: c.model, Variant: c.variant, Metrics: c.metrics, Cases: len(v.now.Cases),
			Default: v.first.Metrics[0].Mean, Tuned: v.now.Metrics[0].Mean, Gain: v.gain,
			Settings: v.model, Parameters: c.parameters(reports[k], s.has),
		}
		m.Changed = len(s.changes(c)) > 0
		if !m.Changed {
			m.Settings = c.base.Model()
		}
		r.Models = append(r.Models, m)
	}
	r.Trials, r.Counts = s.asked, s.counts
	for _, a := range countsAxes(s.counts) {
		seen := s.countsTried[a.name]
		if seen == nil {
			continue
		}
		p := Parameter{
			Name: a.name, From: a.value(counts), To: a.value(s.counts),
			Tried: len(seen.values), BestSeen: seen.gain,
		}
		p.Kept = p.From != p.To
		r.CountsTried = append(r.CountsTried, p)
	}
	return nil
}

// parameters reports what was tried for c.
func (c *contender) parameters(looked []change, has evidence) []Parameter {
	var out []Parameter
	add := func(a *axis) {
		if slices.ContainsFunc(out, func(p Parameter) bool { return p.Name == a.name }) {
			return
		}
		p := Parameter{Name: a.name, From: a.value(c.base), To: a.value(c.best)}
		p.Kept = p.From != p.To
		if seen := c.tried[a.name]; seen != nil {
			p.Tried, p.BestSeen = len(seen.values), seen.gain
		}
		for k := range looked {
			if looked[k].axis.name == a.name {
				p.Worth = &looked[k].worth
			}
		}
		if p.Tried > 0 || p.Kept {
			out = append(out, p)
		}
	}
	for _, d := range []draft{c.best, c.base} {
		for _, a := range c.axes(d, c.base, has) {
			add(&a)
		}
	}
	for k := range looked {
		add(&looked[k].axis)
	}
	return out
}

func (c *contender) describe(axis string, value float64) string {
	gain := ""
	if c.first > 0 {
		gain = fmt.Sprintf(" (best %+.2f %%)", 100*(c.total/c.first-1))
	}
	return c.model + ": " + axis + " " + number(value) + gain
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func (c *Config) validate() error {
	switch {
	case !slices.Contains(eval.Tasks(), c.Task):
		return fmt.Errorf("--task %q: want one of %v", c.Task, eval.Tasks())
	case c.Train == "":
		return fmt.Errorf("--train: task %s learns from an events CSV; name it", c.Task)
	case c.MinPrefix < 0:
		return fmt.Errorf("--min-prefix %d: want at least 1", c.MinPrefix)
	case c.MinPrefix > 0 && c.Task != eval.Sessions:
		return fmt.Errorf("--min-prefix: only task %s has prefixes; leave it out", eval.Sessions)
	case c.Limits.Budget < 0:
		return fmt.Errorf("--budget %s: want at least 0", c.Limits.Budget)
	case c.Limits.Trials < 0:
		return fmt.Errorf("--trials %d: want at least 0", c.Limits.Trials)
	}
	return nil
}

// fingerprint is a hash of everything a mean depends on besides its key.
func (c *Config) fingerprint(hash string) string {
	base := c.Base
	base.Models, base.Placements, base.Related = nil, nil, nil
	text, err := yaml.Marshal(base)
	if err != nil {
		panic(fmt.Sprintf("marshal settings: %v", err)) // numbers only
	}
	prefix := c.MinPrefix
	if prefix == 0 {
		prefix = eval.DefaultMinPrefix
	}
	h := sha256.Sum256(fmt.Appendf(nil, "%d %s %s %d %d\n%s", spaceVersion, c.Task, hash, prefix, c.Seed, text))
	return hex.EncodeToString(h[:])
}

// forget takes out of settings what tuning the task chooses.
func forget(task eval.Task, s engine.Settings) engine.Settings {
	if task == eval.Sessions {
		for _, a := range countsAxes(s.Counts) {
			*a.field(&s.Counts) = 0
		}
	}
	return s
}

func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read --train: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read --train %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
