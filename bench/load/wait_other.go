//go:build !linux

package load

import (
	"sync"
	"time"
)

// alarm waits with the runtime's timers: to a millisecond or so when the
// process is idle.
type alarm struct {
	stopped chan struct{}
	once    sync.Once
}

func newAlarm() (*alarm, error) { return &alarm{stopped: make(chan struct{})}, nil }

// wait returns after d, or at once when the alarm is stopped.
func (a *alarm) wait(d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-a.stopped:
	}
}

// stop ends the wait under way and all later ones; it may be called from any
// goroutine.
func (a *alarm) stop() { a.once.Do(func() { close(a.stopped) }) }

// close gives back what the alarm holds; nobody may be waiting.
func (a *alarm) close() {}
