// Package api is the HTTP surface of Osusume: it turns requests into the
// vocabulary of package recommend, hands them to one shop, and renders what
// comes back. It is the only package that imports Echo.
//
// The contract is openapi.yaml at the top of the repository. Tests validate
// every response against it and hold routes and document equal in both
// directions.
//
// # Invariants
//
//   - Every answer that is not a success is application/problem+json (RFC 9457)
//     with a code of a closed set; a bad request names the offending field the
//     way the caller wrote it ("items[2].price"). An error we did not foresee
//     is a 500 without detail, logged once with its request id. The panic of
//     one request ends that request only.
//   - A request body is read to its end, inflated and measured before the first
//     byte of it is acted on, so that a body over the limit, cut short or
//     malformed changes nothing.
//   - JSON is strict: unknown and duplicate members, other letter case, numbers
//     in quotes and fractions of whole numbers are errors. null is the same as
//     leaving a member out, except in a merge patch, where it removes.
//   - The same request answered from the same View has identical bytes,
//     recommendation_id included; nothing rendered depends on map order, the
//     clock or the request id.
//   - Answers are appended to one buffer without reflection; the handlers hold
//     no lock and load the View once per request. Buffers and the memory a query
//     is read into are reused; what surrounds a handler allocates nothing.
//   - Lists that are the same for everybody, those of /related and /popular, have
//     a strong ETag over all their bytes, applied_seq and as_of included, and are
//     kept rendered for exactly the View they came from. A kept answer has the
//     bytes a fresh one would have. A new View ends all of them, so a write is in
//     the next answer with or without min_seq; the price is that a shop under
//     steady ingest renders each list once per View. What is personal is never
//     kept and goes out with no-store.
//
// # Units
//
// Prices travel in major units (12.50 for USD, 1200 for JPY) beside an ISO 4217
// currency, as in GA4, and are kept in minor units. Times are RFC 3339; answers
// give UTC.
package api
