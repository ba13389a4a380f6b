package api

import (
	"strconv"

	"osusume/recommend"
)

// idField is an id of a request, "" when it was not given.
type idField struct{ field, value string }

// idList is a list of ids of a request, of at most so many.
type idList struct {
	field  string
	values []string
	most   int
}

// validIDs holds the ids of a request and the lengths of its lists against their
// limits.
func validIDs(single []idField, lists []idList) error {
	for _, id := range single {
		if id.value == "" {
			continue
		}
		if err := recommend.ValidateID(id.field, id.value); err != nil {
			return err
		}
	}
	for _, l := range lists {
		if len(l.values) > l.most {
			return recommend.Invalid(l.field, "at most %d entries, got %d", l.most, len(l.values))
		}
		for i, value := range l.values {
			if err := recommend.ValidateID(l.field+"["+strconv.Itoa(i)+"]", value); err != nil {
				return err
			}
		}
	}
	return nil
}
