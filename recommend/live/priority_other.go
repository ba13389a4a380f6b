//go:build !linux

package live

// behindAnswers is for systems on which single threads have no priority of their
// own that we know how to set: the work is done at the usual one.
func behindAnswers() {}
