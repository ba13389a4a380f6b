package api

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"osusume/recommend"
)

// query reads the parameters of one request strictly: each is asked for by
// name, and finish refuses those nobody asked for. The first error is kept and
// the readers after it return zero values. It has room for any sensible request,
// so that reading one takes no memory of its own.
type query struct {
	params []param
	known  []string
	err    error

	roomForParams [16]param
	roomForKnown  [32]string
}

// param is one parameter as it was sent.
type param struct{ name, value string }

func newQuery(r *http.Request) *query {
	q := &query{}
	q.read(r.URL.RawQuery)
	return q
}

// read starts on the parameters of raw.
func (q *query) read(raw string) {
	q.params, q.known, q.err = q.roomForParams[:0], q.roomForKnown[:0], nil
	for rest := raw; rest != ""; {
		var pair string
		pair, rest, _ = strings.Cut(rest, "&")
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		var p param
		var errName, errValue error
		p.name, errName = url.QueryUnescape(name)
		p.value, errValue = url.QueryUnescape(value)
		// Semicolons once separated parameters, too; guessing which was meant
		// would let a request mean two things (as net/url has it).
		switch {
		case errName != nil, errValue != nil, strings.Contains(pair, ";"):
			q.fail(recommend.Invalid("query", "is not a valid query string"))
			return
		case len(q.params) == maxParams:
			q.fail(recommend.Invalid("query", "must hold at most %d parameters", maxParams))
			return
		}
		q.params = append(q.params, p)
	}
}

// maxParams bounds the parameters of a request, repeated ones included.
const maxParams = 2000

func (q *query) fail(err error) {
	if q.err == nil {
		q.err = err
	}
}

// one returns the value of a parameter that may be given once.
func (q *query) one(name string) (value string, given bool) {
	q.known = append(q.known, name)
	for i := range q.params {
		if q.params[i].name != name {
			continue
		}
		if given {
			q.fail(recommend.Invalid(name, "must be given once"))
			return "", false
		}
		value, given = q.params[i].value, true
	}
	return value, given
}

// given reports whether a parameter is there.
func (q *query) given(name string) bool {
	for i := range q.params {
		if q.params[i].name == name {
			return true
		}
	}
	return false
}

// id reads an external id. An empty value is the same as none: storefronts fill
// one template for visitors with and without a login.
func (q *query) id(name string) string {
	value, _ := q.one(name)
	if value == "" {
		return ""
	}
	if err := recommend.ValidateID(name, value); err != nil {
		q.fail(err)
		return ""
	}
	return value
}

// list reads a parameter that may be repeated, split at commas if commas. Not
// more than most values are taken.
func (q *query) list(name string, commas bool, most int) []string {
	q.known = append(q.known, name)
	var out []string
	for i := range q.params {
		if q.params[i].name != name {
			continue
		}
		for more, rest := true, q.params[i].value; more; {
			part := rest
			if commas {
				part, rest, more = strings.Cut(rest, ",")
			} else {
				more = false
			}
			if err := recommend.ValidateID(name, part); err != nil {
				q.fail(err)
				return nil
			}
			out = append(out, part)
		}
	}
	if len(out) > most {
		q.fail(recommend.Invalid(name, "at most %d values, got %d", most, len(out)))
		return nil
	}
	return out
}

// fields reads names of catalog fields, repeated or split at commas, into f. The
// errors are those of list first and of fieldSet.add then.
func (q *query) fields(name string, f *fieldSet) {
	q.known = append(q.known, name)
	given, fault := 0, error(nil)
	for i := range q.params {
		if q.params[i].name != name {
			continue
		}
		for part := range strings.SplitSeq(q.params[i].value, ",") {
			if err := recommend.ValidateID(name, part); err != nil {
				q.fail(err)
				return
			}
			if err := f.add(name, part); err != nil && fault == nil {
				fault = err
			}
			given++
		}
	}
	if given > len(fieldNames) {
		q.fail(recommend.Invalid(name, "at most %d values, got %d", len(fieldNames), given))
		return
	}
	if fault != nil {
		q.fail(fault)
	}
}

// flag reads true or false; absent is false.
func (q *query) flag(name string) bool { return q.flagOr(name, false) }

// flagOr reads true or false; absent is fallback.
func (q *query) flagOr(name string, fallback bool) bool {
	value, given := q.one(name)
	switch {
	case !given:
		return fallback
	case value == "false":
		return false
	case value == "true":
		return true
	default:
		q.fail(recommend.Invalid(name, "must be true or false, got %q", recommend.Clip(value)))
		return fallback
	}
}

// integer reads a whole number between least and most; absent is fallback.
func (q *query) integer(name string, fallback, least, most int) int {
	value, given := q.one(name)
	if !given {
		return fallback
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		q.fail(recommend.Invalid(name, "must be a whole number between %d and %d, got %q", least, most, recommend.Clip(value)))
		return fallback
	}
	if err := between(name, n, least, most); err != nil {
		q.fail(err)
		return fallback
	}
	return n
}

// bound reads a whole number that the engine checks, but for 0; absent is 0.
func (q *query) bound(name string) int {
	value, given := q.one(name)
	if !given {
		return 0
	}
	n, err := strconv.Atoi(value)
	switch {
	case err != nil:
		q.fail(recommend.Invalid(name, "must be a whole number between 1 and %d, or -1 for no bound, got %q", recommend.MaxLimit, recommend.Clip(value)))
		return 0
	case n == 0:
		q.fail(zeroBound(name))
		return 0
	}
	return n
}

func (q *query) sequence(name string) uint64 {
	value, given := q.one(name)
	if !given {
		return 0
	}
	n, err := strconv.ParseUint(value, 10, 64)
	if err != nil {
		q.fail(recommend.Invalid(name, "must be a sequence number an earlier answer gave, got %q", recommend.Clip(value)))
		return 0
	}
	return n
}

// number reads a finite number; absent is nil.
func (q *query) number(name string) *float64 {
	value, given := q.one(name)
	if !given {
		return nil
	}
	f, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		q.fail(recommend.Invalid(name, "must be a finite number, got %q", recommend.Clip(value)))
		return nil
	}
	return &f
}

// choice reads one of a closed set; absent is "".
func (q *query) choice(name string, allowed ...string) string {
	value, given := q.one(name)
	if !given {
		return ""
	}
	if !slices.Contains(allowed, value) {
		q.fail(notOneOf(name, value, allowed))
		return ""
	}
	return value
}

// finish returns the first error, a parameter nobody asked for among them.
func (q *query) finish() error {
	if q.err != nil {
		return q.err
	}
	unknown := ""
	for i := range q.params {
		name := q.params[i].name
		if name == "" {
			return recommend.Invalid("query", "has a parameter without a name")
		}
		// The alphabetically first, whatever their order.
		if !slices.Contains(q.known, name) && (unknown == "" || name < unknown) {
			unknown = name
		}
	}
	if unknown != "" && len(q.known) == 0 {
		return recommend.Invalid(recommend.Clip(unknown), "is not a known parameter; this path takes none")
	}
	if unknown != "" {
		return recommend.Invalid(recommend.Clip(unknown), "is not a known parameter; known are %s", strings.Join(q.known, ", "))
	}
	return nil
}

func between(field string, n, least, most int) error {
	if n < least || n > most {
		return recommend.Invalid(field, "must be between %d and %d, got %d", least, most, n)
	}
	return nil
}

func notOneOf(field, value string, allowed []string) error {
	return recommend.Invalid(field, "must be one of %s, got %q", strings.Join(allowed, ", "), recommend.Clip(value))
}

// pathID returns the external id in a path parameter. Echo matches the escaped
// path when the two forms differ, so that an id may hold a slash.
func pathID(r *http.Request, name, raw string) (string, error) {
	id := raw
	if r.URL.RawPath != "" {
		var err error
		if id, err = url.PathUnescape(raw); err != nil {
			return "", recommend.Invalid(name, "is not validly escaped")
		}
	}
	if err := recommend.ValidateID(name, id); err != nil {
		return "", err
	}
	return id, nil
}
