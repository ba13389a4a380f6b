// Package recommend is the vocabulary of Osusume: items, customers, events,
// money, requests and answers, and the one error type they fail with.
//
// It imports the standard library only and holds no behaviour beyond checking
// its own values, so that every other package, and every reader, can rely on
// one meaning per word:
//
//   - item: what a shop sells; item group: variants of one item (sizes, colours)
//   - customer: a known person; anonymous id: a browser or app before login;
//     visitor: either of them
//   - event: what a visitor did, in GA4's names (view_item, purchase, ...)
//   - placement: the slot of a page a list is shown in
//   - support: how many distinct orders, customers or sessions hold both items
//
// Times are UTC, money is in minor units with an ISO 4217 code, and nothing
// under this package reads a clock.
package recommend
