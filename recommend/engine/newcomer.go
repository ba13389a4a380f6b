package engine

import (
	"cmp"
	"maps"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"osusume/recommend"
	"osusume/recommend/cooccur"
	"osusume/recommend/snapshot"
)

// newcomer is an item that has too few buyers and viewers to have neighbours of
// its own, with the items most like it.
type newcomer struct {
	item  uint32
	alike []alike // most alike first
}

// newcomers are all of them; immutable. A request asks which of hundreds of items
// speak for somebody, and most do not: that takes a bit per item and the tables of
// the speakers alone, which all stay in the caches.
type newcomers struct {
	list  []newcomer
	place map[uint32]int
	// speakers marks the items that speak for newcomers, 64 to a word; they are
	// numbered in their order.
	speakers []speakers
	// What speaker k says is voices[ends[k]:ends[k+1]].
	voices []voice
	ends   []uint32
}

// speakers are the speakers among 64 items, and how many come before them.
type speakers struct {
	of     uint64
	before uint32
}

// voice is the share of a speaker in the score of the newcomer at place.
type voice struct {
	place uint32
	share float32
}

// index numbers the speakers and gathers what they say.
func (n *newcomers) index(items int) {
	n.speakers = make([]speakers, (items+63)/64)
	all := 0
	for _, c := range n.list {
		for _, a := range c.alike {
			n.speakers[a.item/64].of |= 1 << (a.item % 64)
		}
		all += len(c.alike)
	}
	total := uint32(0)
	for i := range n.speakers {
		n.speakers[i].before = total
		total += uint32(bits.OnesCount64(n.speakers[i].of))
	}
	n.ends = make([]uint32, total+1)
	for _, c := range n.list {
		for _, a := range c.alike {
			n.ends[n.number(a.item)+1]++
		}
	}
	for k := range total {
		n.ends[k+1] += n.ends[k]
	}
	n.voices = make([]voice, all)
	next := slices.Clone(n.ends)
	for place, c := range n.list {
		for _, a := range c.alike {
			k := n.number(a.item)
			n.voices[next[k]] = voice{uint32(place), a.share}
			next[k]++
		}
	}
}

// number is that of a speaker.
func (n *newcomers) number(speaker uint32) uint32 {
	w := &n.speakers[speaker/64]
	return w.before + uint32(bits.OnesCount64(w.of&(1<<(speaker%64)-1)))
}

// says is what a speaker says.
func (n *newcomers) says(speaker uint32) []voice {
	k := n.number(speaker)
	return n.voices[n.ends[k]:n.ends[k+1]]
}

// appendSpeakers appends those of items that speak for somebody. It does not branch
// on whether one does, which nobody can foretell.
func (n *newcomers) appendSpeakers(found, items []uint32) []uint32 {
	k := len(found)
	found = slices.Grow(found, len(items))[:k+len(items)]
	for _, item := range items {
		if w := int(item / 64); w < len(n.speakers) { // else it came later
			found[k] = item
			k += int(n.speakers[w].of >> (item % 64) & 1)
		}
	}
	return found[:k]
}

// alike is an item that can speak for a newcomer.
type alike struct {
	item  uint32
	share float32 // of the likeness; the shares of a newcomer sum to 1
}

const (
	maxNewcomers = 500
	maxAlikeOf   = 25
	// maxPosting passes over features that so many items share that they say
	// little.
	maxPosting = 2000
)

// features holds what items are described by: words of the title, category
// levels, family, brand, tags, price band.
type features struct {
	names    snapshot.Dict
	of       [][]uint32 // by item
	postings [][]uint32 // by feature, in no order
}

// put notes the features of an item, replacing the old ones.
func (f *features) put(item uint32, it *recommend.Item) {
	for len(f.of) <= int(item) {
		f.of = append(f.of, nil)
	}
	var ids []uint32
	for _, name := range describe(it) {
		id := f.names.Intern(name)
		for len(f.postings) <= int(id) {
			f.postings = append(f.postings, nil)
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, id := range f.of[item] {
		if !slices.Contains(ids, id) {
			last := len(f.postings[id]) - 1
			f.postings[id][slices.Index(f.postings[id], item)] = f.postings[id][last]
			f.postings[id] = f.postings[id][:last]
		}
	}
	for _, id := range ids {
		if !slices.Contains(f.of[item], id) {
			f.postings[id] = append(f.postings[id], item)
		}
	}
	f.of[item] = ids
}

// describe returns the features of an item by name.
func describe(it *recommend.Item) []string {
	var out []string
	// In a set order: sums of what features weigh are the same on every machine.
	for _, locale := range slices.Sorted(maps.Keys(it.Title)) {
		for _, w := range words(it.Title[locale]) {
			out = append(out, "w:"+w)
		}
	}
	for k := range it.Category {
		out = append(out, "c:"+strings.Join(it.Category[:k+1], "/"))
	}
	for _, t := range it.Tags {
		out = append(out, "t:"+t)
	}
	if it.Family != "" {
		out = append(out, "f:"+it.Family)
	}
	if it.Brand != "" {
		out = append(out, "b:"+it.Brand)
	}
	if it.Price.Amount > 0 {
		out = append(out, priceBand(it.Price)) // the last; alikeOf relies on it
	}
	return out
}

// pricePrefix starts the names of price bands.
const pricePrefix = "p:"

// priceBand names the band of a price: half an octave wide, so that 1,100 and
// 1,400 yen share one and 1,000 and 2,000 never do.
func priceBand(price recommend.Money) string {
	return pricePrefix + price.Currency + strconv.Itoa(int(math.Floor(2*math.Log2(float64(price.Amount)))))
}

// words splits a title: letters and digits for scripts with spaces, pairs of
// runes for Japanese, which has none.
func words(title string) []string {
	var out []string
	for _, field := range strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		runes := []rune(field)
		if runes[0] < 0x3000 {
			if len(runes) > 1 {
				out = append(out, field)
			}
			continue
		}
		for k := 0; k+1 < len(runes); k++ {
			out = append(out, string(runes[k:k+2]))
		}
	}
	return out
}

// search looks for the newest items that cannot speak for themselves yet, and for
// the items most like them among those that can.
type search struct {
	found    newcomers
	items    []uint32 // newest first
	next     int
	likeness map[uint32]float64
}

func (x *Index) newSearch() *search {
	s := &search{}
	cfg := x.cfg.Newcomers
	if cfg.Days < 0 || len(x.features.of) == 0 {
		return s
	}
	since := int64(x.day)*secondsPerDay - int64(cfg.Days)*secondsPerDay
	names := x.catalog.Snapshot()
	for i := range uint32(len(x.features.of)) {
		if int64(x.born[i]) >= since && len(x.features.of[i]) > 0 && !x.warm(i) && names.Eligible().Has(i) {
			s.items = append(s.items, i)
		}
	}
	slices.SortFunc(s.items, func(a, b uint32) int {
		if x.born[a] != x.born[b] {
			return cmp.Compare(x.born[b], x.born[a])
		}
		return byID(names, a, b)
	})
	s.items = s.items[:min(len(s.items), maxNewcomers)]
	s.likeness, s.found.place = make(map[uint32]float64), make(map[uint32]int)
	return s
}

// find goes on while more returns true and reports whether it is done.
func (x *Index) find(s *search, more func() bool) bool {
	names := x.catalog.Snapshot()
	for ; s.next < len(s.items); s.next++ {
		if !more() {
			return false
		}
		i := s.items[s.next]
		if a := x.alikeOf(i, s.likeness, names.Less); len(a) > 0 {
			s.found.place[i] = len(s.found.list)
			s.found.list = append(s.found.list, newcomer{i, a})
		}
	}
	if len(s.found.list) > 0 && s.found.ends == nil {
		s.found.index(names.Len())
	}
	return true
}

// warm reports whether enough people bought or viewed the item.
func (x *Index) warm(i uint32) bool {
	return x.counts.Single(cooccur.Customers, i) >= x.cfg.Newcomers.Buyers ||
		x.counts.Single(cooccur.Sessions, i) >= x.cfg.Newcomers.Sessions
}

// alikeOf finds the warm items with the greatest cosine of inverse-frequency
// weighted features. It is squared, so that items alike by chance, which are
// many, do not drown the few that are alike.
func (x *Index) alikeOf(item uint32, likeness map[uint32]float64, less func(a, b uint32) bool) []alike {
	clear(likeness)
	f := &x.features
	n := float64(len(f.of))
	idf := func(feature uint32) float64 { return math.Log(1 + n/float64(len(f.postings[feature]))) }
	for _, feature := range f.of[item] {
		posting := f.postings[feature]
		if len(posting) > maxPosting {
			continue
		}
		w := idf(feature)
		isPrice := strings.HasPrefix(f.names.Key(feature), pricePrefix)
		for _, other := range posting {
			if other == item || (isPrice && likeness[other] == 0) || !x.warm(other) {
				continue // a price, the last feature, makes nothing alike by itself
			}
			likeness[other] += w * w
		}
	}
	type scoredItem struct {
		item  uint32
		score float64
	}
	all := make([]scoredItem, 0, len(likeness))
	for other, dot := range likeness {
		norm := 0.0
		for _, feature := range f.of[other] {
			w := idf(feature)
			norm += w * w
		}
		all = append(all, scoredItem{other, dot * dot / norm})
	}
	slices.SortFunc(all, func(a, b scoredItem) int {
		switch {
		case a.score != b.score:
			return cmp.Compare(b.score, a.score)
		case less(a.item, b.item):
			return -1
		default:
			return 1
		}
	})
	all = all[:min(len(all), maxAlikeOf)]
	total := 0.0
	for _, a := range all {
		total += a.score
	}
	out := make([]alike, len(all))
	for k, a := range all {
		out[k] = alike{item: a.item, share: float32(a.score / total)}
	}
	return out
}

// scoreNewcomers gives every newcomer a share of what the items like it got. Those
// that have no score of their own wait in fresh: few of hundreds will be ranked. It
// returns the newcomer most worth a try, noItem when none is.
func (v *View) scoreNewcomers(s *scratch) scored {
	n := &v.newcomers
	s.speaking = n.appendSpeakers(s.speaking[:0], s.touched)
	// All scores are taken before any is given, and summed in double precision, so
	// that the order does not matter.
	var sums [maxNewcomers]float64 // by place
	for _, j := range s.speaking {
		score := float64(s.acc[j] + s.extraOf(j))
		for _, voice := range n.says(j) {
			sums[voice.place] += float64(voice.share) * score
		}
	}
	// Who was spoken for cannot be foretold either: see addUp.
	var found [maxNewcomers]uint16
	k := 0
	for place := range n.list {
		found[k] = uint16(place)
		if math.Float64bits(sums[place]) != 0 {
			k++
		}
	}
	best := scored{noItem, 0}
	share := float32(v.settings.Newcomers.Share)
	for _, place := range found[:k] {
		c := scored{n.list[place].item, share * float32(sums[place])}
		own := s.acc[c.item]
		if c.score <= own {
			continue // it does better by itself
		}
		if own == 0 && s.extraOf(c.item) == 0 {
			s.fresh = append(s.fresh, c)
		} else {
			s.arrive(c)
		}
		if c.score >= best.score && s.shows(c.item) &&
			(c.score > best.score || v.catalog.Less(c.item, best.item)) {
			best = c
		}
	}
	return best
}

// explores is how many new arrivals this visitor's lists of this day may hold.
func (v *View) explores(share float64, limit int, req *recommend.Request) int {
	places := share * float64(limit)
	whole := int(places)
	h := uint64(14695981039346656037) // FNV-1a: every replica and restart agrees
	for _, id := range [...]string{req.CustomerID, req.AnonymousID, req.SessionID} {
		for k := range len(id) {
			h = (h ^ uint64(id[k])) * 1099511628211
		}
	}
	h = (h ^ uint64(v.popular.day)) * 1099511628211
	if float64(h>>40)/(1<<24) < places-float64(whole) {
		whole++
	}
	return whole
}

func (v *View) isNewcomer(item uint32) bool {
	_, ok := v.newcomers.place[item]
	return ok
}

// mostAlike is the item a newcomer is most like.
func (v *View) mostAlike(item uint32) uint32 {
	return v.newcomers.list[v.newcomers.place[item]].alike[0].item
}
