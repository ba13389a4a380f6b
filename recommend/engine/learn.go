package engine

import (
	"math"
	"slices"
	"time"

	"osusume/recommend/cooccur"
	"osusume/recommend/profile"
	"osusume/recommend/weight"
)

// learned is the writer's state of one learned list set.
type learned struct {
	// targets holds the solution of each target item: weights by source item.
	targets [][]weight.Cell
	// sources is the transpose: weights by target item, from which the lists
	// of the sources are cut.
	sources [][]weight.Cell
	has     []bool // the target was solved at least once
	behind  []bool
	recut   []bool   // sources changed since the list was cut
	queue   []uint32 // targets behind
	cold    bool     // the next job starts from nothing
	cells   int64    // of all sources
}

func (l *learned) room(n int) {
	if n > len(l.has) {
		more := n - len(l.has)
		l.targets = append(l.targets, make([][]weight.Cell, more)...)
		l.sources = append(l.sources, make([][]weight.Cell, more)...)
		l.has = append(l.has, make([]bool, more)...)
		l.behind = append(l.behind, make([]bool, more)...)
		l.recut = append(l.recut, make([]bool, more)...)
	}
}

func (l *learned) mark(item uint32) {
	l.room(int(item) + 1)
	if !l.behind[item] {
		l.behind[item] = true
		l.queue = append(l.queue, item)
	}
}

// bytes is the memory of the solutions.
func (l *learned) bytes() int64 {
	return 2*8*l.cells + int64(len(l.has))*(2*24+3)
}

func (l *learned) solved(item uint32) bool { return int(item) < len(l.has) && l.has[item] }

// LearnJob is a piece of background work: solve some targets of one set on one
// frozen state. Solve may run on any goroutine; making the job and installing
// its result belong to the writer's.
type LearnJob struct {
	Targets  []uint32
	set      int
	spec     weight.Spec
	visitors profile.Frozen
	items    int
	midnight time.Time
	less     func(a, b uint32) bool
	start    [][]weight.Cell
	solved   [][]weight.Cell
}

// Unlearn makes every target due again, to be solved as if for the first time:
// what Learn then gives depends on the records alone. Lists stay until then.
func (x *Index) Unlearn() {
	for _, s := range x.sets {
		if l := s.learned; l != nil {
			l.room(x.catalog.Len())
			l.cold = true
			for i := range uint32(x.catalog.Len()) {
				l.mark(i)
			}
		}
	}
}

// Sets is the number of list sets; those that are not learned give no jobs.
func (x *Index) Sets() int { return len(x.sets) }

// LearnJob returns the work that is due for a set, nil when there is none.
func (x *Index) LearnJob(set int) *LearnJob {
	l := x.sets[set].learned
	if l == nil || len(l.queue) == 0 {
		return nil
	}
	names := x.catalog.Snapshot()
	l.room(names.Len())
	job := &LearnJob{
		Targets: l.queue, set: set, spec: x.sets[set].spec,
		visitors: x.visitors.Freeze(), items: names.Len(),
		midnight: time.Unix(int64(x.day)*secondsPerDay, 0), less: names.Less,
	}
	slices.Sort(job.Targets)
	l.queue = nil
	for _, j := range job.Targets {
		l.behind[j] = false
		if l.cold {
			job.start = append(job.start, nil)
		} else {
			job.start = append(job.start, l.targets[j])
		}
	}
	l.cold = false
	return job
}

// Learn solves all that is due, here and now, on all cores. Call it after
// Refresh.
func (x *Index) Learn() {
	for set := range x.sets {
		if job := x.LearnJob(set); job != nil {
			job.Solve(weight.Parallel)
			x.Install(job)
		}
	}
	x.rebuildAll()
}

// Solve learns the targets' weights; parallel runs the parts, such as
// weight.Parallel.
func (j *LearnJob) Solve(parallel func(n int, work func(worker, item int))) {
	matrix := weight.NewMatrix(j.items, j.rows())
	gram := weight.NewGram(matrix, parallel)
	j.solved = make([][]weight.Cell, len(j.Targets))
	solvers := make([]func(k int) []weight.Cell, weight.MaxWorkers)
	parallel(len(j.Targets), func(worker, k int) {
		if solvers[worker] == nil {
			solvers[worker] = j.solver(gram)
		}
		j.solved[k] = solvers[worker](k)
	})
}

// solver returns what computes the k-th target's cells, for one goroutine.
func (j *LearnJob) solver(gram *weight.Gram) func(k int) []weight.Cell {
	if j.spec.Formula == weight.Walk {
		w := weight.NewWalker(gram, j.spec, j.less)
		return func(k int) []weight.Cell { return w.From(j.Targets[k]) }
	}
	s := weight.NewSolver(gram, j.spec.Learned, j.less)
	return func(k int) []weight.Cell { return s.Solve(j.Targets[k], j.start[k]) }
}

// longCase, in mean lengths, is the length of a case beyond which its influence
// on all pairs together, the square of its length, grows no more.
const longCase = 8

// rows makes the cases of the spec: customers with the items they bought, or
// orders. The value of a cell is the decay of its newest event, scaled by the
// length of its case; see weight.Learned.
func (j *LearnJob) rows() [][]weight.Cell {
	var rows [][]weight.Cell
	place := make([]int, j.items) // place+1 of the item in the row being made
	cell := func(row []weight.Cell, l profile.Line) []weight.Cell {
		if place[l.Item] != 0 {
			return row // lines are walked newest first
		}
		age := max(0, float64(j.midnight.Unix()-int64(l.Time))/secondsPerDay)
		row = append(row, weight.Cell{Item: l.Item, Value: decay(age, j.spec.Learned.HalfLifeDays)})
		place[l.Item] = len(row)
		return row
	}
	done := func(row []weight.Cell) {
		for _, c := range row {
			place[c.Item] = 0
		}
		if len(row) > 0 {
			rows = append(rows, row)
		}
	}
	j.visitors.All(func(lines []profile.Line) {
		if j.spec.Kind() == cooccur.Orders {
			byOrder(lines, func(order []profile.Line) {
				var row []weight.Cell
				for _, l := range order {
					row = cell(row, l)
				}
				done(row)
			})
			return
		}
		var row []weight.Cell
		for _, l := range slices.Backward(lines) {
			if l.Bought() {
				row = cell(row, l)
			}
		}
		done(row)
	})
	cells := 0
	for _, row := range rows {
		cells += len(row)
	}
	mean := float64(cells) / float64(max(len(rows), 1))
	for _, row := range rows {
		length := float64(len(row)) / mean
		f := math.Pow(length, -j.spec.Learned.CasePower/2)
		if !j.spec.Raw && length > longCase {
			f *= longCase / length
		}
		for k := range row {
			if j.spec.Formula == weight.Walk {
				row[k].Value = float32(math.Sqrt(float64(row[k].Value)))
			}
			row[k].Value *= float32(f)
		}
	}
	return rows
}

// byOrder calls fn with the purchase lines of each order, newest first.
func byOrder(lines []profile.Line, fn func(order []profile.Line)) {
	bought := make([]profile.Line, 0, len(lines))
	for _, l := range slices.Backward(lines) {
		if l.Bought() && l.Group != 0 {
			bought = append(bought, l)
		}
	}
	slices.SortStableFunc(bought, func(a, b profile.Line) int { return int(int64(a.Group) - int64(b.Group)) })
	for start := 0; start < len(bought); {
		end := start
		for end < len(bought) && bought[end].Group == bought[start].Group {
			end++
		}
		fn(bought[start:end])
		start = end
	}
}

// Install takes over the solutions of a job; the next Refresh cuts the lists of
// their sources.
func (x *Index) Install(job *LearnJob) {
	l := x.sets[job.set].learned
	l.room(x.catalog.Len())
	changed := func(i uint32) {
		l.recut[i] = true
		x.popStale = true // the scale of the lists follows
		x.waiting.mark(i, recut, x.counts)
	}
	for k, j := range job.Targets {
		l.has[j] = true
		changed(j) // its closed-form list goes
		if job.spec.Formula == weight.Walk {
			l.cells += int64(len(job.solved[k]) - len(l.sources[j]))
			l.sources[j] = job.solved[k] // a walk is solved for its source
			continue
		}
		l.cells += int64(len(job.solved[k]) - len(l.targets[j]))
		for _, c := range l.targets[j] {
			l.sources[c.Item] = without(l.sources[c.Item], j)
			changed(c.Item)
		}
		for _, c := range job.solved[k] {
			l.sources[c.Item] = append(l.sources[c.Item], weight.Cell{Item: j, Value: c.Value})
			changed(c.Item)
		}
		l.targets[j] = job.solved[k]
	}
}

// without returns the cells without the one of item.
func without(cells []weight.Cell, item uint32) []weight.Cell {
	for k := range cells {
		if cells[k].Item == item {
			cells[k] = cells[len(cells)-1]
			return cells[:len(cells)-1]
		}
	}
	return cells
}
