//go:build !race

package coupons

const raceDetector = false
