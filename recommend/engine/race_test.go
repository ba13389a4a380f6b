//go:build race

package engine_test

// raceDetector is set in builds that take several times as long.
const raceDetector = true
