// Package offer decides which of a shop's offers a visitor sees now, and says
// of each other one why not.
//
// An Offer is data: when, where, to whom (a condition) and how often it may
// be shown, and what it may cost. A Set holds the offers of a shop, compiled
// and in the order they are considered: priority descending, id ascending.
// Decide asks each of them the same questions in the same order, ReasonOrder;
// the first that is answered with no is the offer's reason. The answer
// depends on nothing but its arguments, so that it can be repeated.
//
// # Holdouts
//
// A share of customers is held out of one offer or of all, by the hash of
// package experiment under the seeds "offer:<id>" and "holdout:global". They
// are asked last before what other offers decide: a customer held out would
// otherwise have been eligible, and is logged as a ghost, which is what makes
// them comparable with those who saw the offer.
//
// # The ledger
//
// Ledger counts what was shown, reserved and redeemed. Deciding spends
// nothing. A reservation holds a place under the caps and the budget until it
// is confirmed, released, or ReservationTTL has passed. Viewing the offer
// spends the customer's caps, once for a decision and offer; confirming is a
// redemption, and spends the caps if no view was reported before.
//
//	          reserve             confirm
//	(none) ------------> open ----------------> confirmed
//	                      |  \  release
//	            TTL over  |   `---------------> released
//	                      `-------------------> lapsed
//
// Every change is a Record. Live calls and recovery run the same Apply, in
// the order of the log, so the records alone rebuild the ledger. What nobody
// asks for any more, and what belongs to a customer who is erased, leaves the
// ledger by a record that says so, and the log by a Sweep.
package offer
