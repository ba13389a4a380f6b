// Package tune chooses the settings of a shop's index from the shop's own
// history alone, and writes them as YAML that `osusume serve --config` and
// `osusume bench eval --config` read.
//
// # Validation
//
// The history is cut inside the train file, in the way the task's protocol
// (package eval) cuts train from test, several times over; every setting is
// judged on the cases of all cuts together:
//
//	purchases  rolling origin: each of the last three windows of 30 days (of a
//	           tenth of the history where that is shorter), learned from what
//	           came before it
//	baskets    the same windows; the cases are made of their orders: the items
//	           in random order, the first one hidden, the others the cart, the
//	           first of the cart the seed; two such cases per order
//	sessions   rolling origin: twice 3.5 % of the sessions, by their first event
//	ratings    a tenth of each item's ratings at random, four times, without overlap
//
// No file but the train file is read. A test file made of a later time never
// takes part.
//
// # Search
//
// Each model that answers a variant of the task has its own objective, the mean
// of the metrics it is judged by. Its parameters are axes, each a short ladder
// of values around the default. Most can be tried on an index that is already
// learned (engine.View.WithModels) and are searched coordinate by coordinate.
// Those that need lists to be learned anew are proposed together, learned in
// one go on the newest cut, and only the best of them, and their combination,
// are learned on all cuts. Signals the default model has not are offered with
// scale 0.
//
// At the end parameters go back to their defaults one by one as long as the
// result stays within one standard error of the best (paired over customers,
// orders or sessions; Breiman et al., "Classification and Regression Trees",
// 1984, section 3.4.3): a simpler answer that cannot be told from the best is
// preferred, because small gains on the cases that chose them are mostly noise.
// For the same reason the gain reported for these cases is an optimistic one.
//
// SLIM's l1 and l2 act as prior variances on weights, so they carry over from
// the cut to the somewhat larger whole file as they are; the shrink of closed
// forms is in numbers of cases and does so as well.
//
// # Limits and resuming
//
// The search is a deterministic function of the train file, the options and
// what Limits allows. Means are noted in a journal beside the output, so a run
// that was stopped goes through the same steps again without measuring anew,
// and a run after a finished one searches on from there. The journal is one
// JSON object per line: first what it belongs to, then {"key", "value"} each.
package tune
