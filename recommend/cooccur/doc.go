// Package cooccur counts what goes together: per pair of items, in how many
// orders, by how many customers and in how many sessions both occur, and, for
// sessions, how strongly one follows the other.
//
// All counts are a sum over visitors of one function of their lines (Walk), so
// adding and subtracting a visitor are exact inverses and the order of visitors
// does not matter. Supports are integers. The decayed session weights are
// float64 sums of terms with 20 significant bits over one fixed landmark (forward
// decay: Cormode, Shkapenyuk, Srivastava, Xu, "Forward decay: a practical time
// decay model for streaming systems", ICDE 2009). Of a float64's 53 bits that
// leaves 33 for the age and the number of a pair's terms: a million sessions
// within 13 half-lives, or a thousand within 23, add up exactly and with it in
// any order. The landmark never moves; readers scale by the age of the row.
//
// Beside the supports, each pair has votes, so that nobody weighs more for being
// loud: a visitor has one vote per pair, given in the first order or session
// that has both, and votes are halved for each doubling of what the visitor
// takes beyond what most people do (Settings.BoughtBreadth, BrowsedBreadth,
// Sittings): the influence of one visitor on all pairs of an item is bounded,
// however many orders, sessions or lines there are. Session weights count as
// votes do, and a session comes back to an item once. What weights make of the
// votes is in package weight.
//
// Both directions of a pair are kept, in one row per item and kind (rows.go) of
// entries ordered by a hash of the other item. Most pairs occur once or twice, so
// an entry is packed into 8 bytes (orders, customers) or 16 (sessions), and what
// does not fit has 32 bytes elsewhere (cell.go). With gaps, room to grow and what
// is kept per item, a directed pair costs about 25 bytes in a shop of 30 pairs an
// item; an item without pairs costs about 220.
//
// There are four ways to the same counts: Add and Remove, Build from all visitors
// at once (which sorts what they change and merges it row by row, several times
// faster than finding each pair's entry), ReadImage or ReadImageFrom, and any mix
// of them. Only pruning (prune.go), which drops pairs to stay below a ceiling, ends
// that: from then on counts are lower bounds, short of the exact ones by at most
// ErrorBound; they depend on what was dropped when, an item may have a pair that the
// other has not, and removing what was dropped does nothing.
package cooccur
