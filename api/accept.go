package api

import (
	"strconv"
	"strings"

	"golang.org/x/text/language"
)

// Locales texts are written in; the first is the default.
const (
	localeJA = "ja"
	localeEN = "en"
)

// locale is the language an Accept-Language header asks for: the best of ja
// and en, and ja when it names neither.
func locale(header string) string {
	switch header {
	case "", "ja":
		return localeJA
	case "en":
		return localeEN
	}
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return localeJA
	}
	for _, tag := range tags {
		switch base, _ := tag.Base(); base.String() {
		case localeJA:
			return localeJA
		case localeEN:
			return localeEN
		}
	}
	return localeJA
}

// acceptsGzip reports whether an Accept-Encoding header allows gzip; a weight
// of 0 forbids it.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		q, ok := strings.CutPrefix(strings.TrimSpace(params), "q=")
		if !ok {
			return true
		}
		weight, err := strconv.ParseFloat(q, 64)
		return err == nil && weight > 0
	}
	return false
}
