//go:build race

package cold

// The race detector makes learning many times slower.
const raceDetector = true
