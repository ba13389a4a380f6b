// Package evidence counts what a better thing can be offered on: per pair of one
// family or item group, how many customers took the one for the other, went on
// from the one to the other or compared both; what is bought before what; and how
// regularly an item is bought again.
//
// Customers are visitors of package profile. All counts are integers and a sum
// over visitors of one function of their lines and of the items' Facts, so
// taking a visitor's old lines out and putting the new ones in (Update) is exact:
// late events, merged visitors and erasure need nothing else, and the order of
// visitors does not matter. Per visitor and pair a count is 0 or 1.
//
// Words, for items A and B that share a family or an item group:
//
//	look    a browsing line (profile.Line.Browsed) on an item
//	buy     a purchase line, unless a refund line of that order and item gives
//	        back all of it; ratings are no purchases here
//	Sub     looked at A, bought B within 7 days of it, never bought A
//	Chosen  looked at A and bought A or a relative of A within 7 days: of Sub
//	Upg     bought A and at a later time, in another order, within 730 days B
//	BoughtOn  bought A and so bought A again or a relative: of Upg
//	Cmp     looked at both in one session; where a line has no session, within
//	        30 minutes (profile.SessionGap)
//	Then    bought in leaf category A for the first time before, and in another
//	        order than, the first time in leaf category B; the same of two items
//	        of different leaves if Settings.ItemOrder asks for it
//	Repeat  bought on two days (UTC) or more: two orders of one day are one
//
// Two of these say more than "bought with": package cooccur has in how many
// orders and by how many customers two items were bought, and in how many
// sessions, of how many visitors, they were looked at (kind Sessions); both hold
// for pairs of different families too and are not counted here again.
//
// What one visitor can do is bounded: of each family the newest
// Settings.FamilyLines lines count, of all of them the newest 2048, and the first
// 64 leaves (and items) bought for Then. These bounds are part of the function.
//
// # Facts
//
// Counts depend on which items are relatives, and nobody knows without looking
// which visitors an item concerns. A new fact about an item that no counted
// visitor has touched is in force at once. Any other waits for Recount, which
// goes through all visitors in steps, takes those the changed items concern out
// under the old facts and puts them in under the new. Visitors behind it are
// counted under the new facts, those before it under the old, each visitor
// wholly under one of them; what is done in between goes by the visitor's side.
// When it ends, counts are those of a rebuild under the new facts. It needs no
// second copy of the counts and lets events pass between steps.
//
// Restart uses the same steps to count everything: nothing is written to
// checkpoints, because counting anew takes seconds in the background and
// decoding would take memory and a form to keep. Until it ends, View.Complete is
// false and counts are lower bounds.
//
// # Memory
//
// An item without family or group takes nothing for pairs. A directed pair is 16
// bytes in its item's row, ascending by the other item, about 40 with all else
// in a shop of small families. The writer keeps up to 28 bytes per item for facts
// and walking. Views share all rows that did not change since (package snapshot);
// a row is cloned when it changes for the first time after a Freeze.
//
// Update costs O(l) for the l lines of a visitor if the changed lines concern a
// family or are purchases, and O(f²) for the f lines of the families concerned.
package evidence
