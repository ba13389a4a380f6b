// Package load sends HTTP load to a server and measures how long its answers
// take.
//
// # Open and closed loops
//
// With a rate, arrivals are a Poisson process drawn from a seed before anything
// is sent, and a request's latency counts from when it was due, not from when a
// connection was free to send it: a server that stalls for a second is charged
// for all who came in that second. Arrivals never sent because the server was
// too far behind when the time was over count, too, with the wait they had.
//
// Without a rate, a fixed number of connections send as soon as they have their
// answer. Such a closed loop finds the saturation rate; its latencies say little,
// because a slow server is asked less.
//
// # The client's own cost
//
// Client and server mostly share a machine, so what the client uses the server
// lacks. Requests are appended by hand, answers are read without taking memory,
// and each connection is one goroutine: 10 µs a request where net/http's client
// takes 25. The cost is measured and told with every result.
//
// # Noise
//
// Absolute figures move with whatever else the machine does. A comparison
// therefore measures two servers in turns and gives ratios with the quartiles of
// its pairs; processor time a request moves least.
package load
