// Package coupons measures whether the offers decided for a household hold the
// coupon it then redeemed: for `osusume bench offers`.
//
// # The experiment
//
// The data are the Complete Journey's: households, what they bought, the
// campaigns of coupons sent to them, and which coupons they handed in on which
// day. Every coupon of a campaign becomes an offer with the campaign's days and the
// condition that the customer carries the campaign's tag, which is how a shop would
// target it. Codes of one campaign that hold for the same products are one offer:
// nothing tells them apart.
//
// For each redemption, offers are decided for the household through package offer
// as of the start of that day; what is known is from before it: purchases,
// redemptions of everybody, campaigns begun. Of the offers decided the rankings are
// compared by whether the first 1, 5 and 10 hold the redeemed one. Redemptions of a
// household on one day are asked one by one; none is taken out for the next.
//
// Offers of equal score share their places: what is counted is the probability that
// the redeemed one is among the first k when ties are put in a random order. So
// "random", for which all are equal, is exact and not drawn.
//
// # The value model
//
// Offers rank by a weighted sum of five logarithms and flags:
//
//	share       log of the share of the household's purchases expected of the
//	            coupon's products:
//	            (own + a liked + b sold) / (lines + a + b)
//	redemptions log(1/2 + redemptions of the offer so far)
//	code        log(1/2 + redemptions of its codes in other campaigns so far)
//	campaign    log of the redemptions of the campaign per member and coupon so far
//	used        1 when the household has redeemed it before
//
// own of the household's lines are of the coupon's products, sold is their share of
// all sales. liked is the recommender's part: the engine that serves learns from
// every purchase before the day and recommends product types (a sample of a
// twentieth of all purchases says little of single products); liked sums the scores
// of the types, each times the share of its sales that are of the coupon's
// products. Weights and the numbers of lines a and b are those under which the early
// redemptions are most likely, see fit.
//
// Early and late are told apart by the campaign's start: weights come from
// redemptions before the cut of campaigns begun before it, figures from campaigns
// begun since. Intervals are 95 % bootstrap intervals over households, those of
// differences paired.
//
// Only households that redeemed something are asked, so the figures say how well
// offers are ordered, not whether to send any.
package coupons
