// Package placement holds what marketers say of lists: the named slots of a
// shop's pages, and the merchandising rules that change what is shown in them.
//
// A Rule is a condition about each candidate (and the customer, the cart, the
// place and the time around it) with an action:
//
//	filter  keeps the items the condition holds for; an unknown does not hold
//	hide    takes out the items it holds for
//	boost   lets an item stand as if it were Factor times nearer to the top
//	bury    moves the items it holds for behind all others
//	pin     puts items at a place of the list
//
// Boosts work on places and not on scores, since scores of different stages
// cannot be compared: the item in place 8 with a factor of 4 is ordered as if it
// were in place 2. Several boosts multiply. filter and hide are stronger than
// everything, bury is stronger than boost, pin is stronger than both. Pins take
// their places by priority, the highest first, then by rule id; one whose place
// is taken gets the next free one.
//
// The package is pure: same rules, candidates, input and time give the same
// list. A Set is immutable and safe for concurrent use.
package placement
