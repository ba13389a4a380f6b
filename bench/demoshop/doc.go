// Package demoshop generates a shop: a catalog with Japanese and English
// titles, customers with tastes, and a year of GA4 events in which known
// structure is planted.
//
// It exists for two readers. A newcomer who starts the program with a demo
// shop should see at once that every answer makes sense, without bringing any
// data. A test should be able to ask for the truth behind the events, which no
// real shop can tell.
//
// # The shop
//
// A Japanese lifestyle store: phones, computers, audio, cameras, games, coffee,
// tea, kitchen, stationery, beauty, pets, baby, outdoor, home, seasonal goods
// and books. Brands are invented; prices are yen with tax. Ids can be read
// aloud ("phone-aozora-8-128", "case-aozora-8-clear"). The tables are the
// catalog_*.go files, one aisle each: a shelf is a leaf category, a row is a
// model, the most popular first, and a shelf with sizes sells every row in each
// of them as one item group. Only books are made by rule; their number fills
// the catalog up to Config.Items. Category paths are English; the attribute
// category_ja holds the same path in Japanese.
//
// # What is planted
//
// All of it is in Truth, with probabilities, and the tests of this package find
// it again in the raw events by plain counting:
//
//   - bonds: buyers of a main item take its accessories, three quarters in the
//     same order, the rest within ten days
//   - upgrades: those who came for A look at a better B of the family and leave
//     with it; owners of A come back for B after months
//   - cycles: consumables are bought again after a normally distributed number
//     of days (beans 21 ± 4, diapers 14 ± 2)
//   - sequels: readers of one volume buy the next
//   - seasons: fans, yukata and sun care in summer, umbrellas in the rainy
//     months, kotatsu in winter, gifts in December, by Japan's calendar
//   - trends: five items rise in the last two weeks
//   - arrivals: a few items nobody has seen yet
//   - sets: a few bundles of things that bonds tie together, at less than the sum of
//     their parts; no event knows them
//   - reductions: what has a list price has a price history too, and by it some may
//     show the former price, some not any more and some never could
//   - people: ten segments with their aisles, price ranges, cats or dogs; loyal,
//     one-time, dormant and new customers; visitors who log in later (an event
//     then carries both ids) and guests who never do
//   - personas: eight customers with a story, named in Truth
//
// Noise is everywhere: one visit in ten starts in a random aisle or at the
// phones whatever the taste, one order in eight has something in it that
// nothing explains, carts are left, one order in a hundred is refunded in part.
//
// # How it is made
//
// A simulation walks through 365 days, counted back from Config.End. Each day
// first does what earlier days planned (refills, accessories, first visits,
// personas' steps), then lets visitors come until the day has its share of the
// events. A visit arrives at an item by taste, drifts along the shelf, the
// family and the accessories, and may buy. Events come in time order with ids
// demo-000001, demo-000002, ...
//
// The same Config gives the same shop, byte for byte, on one architecture:
// nothing here reads a clock, a file or map order (other processors may round
// a logarithm differently). Seed changes popularity, people and what they do;
// ids, titles and prices stay, so stories and examples hold for every seed.
// Time grows with the events (150,000 in under a second), memory with the
// customers and one day.
//
// # Three questions to ask it
//
// What goes with this phone?
//
//	curl 'http://127.0.0.1:8080/related/phone-aozora-8-128?kind=bought_together&limit=5&explain=true&locale=en&fields=title,price'
//
// Expected: film-aozora-8 first (planted in 45 % of the purchases), then the
// clear case (30 %), phone care, the 20 W charger and the 20 GB data plan (18 to
// 20 % each); no other phone, for phones are looked at together, not bought
// together.
//
// What does somebody need who brews coffee by hand?
//
//	curl 'http://127.0.0.1:8080/recommend?customer_id=c-coffee&limit=5&explain=true&locale=en&fields=title,price'
//
// Expected: coffee and nothing else. The Ethiopia beans come every 21 days and
// the last bag was 20 days ago, so where buying again is allowed they are due;
// new to this customer are the cone paper filters, which belong to the dripper
// (60 %) and to the beans (18 %) and were never bought, and a grinder, looked at
// last week.
//
// What is rising?
//
//	curl 'http://127.0.0.1:8080/popular?window=10d&trending=true&limit=5&locale=en&fields=title'
//
// Expected: the five planted items (mug-sora, keyboard-split, serum-vitc,
// speaker-mini, game-ramen-tycoon) at or near the top; the bestsellers of the
// year (chargers, paper goods, tea) are not here.
//
// More to try: c-newphone bought that phone yesterday and has nothing to
// protect it; c-newparent moved on to size S and has no wipes; c-cat must never
// see dog food; c-photo looks at the better camera for the third time; c-away
// has been silent for half a year.
package demoshop
