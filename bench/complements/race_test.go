//go:build race

package complements

// The race detector makes learning many times slower.
const raceDetector = true
