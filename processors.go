package main

import (
	"runtime"

	"osusume/recommend/live"
)

// leaveRoomForAnswers lets as many goroutines run at a time as there are cores and,
// besides, threads that commit, apply and learn. With the cores alone those would
// hold them all now and then, and an answer would wait for a turn of the scheduler,
// up to 10 ms; so it is the system that gives the cores, answers first (see package
// live). GOMAXPROCS in the environment decides instead. The returned function takes
// it back.
func leaveRoomForAnswers(env func(string) string) (restore func()) {
	if env("GOMAXPROCS") != "" {
		return func() {}
	}
	runtime.SetDefaultGOMAXPROCS()
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + live.Threads)
	return runtime.SetDefaultGOMAXPROCS
}
