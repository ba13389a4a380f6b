// Package scale measures how the cost of the engine grows with the shop: it makes
// synthetic shops of several sizes and takes, for each, the ingest rate, the
// bytes by part, the time of a request, of a rebuild from the log and of a
// restart from a checkpoint.
//
// Each size runs in a process of its own, so that heaps do not mix, the garbage
// of one size is not paid for by the next, and a size that does not fit ends as
// a line that says so. The processes run one after the other. What a process
// found comes back on its standard output as one JSON message per line.
//
// Events reach the index as they do behind a busy server (see Writer), not as
// fast as a bulk load could. Making the events is not part of any time.
package scale
