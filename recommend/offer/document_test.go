package offer

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
)

// full is an offer that uses every field.
func full() Offer {
	jst := time.FixedZone("", 9*60*60)
	return Offer{
		ID: "spring", Status: Active, Type: Points,
		StartsAt: time.Date(2026, 4, 1, 0, 0, 0, 0, jst), EndsAt: time.Date(2026, 5, 1, 0, 0, 0, 0, jst),
		Channels: []string{"web", "app"}, Surfaces: []string{"cart"}, Consent: []string{"personalization"},
		Condition: "cart.total > 0", ItemID: "phone", Bundle: &Bundle{ItemIDs: []string{"phone", "case"}, PriceYen: 81900},
		Caps: Caps{PerCustomerDay: 1, PerCustomerTotal: 3, CooldownHours: 24}, Budget: Budget{MaxRedemptions: 100, MaxYen: 50000},
		Value: Value{Yen: 400, Points: 500}, MarginYen: 900, Priority: 50, ExclusivityGroup: "coupon", HoldoutBP: 1000,
		Text: recommend.Text{"ja": "春の500ポイント", "en": "500 points for spring"}, Version: 7,
	}
}

func TestJSONRoundTrip(t *testing.T) {
	for name, o := range map[string]Offer{
		"every field": full(),
		"few":         {ID: "x", Status: Draft, Type: Message},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := o.JSON()
			if err != nil {
				t.Fatal(err)
			}
			got, err := Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(o, got); diff != "" {
				t.Errorf("offer (-want +got):\n%s", diff)
			}
		})
	}
	o := full()
	text, err := o.JSON()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"spring","status":"active","type":"points","starts_at":"2026-04-01T00:00:00+09:00","ends_at":"2026-05-01T00:00:00+09:00",` +
		`"channels":["web","app"],"surfaces":["cart"],"consent":["personalization"],"condition":"cart.total > 0","item_id":"phone",` +
		`"bundle":{"item_ids":["phone","case"],"price_yen":81900},"caps":{"per_customer_day":1,"per_customer_total":3,"cooldown_hours":24},` +
		`"budget":{"max_redemptions":100,"max_yen":50000},"value":{"yen":400,"points":500},"margin_yen":900,"priority":50,"exclusivity_group":"coupon","holdout_bp":1000,` +
		`"text":{"en":"500 points for spring","ja":"春の500ポイント"},"version":7}`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

func TestParseRefuses(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"nothing":              {"", "body: must not be empty"},
		"a list":               {"[]", "body: must be an object, got an array"},
		"null":                 {"null", "body: must be an object, got null"},
		"half":                 {`{"id":"x"`, "body: is not valid JSON"},
		"something after":      {`{"id":"x"} {}`, "is not valid JSON"},
		"unknown field":        {`{"id":"x","colour":1}`, "colour: is not a known field; known are id, status, type, starts_at"},
		"unknown field within": {`{"id":"x","caps":{"per_day":1}}`, "caps.per_day: is not a known field; known are per_customer_day, per_customer_total, cooldown_hours"},
		"another letter case":  {`{"ID":"x"}`, "ID: is not a known field"},
		"twice":                {`{"id":"x","id":"y"}`, "id: is given twice"},
		"wrong type":           {`{"priority":"high"}`, "priority: must be a whole number"},
		"broken number":        {`{"caps":{"cooldown_hours":1.5}}`, "caps.cooldown_hours: must be a whole number"},
		"number in a list":     {`{"channels":["web",5]}`, "channels[1]: must be a string"},
		"not a list":           {`{"channels":"web"}`, "channels: must be an array"},
		"not an object":        {`{"budget":5}`, "budget: must be an object"},
		"text as a string":     {`{"text":"hello"}`, "text: must be an object"},
		"no time":              {`{"ends_at":"tomorrow"}`, "ends_at: must be an RFC 3339 time"},
		"time as a number":     {`{"ends_at":5}`, "ends_at: must be an RFC 3339 time"},
		"a cap of nought":      {`{"caps":{"per_customer_day":0}}`, "caps.per_customer_day: must be at least 1; leave it out for none"},
		"a budget of nought":   {`{"budget":{"max_yen":0}}`, "budget.max_yen: must be at least 1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(tt.text))
			if recommend.CodeOf(err) != recommend.CodeInvalid || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	now := time.Date(2026, 3, 15, 3, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		change func(*Offer)
		want   string // "": valid
	}{
		"every field":              {func(*Offer) {}, ""},
		"least":                    {func(o *Offer) { *o = Offer{ID: "x", Status: Draft, Type: Message, Text: recommend.Text{"en": "hi"}} }, ""},
		"no id":                    {func(o *Offer) { o.ID = "" }, "id: is required"},
		"id with a slash":          {func(o *Offer) { o.ID = "a/b" }, "id: must not contain /"},
		"id with a line break":     {func(o *Offer) { o.ID = "a\nb" }, "id: must not contain control"},
		"no such status":           {func(o *Offer) { o.Status = "live" }, "status: must be draft, active, paused or archived"},
		"no such type":             {func(o *Offer) { o.Type = "coupon" }, "type: must be discount"},
		"ends before it starts":    {func(o *Offer) { o.EndsAt = o.StartsAt.Add(-time.Hour) }, "ends_at: must be after starts_at"},
		"ends as it starts":        {func(o *Offer) { o.EndsAt = o.StartsAt }, "ends_at: must be after starts_at"},
		"past":                     {func(o *Offer) { o.StartsAt, o.EndsAt = time.Time{}, now }, "ends_at: is past"},
		"past and archived":        {func(o *Offer) { o.StartsAt, o.EndsAt, o.Status = time.Time{}, now, Archived }, ""},
		"about to end":             {func(o *Offer) { o.StartsAt, o.EndsAt = time.Time{}, now.Add(time.Second) }, ""},
		"channel twice":            {func(o *Offer) { o.Channels = []string{"web", "web"} }, "channels[1]: \"web\" is there twice"},
		"empty surface":            {func(o *Offer) { o.Surfaces = []string{""} }, "surfaces[0]: must not be empty"},
		"too many channels":        {func(o *Offer) { o.Channels = make([]string, 51) }, "channels: at most 50 entries"},
		"no such consent":          {func(o *Offer) { o.Consent = []string{"email"} }, "consent[0]: must be one of personalization, analytics, email_marketing, push, got \"email\""},
		"condition":                {func(o *Offer) { o.Condition = "cart.totl > 0" }, "condition: line 1, column 1: unknown variable cart.totl; did you mean cart.total?"},
		"costly condition":         {func(o *Offer) { o.Condition = "cart.item_ids.all(a, cart.item_ids.all(b, a == b))" }, "condition: may take"},
		"no condition":             {func(o *Offer) { o.Condition = "" }, ""},
		"item without an id":       {func(o *Offer) { o.Type, o.ItemID = ItemShow, "" }, "item_id: is required for type item"},
		"points without points":    {func(o *Offer) { o.Value.Points = 0 }, "value.points: is required"},
		"bundle of one":            {func(o *Offer) { o.Bundle.ItemIDs = []string{"a"} }, "bundle.item_ids: must be 2 to 4 items, got 1"},
		"bundle of five":           {func(o *Offer) { o.Bundle.ItemIDs = []string{"a", "b", "c", "d", "e"} }, "bundle.item_ids: must be 2 to 4 items, got 5"},
		"bundle of one thing":      {func(o *Offer) { o.Bundle.ItemIDs = []string{"a", "b", "a"} }, "bundle.item_ids[2]: a is there twice"},
		"negative bundle price":    {func(o *Offer) { o.Bundle.PriceYen = -1 }, "bundle.price_yen: must not be negative"},
		"negative cap":             {func(o *Offer) { o.Caps.PerCustomerTotal = -1 }, "caps.per_customer_total: must not be negative, got -1"},
		"more a day than in all":   {func(o *Offer) { o.Caps.PerCustomerDay = 4 }, "caps.per_customer_day: must be at most per_customer_total of 3, got 4"},
		"endless cool-down":        {func(o *Offer) { o.Caps.CooldownHours = 2161 }, "caps.cooldown_hours: must be between 0 and 2160"},
		"negative budget":          {func(o *Offer) { o.Budget.MaxRedemptions = -5 }, "budget.max_redemptions: must not be negative, got -5"},
		"negative yen":             {func(o *Offer) { o.Budget.MaxYen = -5 }, "budget.max_yen: must not be negative"},
		"budget without a cost":    {func(o *Offer) { o.Type, o.Value = Message, Value{} }, "value.yen: is required with budget.max_yen"},
		"budget below one":         {func(o *Offer) { o.Budget.MaxYen = 399 }, "budget.max_yen: must cover one redemption of 400 yen"},
		"points cost a yen each":   {func(o *Offer) { o.Value.Yen, o.Budget.MaxYen = 0, 499 }, "budget.max_yen: must cover one redemption of 500 yen"},
		"margin":                   {func(o *Offer) { o.MarginYen = -1 }, "margin_yen: must not be negative"},
		"priority":                 {func(o *Offer) { o.Priority = 1_000_001 }, "priority: must be between -1000000 and 1000000"},
		"holdout of more than all": {func(o *Offer) { o.HoldoutBP = 10_001 }, "holdout_bp: must be between 0 and 10000, got 10001"},
		"negative holdout":         {func(o *Offer) { o.HoldoutBP = -1 }, "holdout_bp: must not be negative"},
		"no text":                  {func(o *Offer) { o.Text = nil }, "text: is required"},
		"blank text":               {func(o *Offer) { o.Text = recommend.Text{"ja": " "} }, "text.ja: must not be empty"},
		"text in French":           {func(o *Offer) { o.Text["fr"] = "salut" }, "text: must be in ja or en, got \"fr\""},
		"long text":                {func(o *Offer) { o.Text["ja"] = strings.Repeat("あ", 2000) }, "text.ja: must be at most 4096 bytes, got 6000"},
		"text with a bell":         {func(o *Offer) { o.Text["ja"] = "a\a" }, "text.ja: must not contain control characters"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := full()
			tt.change(&o)
			err := o.Validate(now)
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("error %v, want none", err)
			case tt.want != "" && (recommend.CodeOf(err) != recommend.CodeInvalid || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestStatusCanBecome(t *testing.T) {
	all := []Status{Draft, Active, Paused, Archived}
	want := map[Status][]Status{
		Draft: {Draft, Active, Archived}, Active: {Active, Paused, Archived},
		Paused: {Active, Paused, Archived}, Archived: {Archived},
	}
	for _, from := range all {
		var got []Status
		for _, to := range all {
			if from.CanBecome(to) {
				got = append(got, to)
			}
		}
		if diff := cmp.Diff(want[from], got); diff != "" {
			t.Errorf("from %s (-want +got):\n%s", from, diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	o := full()
	text, err := o.JSON()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"id":"x","text":{"ja":"a"},"bundle":{"item_ids":[]}}`))
	f.Add([]byte(`{"caps":{"per_customer_day":-9223372036854775808},"starts_at":"9999-12-31T23:59:59Z"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := Parse(text)
		if err != nil {
			if recommend.CodeOf(err) != recommend.CodeInvalid {
				t.Fatalf("error %v is not the caller's", err)
			}
			return
		}
		again, err := o.JSON()
		if err != nil {
			return // a year that RFC 3339 has no room for
		}
		second, err := Parse(again)
		if err != nil {
			t.Fatalf("%s does not parse: %v", again, err)
		}
		third, err := second.JSON()
		if err != nil || string(third) != string(again) {
			t.Fatalf("%s became %s, %v", again, third, err)
		}
	})
}
