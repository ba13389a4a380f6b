package main

import (
	"runtime"
	"testing"

	"osusume/recommend/live"
)

func TestLeaveRoomForAnswers(t *testing.T) {
	was := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(was)

	restore := leaveRoomForAnswers(func(string) string { return "" })
	if got, want := runtime.GOMAXPROCS(0), was+live.Threads; got != want {
		t.Errorf("%d threads at a time, want %d", got, want)
	}
	restore()
	if got := runtime.GOMAXPROCS(0); got != was {
		t.Errorf("%d threads after the end, want %d", got, was)
	}

	leaveRoomForAnswers(func(name string) string { return map[string]string{"GOMAXPROCS": "1"}[name] })()
	if got := runtime.GOMAXPROCS(0); got != was {
		t.Errorf("%d threads although the environment decides, want %d", got, was)
	}
}
