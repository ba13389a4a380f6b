// Package upsell finds what serves a customer better than, or together with,
// what they look at, hold in the cart, just bought or own: upgrades,
// complements, bundles, items that lift a cart over a threshold, what is due to
// be bought again, and better plans.
//
// A dearer item is not yet an upsell. A suggestion is made only when there is
//
//   - evidence: distinct customers who chose it in the same situation,
//   - fit: it is compatible, in stock, not owned, of a price this customer pays,
//   - benefit: to the customer (a gain along a declared axis, a better rating,
//     the plain choice of others) and to the shop (a positive expected margin).
//
// The same inputs and the same Request.Now give identical answers: nothing here
// reads a clock, keeps state between calls or depends on the order of a map.
// Counts come through the interface Facts, one method per kind of evidence.
//
// Which kinds a surface shows, in this order:
//
//	product        upgrade, accessory, bundle
//	cart           accessory, cart_threshold, tier_nudge, bundle
//	post_purchase  accessory; never an upgrade of what was just bought
//	account, email buy_it_again, upgrade, plan_upgrade
//
// Within a kind suggestions are ordered by score, ties by external id:
//
//	upgrade         EV = p * fit * (margin_B - margin_A), p of viewers or owners of A
//	accessory       EV = P(B|A) in one order * margin_B, at most one per leaf category
//	bundle          EV = min P(part|A) * (margin of the bundle - margin_A)
//	cart_threshold  p of the item reaching the threshold; so for tier_nudge
//	buy_it_again    RCP * (1 - exp(-lambda * h))
//	plan_upgrade    EV = usage * margin difference
//
// Invariants: an item appears once in an answer; every EV is finite and above
// zero; what is deleted, unavailable, owned (variants too), dismissed within
// the cool-down, in the cart or excluded never appears, but for an owned item
// that is due again. A percentage is told only of at least Settings.EvidenceOf
// customers of whom at least Settings.EvidenceChose chose so, rounded down, and
// its wording names who is counted.
//
// Amounts are in the minor unit of their currency (yen), days are 24 hours,
// probabilities lie in 0 to 1. Cost: linear in the family of the anchor and in
// the neighbours of the anchors.
package upsell
