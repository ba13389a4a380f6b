//go:build !linux

package live

import "time"

// behindAnswers is for systems on which single threads have no priority of their
// own that we know how to set: the work is done at the usual one.
func behindAnswers() {}

// threadTime is how long the calling thread has run on a core; below 0 it is not
// known.
func threadTime() time.Duration { return -1 }
