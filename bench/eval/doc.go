// Package eval measures the lists the serving engine gives, offline, on files
// of past events: train it on one part of a shop's history, ask it for the
// customers, carts and sessions of the part after, and count what it foresaw.
//
// The engine under test is the one that serves: the train events go through
// its own writer, every list comes from View.Recommend with a plain request.
// Nothing here scores or ranks.
//
// # Tasks
//
//	purchases  customer -> what they buy next. Truth: distinct items of the
//	           customer's test purchases that occur in train. The request time
//	           is that of the first test event. Variants: all, and new (items
//	           the customer has in train are in neither list nor truth).
//	baskets    cart -> the item taken out of it (variant cart), one item of a
//	           basket -> the rest of it (variant item).
//	sessions   the items of a session so far -> the next, for every place from
//	           MinPrefix on. Variants: all, and new (items of the session so
//	           far are not in the list, and only other targets count).
//	ratings    customer -> the items they rate in test; every rating is a
//	           positive, train items are left out.
//
// Customers unknown to train and those without truth drop out; N says how many
// cases stay. For baskets, sessions and ratings the request time is that of the
// last train event.
//
// # Metrics
//
// All are means over cases. With h_r = 1 when the item at rank r (from 1) is in
// the truth T, and k the cut:
//
//	ndcg@k       sum h_r / log2(r+1), over the same sum of min(k, |T|) leading hits
//	recall@k     hits / |T|
//	precision@k  hits / k
//	hr@k         1 when there is a hit
//	mrr@k        1 / rank of the first hit
//	map@k        sum of precision@r at the hits, / min(k, |T|); ratings divides by |T|
//	coverage@k   distinct items in the first k of all lists / distinct items in train
//	novelty@k    mean of -log2(share of people in train who took the item), in bits
//	diversity@k  mean distance of two items by category, 0 to 1; with --items only
//
// The last three say what lists are made of, not whether they are right.
//
// Intervals are percentile bootstraps over customers, baskets or whole sessions
// (the places of one session depend on each other). Coverage has none: it is
// not a mean.
package eval
