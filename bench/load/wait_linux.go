package load

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// alarm waits with the kernel's own timers. The Go runtime rounds the waits of
// an idle process up to a millisecond, several times what an answer takes, and
// that would count as latency; a timer descriptor wakes it within
// microseconds and needs no spinning beside the server.
type alarm struct {
	fd   int
	file *os.File
	buf  [8]byte
}

func newAlarm() (*alarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make a timer: %w", err)
	}
	return &alarm{fd: fd, file: os.NewFile(uintptr(fd), "timer")}, nil
}

// wait returns after d, or at once when the alarm is stopped.
func (a *alarm) wait(d time.Duration) {
	if d <= 0 {
		return
	}
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}
	if unix.TimerfdSettime(a.fd, 0, &spec, nil) == nil {
		_, _ = a.file.Read(a.buf[:]) // fails when stopped
	}
}

// stop ends the wait under way and all later ones; it may be called from any
// goroutine.
func (a *alarm) stop() { _ = a.file.SetReadDeadline(time.Unix(1, 0)) }

// close gives the descriptor back; nobody may be waiting.
func (a *alarm) close() { _ = a.file.Close() }
