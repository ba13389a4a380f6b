//go:build !race

package complements

const raceDetector = false
