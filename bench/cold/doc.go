// Package cold measures what new arrivals gain from being scored by their
// likeness to known items: for `osusume bench cold`.
//
// # The experiment
//
// A history is cut some weeks before its end. Items that are cold at the cut
// are in the catalog (title, category, price), but no event before the cut names
// them. The engine that serves learns from the events before the cut; who
// bought cold items after it is asked about.
//
// In the demo shop every item sells all year, so a tenth of those sold after the
// cut, drawn by seed, is made cold: its earlier events are taken out, and a
// customer who had bought it before does not count as a buyer of it. In a real
// file the cold items are those first sold after the cut.
//
// Two things are measured:
//
//   - Among cold items: the list of each customer, filtered to cold items, by hit
//     rate and NDCG at 10, against what the fallback gives without newcomers,
//     against a random order (one per customer) and the order of ids. Places for
//     newcomers are not scarce here.
//   - In full lists: the home list as it is served, with and without
//     exploration, for everybody who bought something after the cut: how many
//     lists hold a newcomer and what that costs or brings, on all items, on
//     those that are not cold and on the cold ones.
//
// Customers unknown at the cut are left out and counted: there is nothing to
// tell them apart by. Intervals are 95 % bootstrap intervals over customers.
//
// The catalog of a real file tells titles and prices as they were at its end.
package cold
