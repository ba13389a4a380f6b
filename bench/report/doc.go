// Package report writes what a shop's recommendations are worth as one HTML
// page: how good the lists are beside plain models, for whom, at what cost, and
// what they are made of.
//
// The page stands alone: figures are inline SVG, the style is inline, there is
// no script and nothing is fetched, so it can be mailed, archived and printed.
// It follows the reader's light or dark preference and prints in light colours.
//
// # What is measured
//
// Per task (see package eval for protocols and metrics), on the same questions:
//
//   - the shop's own models: "default", and "tuned" when settings are given
//   - plain models: popularity, personal, cosine, jaccard, llr, conditional,
//     session, where the task has them
//   - the shop's models with 20, 50, 100 and 200 neighbours kept per item
//
// Intervals are 95 % bootstraps over customers, baskets or sessions. Where two
// models are compared, both answer the same resampled cases (paired), so a
// difference can be clear though the two intervals overlap.
//
// # Reproducible
//
// The same files, settings, seed, date and program on the same machine give the
// same bytes, apart from measured times; Options.NoTimings leaves those out. A
// Report is plain data, and rendering it reads no clock, file or map order.
package report
