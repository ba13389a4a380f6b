// Package complements measures whether what the shop suggests beside an item is
// a complement and not a substitute: for `osusume bench complements`.
//
// # The experiment
//
// The engine that serves learns from the train file. For each case of the
// baskets task, variant item (one item of a basket, the seed, is known; the rest
// is to be found), it is asked on surface product for the accessories of the
// seed, through the same call that answers /upsell: at least three customers who
// bought both, lift above 1.2, G2 of at least 10.83, never of the seed's family.
// The file knows no views, so no pair is dropped for being viewed together, and
// no margins, so every item gets one price and accessories rank by P(B|A).
//
// The rival is raw co-occurrence: the items with which most orders (and, in a
// row of its own, most customers) hold the seed. It is held to equal coverage:
// only cases that the complements answer count, and its list is cut to the
// length of theirs, case by case.
//
// Two truths are judged. "rest" is the rest of the basket. "other families" is
// the rest without the seed's family: what a complement can be. Both lists are
// judged by the same truth.
//
// Three more rows tell where a difference comes from. "other families" takes the
// family out of the rival's list too: against "customers, other families" the
// floors of evidence are all that differs. "complements by orders" shows the same
// complements, ranked by the orders that hold both instead of by customers: baskets
// are orders.
//
// # Families
//
// The file has descriptions only, see Families. Variants whose stock codes differ
// in their letters alone (85123A, 85123B) are counted as well: the codes are the
// shop's own, and take no part in finding families.
//
// Intervals are 95 % bootstrap intervals over baskets, those of differences
// paired.
package complements
