//go:build race

package coupons

// The race detector makes learning many times slower.
const raceDetector = true
