//go:build race

package eval

// The race detector makes the harness, arithmetic of one goroutine per task,
// many times slower.
const raceDetector = true
