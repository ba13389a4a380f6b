package report

import (
	"time"

	"osusume/bench/eval"
)

// Report is all that a page shows.
type Report struct {
	// Date is when the report was made.
	Date    time.Time
	Seed    uint64
	Machine Machine
	// Sample is the number of units questions were cut to; 0 is all.
	Sample int
	// NoTimings leaves measured times out.
	NoTimings bool
	// Config is the file settings came from, empty for the defaults.
	Config *File
	Tasks  []Task
	// LeftOut names tasks whose files were there but hold no case, and why.
	LeftOut []string
}

// Machine is where and with what a report was made.
type Machine struct {
	OS, Arch, CPU string
	Cores         int
	Go            string
	// Version of the program and the commit it was built from, if known.
	Version, Commit string
}

// File is an input.
type File struct {
	Role   string // train, test, cases, items, config
	Name   string // without folder
	Bytes  int64
	SHA256 string
}

// Task is one protocol on one set of files.
type Task struct {
	// Name tells tasks of several shops apart: the folder of the files.
	Name  string
	Task  eval.Task
	Files []File
	// Events, People and Items of the train file; From, To its first and last
	// event; Asked the time of the questions.
	Events, People, Items int
	From, To, Asked       time.Time
	Skipped               int
	// Models are the results to compare; the first Own of them are the shop's
	// own, the one the report is about first.
	Models []eval.Result
	Own    int
	// Answering is by variant the name of the model that answers it in the
	// first result, Settings that model and its placement as YAML.
	Answering map[string]string
	Settings  string
	// Neighbours are results of the first model by neighbours kept, ascending;
	// Kept holds the numbers.
	Neighbours []eval.Result
	Kept       []int
	// Uses is how often each item of train was taken.
	Uses map[string]eval.Use
	// Known is by variant how much each case had to go by.
	Known map[string][]int
}

// plainModels are the models a report compares with, where a task has them.
func plainModels(t eval.Task) []string {
	switch t {
	case eval.Purchases:
		return []string{"popularity", "personal", "cosine", "jaccard", "llr", "conditional"}
	case eval.Sessions:
		return []string{"popularity", "cosine", "jaccard", "llr", "conditional", "session"}
	default:
		return []string{"popularity", "cosine", "jaccard", "llr", "conditional"}
	}
}

// primaryMetric is the one that figures and comparisons are about.
func primaryMetric(t eval.Task, variant string) string {
	switch {
	case t == eval.Sessions:
		return "hr@20"
	case t == eval.Baskets && variant == "cart":
		return "hr@10"
	default:
		return "ndcg@10"
	}
}

// hero is the result the report is about.
func (t *Task) hero() *eval.Result { return &t.Models[0] }

// plain are the results to compare with.
func (t *Task) plain() []eval.Result { return t.Models[t.Own:] }

// bestPlain is the plain model with the greatest primary metric in a variant;
// nil when there is none. Of equals the first.
func (t *Task) bestPlain(variant string) *eval.Result {
	var best *eval.Result
	most := -1.0
	for i := range t.plain() {
		r := &t.plain()[i]
		v := r.Variant(variant)
		if v == nil {
			continue
		}
		if m, ok := v.Metric(primaryMetric(t.Task, variant)); ok && m.Mean > most {
			best, most = r, m.Mean
		}
	}
	return best
}

// shownModels are those drawn where all would be too many: the shop's own, the
// bestsellers and the best plain model.
func (t *Task) shownModels(variant string) []*eval.Result {
	shown := []*eval.Result{t.hero()}
	best := t.bestPlain(variant)
	for i := range t.plain() {
		if r := &t.plain()[i]; r.Model == "popularity" {
			shown = append(shown, r)
		}
	}
	if best != nil && best.Model != "popularity" {
		shown = append(shown, best)
	}
	return shown
}

// variants are those of the hero that have cases.
func (t *Task) variants() []*eval.Variant {
	var out []*eval.Variant
	for i := range t.hero().Variants {
		if v := &t.hero().Variants[i]; len(v.Cases) > 0 {
			out = append(out, v)
		}
	}
	return out
}
