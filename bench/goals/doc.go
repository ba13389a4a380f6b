// Package goals measures the goals for speed and memory and says which are
// reached, in one table.
//
// A goal has one or more checks; a check is a bound and what was measured, once
// per round. What is compared is measured in turns within a round, and its ratio
// or difference is taken there, so that a machine that is busy now and then
// disturbs both sides alike; the median of the rounds is held against the bound.
// Absolute times and rates depend on the machine and its load.
//
// A check that cannot be measured here, or only at a smaller size than the goal
// names, is never called reached: it is "not measured", with the reason.
package goals
