package demoshop

import (
	"fmt"
	"math"
	"math/rand/v2"

	"osusume/recommend"
)

// segment is a kind of customer by what they come for.
type segment struct {
	name   string
	title  recommend.Text
	share  float64
	tastes []taste
}

type taste struct {
	aisle string
	share float64
}

func segments() []segment {
	return []segment{
		{"gadget-fans", recommend.Text{"ja": "ガジェット好き", "en": "Gadget fans"}, .19, []taste{{"phones", .6}, {"audio", .2}, {"computers", .2}}},
		{"gamers", recommend.Text{"ja": "ゲーマー", "en": "Gamers"}, .11, []taste{{"games", .6}, {"computers", .25}, {"books", .15}}},
		{"coffee-lovers", recommend.Text{"ja": "コーヒー好き", "en": "Coffee lovers"}, .11, []taste{{"coffee", .75}, {"kitchen", .15}, {"books", .1}}},
		{"parents", recommend.Text{"ja": "子育て家庭", "en": "Parents"}, .12, []taste{{"baby", .65}, {"home", .25}, {"books", .1}}},
		{"pet-owners", recommend.Text{"ja": "ペットと暮らす人", "en": "Pet owners"}, .1, []taste{{"pets", .7}, {"home", .3}}},
		{"photographers", recommend.Text{"ja": "写真好き", "en": "Photographers"}, .08, []taste{{"cameras", .7}, {"outdoor", .2}, {"computers", .1}}},
		{"skin-care", recommend.Text{"ja": "美容好き", "en": "Skin care fans"}, .09, []taste{{"beauty", .7}, {"tea", .2}, {"home", .1}}},
		{"home-cooks", recommend.Text{"ja": "料理好き", "en": "Home cooks"}, .09, []taste{{"kitchen", .6}, {"tea", .2}, {"home", .2}}},
		{"campers", recommend.Text{"ja": "キャンプ好き", "en": "Campers"}, .06, []taste{{"outdoor", .75}, {"coffee", .15}, {"cameras", .1}}},
		{"writers", recommend.Text{"ja": "文房具・本好き", "en": "Writers and readers"}, .05, []taste{{"stationery", .55}, {"books", .35}, {"tea", .1}}},
	}
}

// habit is how a customer comes and goes.
type habit uint8

const (
	regular  habit = iota
	loyal          // comes often, re-buys without fail
	oneTime        // one order, never seen again
	dormant        // stopped at least 120 days before the end
	newcomer       // first came in the last 30 days
	scripted       // a persona: does what the story says and nothing else
)

// person is a customer or, with an empty id, somebody who never says who
// they are.
type person struct {
	id, anonymousID string
	segment         int
	habit           habit
	aisles          picker  // by taste
	thrift          float64 // preferred price quantile, 0 to 1
	pet             string
	activity        float64
	from, until     int     // days of the year, until excluded
	keen            float64 // chance to re-buy when a consumable runs out
}

// dormantDays is how long a dormant customer has been away at least, and
// newcomerDays how long ago the newest ones came at most.
const (
	dormantDays  = 120
	newcomerDays = 30
)

// crowd makes n customers, the personas first.
func crowd(rng *rand.Rand, n int, halls []hall) []person {
	people := make([]person, 0, n)
	for _, p := range personas() {
		people = append(people, person{
			id: p.id, anonymousID: "a-" + p.id, segment: segmentIndex(p.segment), habit: scripted, until: Days,
		})
	}
	segs := segments()
	indices, shares := make([]int, len(segs)), make([]float64, len(segs))
	for i := range segs {
		indices[i], shares[i] = i, segs[i].share
	}
	bySegment := newPicker(indices, shares)
	for i := len(people); i < n; i++ {
		p := newPerson(rng, bySegment.draw(rng), halls)
		p.id = fmt.Sprintf("c-%05d", i-len(personas())+1)
		p.anonymousID = fmt.Sprintf("a-%05d", i-len(personas())+1)
		people = append(people, p)
	}
	return people
}

// newPerson draws everything but the ids.
func newPerson(rng *rand.Rand, seg int, halls []hall) person {
	p := person{
		segment: seg, aisles: tastes(seg, halls), thrift: rng.Float64(), pet: "cat",
		activity: math.Exp(0.7 * rng.NormFloat64()), keen: 0.15 + 0.35*rng.Float64(), until: Days,
	}
	if rng.Float64() < 0.5 {
		p.pet = "dog"
	}
	switch x := rng.Float64(); {
	case x < 0.27:
		p.habit, p.activity = oneTime, 0
		p.from = rng.IntN(Days - 1)
		p.until = p.from + 1
	case x < 0.43:
		p.habit = dormant
		p.from = rng.IntN(Days - dormantDays - 60)
		p.until = p.from + 30 + rng.IntN(Days-dormantDays-p.from-30)
	case x < 0.50:
		p.habit = newcomer
		p.from = Days - 1 - rng.IntN(newcomerDays)
	case x < 0.62:
		p.habit, p.keen = loyal, 0.82
		p.activity *= 3
		p.from = rng.IntN(120)
	default:
		p.from = rng.IntN(300)
	}
	return p
}

func tastes(seg int, halls []hall) picker {
	list := segments()[seg].tastes
	var members []int
	var shares []float64
	for _, t := range list {
		for h := range halls {
			if halls[h].name == t.aisle {
				members, shares = append(members, h), append(shares, t.share)
			}
		}
	}
	return newPicker(members, shares)
}

func segmentIndex(name string) int {
	for i, s := range segments() {
		if s.name == name {
			return i
		}
	}
	panic("demoshop: no segment " + name)
}
