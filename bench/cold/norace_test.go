//go:build !race

package cold

const raceDetector = false
