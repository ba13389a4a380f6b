package tune

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

const (
	barInterval  = 100 * time.Millisecond
	lineInterval = 10 * time.Second
	barSteps     = 1000
)

// progressView shows what is being tried and how much of the budget is used: a
// bar on a terminal, elsewhere a line every ten seconds.
type progressView struct {
	out      io.Writer
	terminal bool
	clock    func() time.Time
	shown    time.Time
	bar      *progressbar.ProgressBar
}

func newProgressView(out io.Writer, terminal bool, clock func() time.Time) *progressView {
	return &progressView{out: out, terminal: terminal, clock: clock, shown: clock()}
}

// update is a Config.Progress.
func (p *progressView) update(what string, used float64) {
	wait := lineInterval
	if p.terminal {
		wait = barInterval
	}
	now := p.clock()
	if now.Sub(p.shown) < wait {
		return
	}
	p.shown = now
	if !p.terminal {
		if used >= 0 {
			what = fmt.Sprintf("%3.0f %% of the budget: %s", 100*used, what)
		}
		fmt.Fprintln(p.out, what)
		return
	}
	if p.bar == nil {
		most := barSteps
		if used < 0 {
			most = -1
		}
		p.bar = progressbar.NewOptions(most,
			progressbar.OptionSetWriter(p.out),
			progressbar.OptionSetWidth(20),
			progressbar.OptionSetPredictTime(false),
			// Without an interval of its own the bar starts no goroutine.
			progressbar.OptionSetSpinnerChangeInterval(0),
			progressbar.OptionClearOnFinish(),
		)
	}
	p.bar.Describe(fmt.Sprintf("%-60.60s", what))
	// A bar that cannot be drawn is no reason to stop what it tells of.
	_ = p.bar.Set(int(max(used, 0) * (barSteps - 1)))
}

// finish takes the bar off the screen.
func (p *progressView) finish() {
	if p.bar != nil {
		_ = p.bar.Finish() // as above
		p.bar = nil
	}
}
