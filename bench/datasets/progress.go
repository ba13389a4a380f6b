package datasets

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

const (
	barInterval  = 100 * time.Millisecond
	lineInterval = 10 * time.Second
)

// Bar shows Progress with rate and time left: a bar on a terminal, elsewhere
// (a log file, CI) one line every ten seconds. It is not safe for concurrent
// use.
type Bar struct {
	out   io.Writer
	label string
	clock func() time.Time
	bar   *progressbar.ProgressBar // nil when out is not a terminal

	start, shown time.Time
	last         Progress
}

// IsTerminal reports whether w is a terminal.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// NewBar starts a bar on out that tells of label. clock nil is time.Now.
func NewBar(out io.Writer, label string, terminal bool, clock func() time.Time) *Bar {
	if clock == nil {
		clock = time.Now
	}
	now := clock()
	b := &Bar{out: out, label: label, clock: clock, start: now, shown: now}
	if terminal {
		b.bar = progressbar.NewOptions64(-1,
			progressbar.OptionSetWriter(out),
			progressbar.OptionSetDescription(label),
			progressbar.OptionShowBytes(true),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionSetElapsedTime(true),
			progressbar.OptionSetWidth(20),
			// Without an interval of its own the bar starts no goroutine.
			progressbar.OptionSetSpinnerChangeInterval(0),
			progressbar.OptionClearOnFinish(),
		)
	}
	return b
}

// Update shows p; use it as ImportOptions.Progress.
func (b *Bar) Update(p Progress) {
	b.last = p
	now := b.clock()
	interval := lineInterval
	if b.bar != nil {
		interval = barInterval
	}
	if now.Sub(b.shown) < interval {
		return
	}
	b.shown = now
	elapsed := now.Sub(b.start)
	if b.bar == nil {
		fmt.Fprintf(b.out, "%s: %s\n", b.label, p.describe(elapsed))
		return
	}
	if p.BytesTotal > 0 && b.bar.GetMax64() != p.BytesTotal {
		b.bar.ChangeMax64(p.BytesTotal)
	}
	b.bar.Describe(b.label + " " + p.rows(elapsed))
	// A bar that cannot be drawn is no reason to stop what it tells of.
	_ = b.bar.Set64(p.BytesRead)
}

// Finish clears the bar.
func (b *Bar) Finish() {
	if b.bar != nil {
		_ = b.bar.Finish() // as above
	}
}

// rows is the count and the rate after elapsed.
func (p Progress) rows(elapsed time.Duration) string {
	s := grouped(p.Rows) + " rows"
	if seconds := elapsed.Seconds(); seconds > 0 {
		s += ", " + grouped(int64(float64(p.Rows)/seconds)) + " rows/s"
	}
	return s
}

// describe is rows with the share done and the time left, where known.
func (p Progress) describe(elapsed time.Duration) string {
	s := p.rows(elapsed)
	if p.BytesTotal <= 0 || p.BytesRead <= 0 {
		return s
	}
	done := min(float64(p.BytesRead)/float64(p.BytesTotal), 1)
	left := time.Duration(float64(elapsed) * (1 - done) / done)
	return fmt.Sprintf("%.0f %%, %s, %s left", 100*done, s, left.Round(time.Second))
}

// grouped writes n, which is not negative, with a comma between thousands.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
