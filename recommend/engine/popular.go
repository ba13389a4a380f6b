package engine

import "osusume/recommend"

// Popular lists what sells: distinct buyers within the window, or items that
// sell faster than before. Errors: recommend.CodeInvalid with the field.
func (v *View) Popular(q *recommend.PopularQuery) (recommend.Answer, error) {
	limit, err := checkLimit(q.Limit)
	if err != nil {
		return recommend.Answer{}, err
	}
	w := windowIndex(q.WindowDays)
	if w < 0 {
		return recommend.Answer{}, recommend.Invalid("window", "must be one of %v days (0 is all time), got %d", windows, q.WindowDays)
	}
	s := v.borrow()
	defer v.giveBack(s)
	if err := s.filter.Compile(v.catalog, &q.Filter); err != nil {
		return recommend.Answer{}, err
	}
	for _, id := range q.Exclude {
		if i, ok := v.catalog.Lookup(id); ok {
			s.hide(i)
		}
	}
	l := list{v: v, s: s, limit: limit, req: &recommend.Request{Locale: q.Locale, Explain: q.Explain}}
	ranked, stage, code, days := v.popular.ranked[w], recommend.StageBestseller, recommend.ReasonBestseller, q.WindowDays
	if q.Trending {
		ranked, stage, code, days = v.popular.trending, recommend.StageTrending, recommend.ReasonTrending, trendingDays
	}
	for k, j := range ranked {
		if l.full() {
			break
		}
		if s.shows(j) {
			reasons := l.popularReason(code, j, days)
			score := float64(reasons[0].Support)
			if q.Trending {
				score = v.popular.excess[k]
			}
			l.add(j, score, stage, reasons)
		}
	}
	l.fill()
	return l.answer("popular"), nil
}
