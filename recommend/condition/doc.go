// Package condition is the language in which shops say when: when an offer
// may be shown, which items a merchandising rule is about, who belongs to a
// segment. It is CEL over flat, typed variables:
//
//	customer.lifecycle == 'dormant' && customer.orders >= 2
//	cart.total > 0 && cart.total < 5000 && 'phone' in cart.categories
//	weekday in ['sat', 'sun'] && !('vip' in customer.tags)
//
// Variables lists the whole vocabulary. A Scope says which of it a condition
// may use: a segment knows no cart. Variables are declared one by one under
// their full names instead of as maps, so that a misspelt one is found when
// the condition is written and not when it silently never holds. For the same
// reason a variable that has a closed set of values may be compared with
// those values only.
//
// # What is not known
//
// Every variable may be unknown: nobody is logged in, no cart was sent, a
// score is not computed yet. Conditions are evaluated in three values. A
// comparison, function or list with something unknown is unknown; "false &&"
// and "true ||" decide without it; everything else stays unknown, "!" too.
// What is not True in the end does not hold, so that something unknown never
// makes an offer fire by accident: with no lifecycle computed, both
// customer.lifecycle == 'active' and customer.lifecycle != 'active' do not
// hold.
//
// A text variable that is unknown has the value 'unknown' for those who ask:
// a condition in which the variable is compared with 'unknown' (==, != or in)
// sees that text. customer.lifecycle in ['new', 'unknown'] holds for a
// customer without a lifecycle.
//
// A missing key of a map (item.attributes['colour']) is unknown as well; test
// with 'colour' in item.attributes.
//
// # Bounds
//
// A source is at most MaxSourceBytes long and its worst case costs at most
// MaxCost steps of CEL's cost model, worked out beforehand from the largest
// sizes lists and texts may have; evaluation therefore needs no limit of its
// own. Longer lists are cut to those sizes (200 entries).
//
// # Two ways to the same outcome
//
// Comparisons, sums, "in", "!", "&&" and "||" over variables and constants,
// which is most of what shops write, also compile to plain Go closures. Those
// of the parts joined by "&&" that can be are asked first: one that is false
// decides, and CEL runs only when a part is left over that it alone
// understands. A property test holds the two to each other.
//
// A Condition is immutable and safe for concurrent use; an Activation serves
// one goroutine at a time.
package condition
