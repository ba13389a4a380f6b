package eval

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"osusume/bench/datasets"
)

const (
	barInterval  = 100 * time.Millisecond
	lineInterval = 10 * time.Second
)

// progressView shows how far a run is: a bar on a terminal, elsewhere one line
// every ten seconds.
type progressView struct {
	out      io.Writer
	terminal bool
	clock    func() time.Time
	shown    time.Time
	step     string
	total    int
	bar      *progressbar.ProgressBar
}

func newProgressView(out io.Writer, terminal bool, clock func() time.Time) *progressView {
	return &progressView{out: out, terminal: terminal, clock: clock, shown: clock()}
}

// ShowProgress returns a Config.Progress that writes to out, and a function that
// takes the bar off the screen again.
func ShowProgress(out io.Writer) (update func(step string, done, total int), finish func()) {
	p := newProgressView(out, datasets.IsTerminal(out), time.Now)
	return p.update, p.finish
}

// update is a Config.Progress.
func (p *progressView) update(step string, done, total int) {
	interval := lineInterval
	if p.terminal {
		interval = barInterval
	}
	now := p.clock()
	if now.Sub(p.shown) < interval {
		return
	}
	p.shown = now
	if !p.terminal {
		if total > 0 {
			fmt.Fprintf(p.out, "%s: %s of %s\n", step, thousands(done), thousands(total))
		} else {
			fmt.Fprintf(p.out, "%s: %s\n", step, thousands(done))
		}
		return
	}
	if p.bar == nil || p.step != step || p.total != total {
		p.finish()
		p.step, p.total = step, total
		most := total
		if most <= 0 {
			most = -1
		}
		p.bar = progressbar.NewOptions(most,
			progressbar.OptionSetWriter(p.out),
			progressbar.OptionSetDescription(step),
			progressbar.OptionShowCount(),
			progressbar.OptionSetWidth(20),
			progressbar.OptionSetPredictTime(true),
			// Without an interval of its own the bar starts no goroutine.
			progressbar.OptionSetSpinnerChangeInterval(0),
			progressbar.OptionClearOnFinish(),
		)
	}
	// A bar that cannot be drawn is no reason to stop what it tells of.
	_ = p.bar.Set(done)
}

// finish takes the bar off the screen.
func (p *progressView) finish() {
	if p.bar != nil {
		_ = p.bar.Finish() // as above
		p.bar = nil
	}
}
