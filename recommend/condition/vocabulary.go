package condition

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Scope says what a condition is written for, and so what it may ask.
type Scope uint8

// The scopes.
const (
	// Offer conditions ask about the customer, the cart, the item the page is
	// about, the channel and the time.
	Offer Scope = 1 << iota
	// Rule conditions ask the same; the item is each candidate in turn.
	Rule
	// Segment conditions ask about a customer and the day alone, so that
	// everyone with the same profile is in the same segments everywhere.
	Segment
)

// String names the scope in messages.
func (s Scope) String() string {
	switch s {
	case Offer:
		return "offer"
	case Rule:
		return "rule"
	case Segment:
		return "segment"
	default:
		return "scope " + strconv.Itoa(int(s))
	}
}

// Variable is one word of the vocabulary.
type Variable struct {
	Name string
	// Type is CEL's: string, int, double, bool, timestamp, list(string),
	// map(string, string) and so on.
	Type string
	// Scopes are the scopes that may use it, or-ed.
	Scopes Scope
	// Values are all a text may be, nil when anything. "unknown" goes without
	// saying.
	Values []string
	Doc    string
}

// In reports whether a condition of scope may use the variable.
func (v *Variable) In(scope Scope) bool { return v.Scopes&scope != 0 }

// variable is a Variable and how to read it.
type variable struct {
	Variable
	typ  *types.Type
	most uint64 // elements a list or map may have
	// read returns nil for unknown.
	read func(*Input) ref.Val
}

// The largest sizes the static cost counts with.
const (
	maxTextBytes = 256
	maxEntries   = 200
	maxCartLines = 200
)

// Unknown is what a text variable that is not known is equal to.
const Unknown = "unknown"

const (
	anywhere = Offer | Rule | Segment
	onPages  = Offer | Rule
)

// vocabulary is every variable by ascending name, and where each stands.
type vocabulary struct {
	variables []variable
	places    map[string]int
}

// words returns the vocabulary, made once.
var words = sync.OnceValue(func() *vocabulary {
	v := &vocabulary{variables: slices.Concat(customerVariables(), cartVariables(), itemVariables(), placeVariables())}
	slices.SortFunc(v.variables, func(a, b variable) int { return strings.Compare(a.Name, b.Name) })
	v.places = make(map[string]int, len(v.variables))
	for i := range v.variables {
		w := &v.variables[i]
		w.Type = w.typ.String()
		v.places[w.Name] = i
	}
	return v
})

// Variables returns the whole vocabulary by ascending name.
func Variables() []Variable {
	w := words()
	out := make([]Variable, len(w.variables))
	for i := range w.variables {
		out[i] = w.variables[i].Variable
		out[i].Values = slices.Clone(out[i].Values)
	}
	return out
}

func customerVariables() []variable {
	text := func(name, doc string, read func(*Customer) string, values ...string) variable {
		return variable{
			Variable: Variable{Name: "customer." + name, Scopes: anywhere, Values: values, Doc: doc},
			typ:      types.StringType,
			read:     ofCustomer(func(c *Customer) ref.Val { return textValue(read(c)) }),
		}
	}
	count := func(name, doc string, read func(*Customer) Maybe[int64]) variable {
		return variable{
			Variable: Variable{Name: "customer." + name, Scopes: anywhere, Doc: doc},
			typ:      types.IntType,
			read:     ofCustomer(func(c *Customer) ref.Val { return intValue(read(c)) }),
		}
	}
	number := func(name, doc string, read func(*Customer) Maybe[float64]) variable {
		return variable{
			Variable: Variable{Name: "customer." + name, Scopes: anywhere, Doc: doc},
			typ:      types.DoubleType,
			read:     ofCustomer(func(c *Customer) ref.Val { return doubleValue(read(c)) }),
		}
	}
	list := func(name, doc string, read func(*Customer) ref.Val) variable {
		return variable{
			Variable: Variable{Name: "customer." + name, Scopes: anywhere, Doc: doc},
			typ:      types.NewListType(types.StringType), most: maxEntries,
			read: ofCustomer(read),
		}
	}
	segments := list("segments", "ids of the segments the customer is in", func(c *Customer) ref.Val { return computedList(c.Segments) })
	segments.Scopes = onPages // a segment made of segments would have no order to be computed in
	return []variable{
		{
			Variable: Variable{Name: "customer.known", Scopes: anywhere, Doc: "whether the shop knows who this is; never unknown"},
			typ:      types.BoolType,
			read:     func(in *Input) ref.Val { return types.Bool(in.Customer != nil) },
		},
		text("id", "customer id", func(c *Customer) string { return c.ID }),
		text("gender", "as the shop states it", func(c *Customer) string { return c.Gender }),
		text("region", "ISO 3166-2, such as JP-13", func(c *Customer) string { return c.Region }),
		text("locale", "such as ja", func(c *Customer) string { return c.Locale }),
		count("age", "full years", func(c *Customer) Maybe[int64] { return c.Age }),
		list("tags", "as the shop states them", func(c *Customer) ref.Val { return statedList(c.Tags, maxEntries) }),
		list("consents", "kinds of consent given now, such as email_marketing", func(c *Customer) ref.Val { return statedList(c.Consents, maxEntries) }),
		segments,
		text("tier", "id of the loyalty tier", func(c *Customer) string { return c.Tier }),
		count("tier_gap_yen", "yen still to spend for the next tier", func(c *Customer) Maybe[int64] { return c.TierGapYen }),
		count("points", "balance of loyalty points", func(c *Customer) Maybe[int64] { return c.Points }),
		count("birthday_offset_days", "days since the nearest birthday, negative before it, in the shop's zone", func(c *Customer) Maybe[int64] { return c.BirthdayOffset }),
		count("anniversary_offset_days", "days since the nearest of all anniversaries, negative before it", nearestAnniversary),
		{
			Variable: Variable{Name: "customer.anniversaries", Scopes: anywhere, Doc: "days since the nearest anniversary of each name, negative before it"},
			typ:      types.NewMapType(types.StringType, types.IntType), most: maxEntries,
			read: ofCustomer(func(c *Customer) ref.Val { return mapValue(c.Anniversaries) }),
		},
		count("orders", "orders ever", func(c *Customer) Maybe[int64] { return c.Orders }),
		count("days_since_first_order", "calendar days in the shop's zone", func(c *Customer) Maybe[int64] { return c.DaysSinceFirst }),
		count("days_since_last_order", "calendar days in the shop's zone", func(c *Customer) Maybe[int64] { return c.DaysSinceLast }),
		list("last_order_categories", "every level of the category paths of the last order's items", func(c *Customer) ref.Val { return computedList(c.LastCategories) }),
		count("rfm.r", "recency, 1 to 5", func(c *Customer) Maybe[int64] { return c.R }),
		count("rfm.f", "frequency, 1 to 5", func(c *Customer) Maybe[int64] { return c.F }),
		count("rfm.m", "money, 1 to 5", func(c *Customer) Maybe[int64] { return c.M }),
		text("rfm.group", "name of the RFM group", func(c *Customer) string { return c.RFMGroup },
			"ACTIVE", "ALMOST_LOST", "AT_RISK", "CHAMPIONS", "DORMANT", "LOYAL", "NEEDS_ATTENTION", "NEW", "PREVIOUSLY_LOYAL", "PROMISING", "PROSPECTS"),
		text("lifecycle", "stage of the customer's life", func(c *Customer) string { return c.Lifecycle },
			"new", "active", "at_risk", "dormant"),
		number("churn_risk", "0 to 1", func(c *Customer) Maybe[float64] { return c.ChurnRisk }),
		number("p_alive", "probability of being a customer still, 0 to 1", func(c *Customer) Maybe[float64] { return c.PAlive }),
		number("p_repeat_90d", "probability of an order in the next 90 days, 0 to 1", func(c *Customer) Maybe[float64] { return c.PRepeat90d }),
		number("clv_12m", "expected value of the next twelve months, yen", func(c *Customer) Maybe[float64] { return c.CLV12m }),
		number("expected_gap_days", "expected days between orders", func(c *Customer) Maybe[float64] { return c.ExpectedGapDays }),
		{
			Variable: Variable{Name: "customer.price_affinity", Scopes: anywhere, Doc: "usual price percentile by item family, 0 to 1"},
			typ:      types.NewMapType(types.StringType, types.DoubleType), most: maxEntries,
			read: ofCustomer(func(c *Customer) ref.Val { return mapValue(c.PriceAffinity) }),
		},
	}
}

func cartVariables() []variable {
	of := func(name, doc string, typ *types.Type, read func(*Cart) ref.Val) variable {
		return variable{
			Variable: Variable{Name: "cart." + name, Scopes: onPages, Doc: doc},
			typ:      typ, most: maxCartLines,
			read: func(in *Input) ref.Val {
				if in.Cart == nil {
					return nil
				}
				return read(in.Cart)
			},
		}
	}
	texts := types.NewListType(types.StringType)
	return []variable{
		of("total", "sum of the cart, tax included, in yen or the currency's minor unit", types.IntType, func(c *Cart) ref.Val { return types.Int(c.Total) }),
		of("count", "pieces in the cart", types.IntType, func(c *Cart) ref.Val { return types.Int(c.Count) }),
		of("item_ids", "ids of the items in the cart", texts, func(c *Cart) ref.Val { return statedList(c.ItemIDs, maxCartLines) }),
		of("categories", "every level of the items' category paths", texts, func(c *Cart) ref.Val { return statedList(c.Categories, maxCartLines) }),
	}
}

func itemVariables() []variable {
	of := func(name, doc string, typ *types.Type, read func(*Item) ref.Val, values ...string) variable {
		return variable{
			Variable: Variable{Name: "item." + name, Scopes: onPages, Values: values, Doc: doc},
			typ:      typ, most: maxEntries,
			read: func(in *Input) ref.Val {
				if in.Item == nil {
					return nil
				}
				return read(in.Item)
			},
		}
	}
	texts := types.NewListType(types.StringType)
	return []variable{
		of("id", "item id", types.StringType, func(it *Item) ref.Val { return textValue(it.ID) }),
		of("group_id", "what joins the variants of one item", types.StringType, func(it *Item) ref.Val { return textValue(it.GroupID) }),
		of("family", "what joins the models of one line", types.StringType, func(it *Item) ref.Val { return textValue(it.Family) }),
		of("brand", "brand", types.StringType, func(it *Item) ref.Val { return textValue(it.Brand) }),
		of("role", "part the item plays in a sale", types.StringType, func(it *Item) ref.Val { return textValue(it.Role) },
			"main", "accessory", "consumable", "plan"),
		of("category", "category path, root first", texts, func(it *Item) ref.Val { return statedList(it.Category, maxEntries) }),
		of("tags", "tags", texts, func(it *Item) ref.Val { return statedList(it.Tags, maxEntries) }),
		of("price", "price, tax included, in yen or the currency's minor unit", types.IntType, func(it *Item) ref.Val { return intValue(it.Price) }),
		of("stock", "pieces in stock; unknown when not counted", types.IntType, func(it *Item) ref.Val { return intValue(it.Stock) }),
		of("rating", "average rating", types.DoubleType, func(it *Item) ref.Val { return doubleValue(it.Rating) }),
		of("attributes", "attributes by name", types.NewMapType(types.StringType, types.StringType), func(it *Item) ref.Val { return mapValue(it.Attributes) }),
	}
}

func placeVariables() []variable {
	timed := func(name, doc string, scopes Scope, typ *types.Type, read func(time.Time) ref.Val, values ...string) variable {
		return variable{
			Variable: Variable{Name: name, Scopes: scopes, Values: values, Doc: doc},
			typ:      typ,
			read: func(in *Input) ref.Val {
				if in.Now.IsZero() {
					return nil
				}
				zone := in.Zone
				if zone == nil {
					zone = time.UTC
				}
				return read(in.Now.In(zone))
			},
		}
	}
	return []variable{
		{
			Variable: Variable{Name: "channel", Scopes: onPages, Doc: "web, app, email, push ... as the caller names it"},
			typ:      types.StringType,
			read:     func(in *Input) ref.Val { return textValue(in.Channel) },
		},
		{
			Variable: Variable{Name: "surface", Scopes: onPages, Doc: "product, cart, account ... as the caller names it"},
			typ:      types.StringType,
			read:     func(in *Input) ref.Val { return textValue(in.Surface) },
		},
		timed("now", "the time of the question", anywhere, types.TimestampType, func(t time.Time) ref.Val { return types.Timestamp{Time: t} }),
		timed("date", "the day in the shop's zone, such as 2026-03-15", anywhere, types.StringType, func(t time.Time) ref.Val { return types.String(t.Format(time.DateOnly)) }),
		timed("hour", "the hour in the shop's zone, 0 to 23", onPages, types.IntType, func(t time.Time) ref.Val { return types.Int(t.Hour()) }),
		timed("weekday", "the day of the week in the shop's zone", onPages, types.StringType, func(t time.Time) ref.Val { return types.String(weekdays[t.Weekday()]) },
			weekdays[:]...),
	}
}

var weekdays = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func ofCustomer(read func(*Customer) ref.Val) func(*Input) ref.Val {
	return func(in *Input) ref.Val {
		if in.Customer == nil {
			return nil
		}
		return read(in.Customer)
	}
}

func nearestAnniversary(c *Customer) Maybe[int64] {
	var nearest Maybe[int64]
	for _, days := range c.Anniversaries {
		if !nearest.Known || closer(days, nearest.Value) {
			nearest = Known(days)
		}
	}
	return nearest
}

// closer reports whether offset a is nearer to its day than b; of two equally
// near the one past counts as nearer.
func closer(a, b int64) bool {
	x, y := max(a, -a), max(b, -b)
	return x < y || x == y && a > b
}
