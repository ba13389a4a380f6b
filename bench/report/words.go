package report

import "osusume/bench/eval"

// taskTitle and taskLead introduce a task to a reader who knows shops, not
// protocols.
func taskTitle(t eval.Task) string {
	switch t {
	case eval.Purchases:
		return "What customers buy next"
	case eval.Baskets:
		return "What else belongs in the cart"
	case eval.Sessions:
		return "The next item of a session"
	case eval.Ratings:
		return "What customers rate next"
	default:
		return string(t)
	}
}

func taskLead(t eval.Task) string {
	switch t {
	case eval.Purchases:
		return "For every customer of the test file whom the train file knows: do the lists hold what they bought afterwards?"
	case eval.Baskets:
		return "From each later order one item was taken out. Does the list for the rest of the cart bring it back, and does the list for a single item hold the rest of the order?"
	case eval.Sessions:
		return "Sessions are walked through step by step. Does the list, made from the items so far, hold the one that came next?"
	case eval.Ratings:
		return "A part of each customer's ratings was held back. Does the list hold those items?"
	default:
		return ""
	}
}

func variantTitle(t eval.Task, variant string) string {
	switch {
	case variant == "cart":
		return "Whole cart"
	case variant == "item":
		return "Single item"
	case variant == "new":
		return "New items only"
	case t == eval.Ratings:
		return "Held-back items"
	default:
		return "All items"
	}
}

func variantLead(t eval.Task, variant string) string {
	switch {
	case variant == "cart":
		return "The missing item, from all others in the cart."
	case variant == "item":
		return "The rest of the order, from one of its items."
	case variant == "new" && t == eval.Sessions:
		return "Items already seen in the session are in neither list nor truth."
	case variant == "new":
		return "Items the customer already has are in neither list nor truth."
	case t == eval.Ratings:
		return "Items the customer has rated before are never shown."
	case t == eval.Sessions:
		return "Items already seen in the session may come back."
	default:
		return "Buying again counts: much of what is bought was bought before."
	}
}

// taken is what the popularity of a task counts.
func taken(t eval.Task) string {
	switch t {
	case eval.Ratings:
		return "ratings"
	case eval.Sessions:
		return "views"
	default:
		return "purchases"
	}
}

// term is one line of the glossary.
type term struct{ Name, Text string }

func metricTerms() []term {
	return []term{
		{"ndcg@10", "How high the right items stand among the first 10: a hit at rank r counts 1 / log₂(r + 1), and the best possible list has 1."},
		{"recall@k", "Share of the right items that are among the first k."},
		{"precision@k", "Share of the first k places that hold a right item."},
		{"hr@k", "Hit rate: share of lists with at least one right item among the first k."},
		{"mrr@k", "Mean of 1 / rank of the first right item among the first k."},
		{"map@k", "Mean of the precision at each hit among the first k."},
		{"coverage@k", "Share of the catalog that the first k places of all lists show at least once."},
		{"novelty@k", "Mean self-information of the items shown, −log₂ of the share of people who took the item, in bits: 0 for what everybody has, 1 more for every halving."},
		{"diversity@k", "Mean distance of two items of a list by category: 0 when all are of one category, 1 when no two share any level."},
	}
}

func modelTerms() []term {
	return []term{
		{"tuned", "The shop's own models with the settings given; answers as the server would."},
		{"default", "The shop's own models as they come, without any settings."},
		{"popularity", "The items with most buyers (or viewers), the same for everybody."},
		{"personal", "What this customer bought most often; ties go to what sells."},
		{"cosine", "Neighbours by cosine similarity of co-occurrence."},
		{"jaccard", "Neighbours by Jaccard similarity of co-occurrence."},
		{"llr", "Neighbours by Dunning's log-likelihood ratio."},
		{"conditional", "Neighbours by conditional probability: how often j among those with i."},
		{"session", "Neighbours by directional steps within sessions, the newest steps first."},
	}
}
