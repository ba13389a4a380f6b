package live

import (
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// backgroundNice is the niceness of the threads that commit and apply. They never
// wait long for a core, but an answer that is due goes first.
const backgroundNice = 5

// behindAnswers gives the calling goroutine a thread of its own which the system
// runs after those that answer requests, for as long as the goroutine lives. Go has
// no priorities: without, an answer that becomes ready while records are applied
// waits until the scheduler looks, up to 10 ms later.
func behindAnswers() {
	runtime.LockOSThread() // never unlocked, so that the thread ends with the goroutine
	// On failure the work is done at the usual priority.
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), backgroundNice)
}

// threadTime is how long the calling thread has run on a core; below 0 it is not
// known.
func threadTime() time.Duration {
	// Not getrusage, which is as old as the last tick of the system.
	var used unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &used) != nil {
		return -1
	}
	return time.Duration(used.Nano())
}
