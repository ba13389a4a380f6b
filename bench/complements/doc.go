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
// no margins, so every item gets one price and accessories rank by P(B|A) over
// orders.
//
// The rival is raw co-occurrence: the items with which most orders (and, in a
// row of its own, most customers) hold the seed. It is held to equal coverage:
// only cases that the complements answer count, and its list is cut to the
// length of theirs, case by case.
//
// Two truths are judged. "other families" is the rest of the basket without the
// seed's family: what a complement can be. "rest" is all of it: there the rival may
// show what complements must not. Both lists are judged by the same truth, and the
// last table counts how much of what the rival has right is of the seed's family.
//
// Four more rows tell where a difference comes from. "other families" takes the
// family out of the rival's list too: what is left of the difference is ranking, and
// the floors of evidence. "complements by orders" and "by customers" show the same
// complements as the rival would rank them.
//
// mean_p is the P(B|A) told of what is shown. It is of the orders so far, and of the
// ten best: a little more than half of it comes true. It ranks; it is no forecast.
//
// # Choosing
//
// What ranks was chosen on the train file alone: with --from, orders from a day on
// are the cases and only what lies before is learned. The cases of the baskets file
// serve to judge.
//
// # Families
//
// The file has descriptions only, see Families: 2,824 of its 3,754 items are in 622
// families of two or more, half of those of three items or fewer, the largest (T-light
// holders) with 67, 1.8 % of the catalog. They stand for a leaf category, and are
// rather too narrow (jumbo bags are one family, lunch bags another) than too wide; of
// about one item in thirty, by eye, the family is a motif ("love heart"), not a thing.
//
// Variants whose stock codes differ in their letters alone (85123A, 85123B) are
// counted as well. With --families codes they are the families: the shop's own word
// for what is one product, and the least that complements must leave out.
//
// Intervals are 95 % bootstrap intervals over baskets, those of differences
// paired.
package complements
