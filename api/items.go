package api

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"osusume/recommend"
	"osusume/recommend/strictjson"
)

// Lengths of a page of the catalog.
const (
	defaultPageItems = 100
	maxPageItems     = 1000
)

// listItems pages through the catalog by id.
func (s *Server) listItems(c echo.Context) error {
	q := newQuery(c.Request())
	limit := q.integer("limit", defaultPageItems, 1, maxPageItems)
	cursor, _ := q.one("cursor")
	minSeq := q.sequence("min_seq")
	if err := q.finish(); err != nil {
		return err
	}
	after, err := decodeCursor(cursor)
	if err != nil {
		return err
	}
	view, err := s.viewAt(c, minSeq)
	if err != nil {
		return err
	}
	// One more than asked for tells whether there is a next page.
	items := view.Items(after, limit+1)
	more := len(items) > limit
	if more {
		items = items[:limit]
	}
	b := append(make([]byte, 0, 64+512*len(items)), `{"items":[`...)
	for i, it := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendItem(b, it)
	}
	b = append(b, ']')
	if more {
		b = append(b, `,"next_cursor":"`...)
		b = append(b, encodeCursor(items[limit-1].ID)...)
		b = append(b, '"')
	}
	return answerJSON(c, append(b, '}'))
}

// cursorVersion starts every cursor, so that a later layout can tell its own.
const cursorVersion = "1"

func encodeCursor(id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(cursorVersion + id))
}

func decodeCursor(cursor string) (after string, err error) {
	if cursor == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		id, ok := strings.CutPrefix(string(raw), cursorVersion)
		if ok && recommend.ValidateID("cursor", id) == nil {
			return id, nil
		}
	}
	return "", recommend.Invalid("cursor", "must be the next_cursor of an earlier page")
}

// postItems creates or replaces one item or many, all or none.
func (s *Server) postItems(c echo.Context) error {
	if err := noQuery(c.Request()); err != nil {
		return err
	}
	body, kind, err := readBody(c.Response(), c.Request(), s.bodyLimit, mediaJSON, mediaNDJSON)
	if err != nil {
		return err
	}
	entries, single, err := splitEntries(nil, body, kind, maxEntries)
	if err != nil {
		return err
	}
	items := make([]recommend.Item, 0, len(entries))
	firstIndex := make(map[string]int, len(entries))
	var faults []entryError
	for i, entry := range entries {
		it, err := decodeItem(entry.Raw, "")
		if err == nil {
			if first, twice := firstIndex[it.ID]; twice {
				err = recommend.Invalid("item_id", "is the same as in entry %d; send each item once", first)
			} else {
				firstIndex[it.ID] = i
			}
		}
		if err != nil {
			faults = append(faults, entryError{Index: i, Line: entry.Line, Err: err})
			continue
		}
		items = append(items, it)
	}
	switch {
	case len(faults) > 0 && single:
		return faults[0].Err
	case len(faults) > 0:
		return bulkFault(faults, "nothing was changed, as an upload of items is taken whole or not at all")
	}
	seq, err := s.shop.PutItems(c.Request().Context(), items)
	if err != nil {
		return err
	}
	return answerUpserted(c, seq, len(items))
}

func answerUpserted(c echo.Context, seq uint64, items int) error {
	b := appendSeq(make([]byte, 0, 64), seq)
	b = append(b, `,"upserted":`...)
	b = strconv.AppendInt(b, int64(items), 10)
	return answerJSON(c, append(b, '}'))
}

// appendSeq starts the answer to a write; the caller closes the object.
func appendSeq(b []byte, seq uint64) []byte {
	b = append(b, `{"seq":`...)
	return strconv.AppendUint(b, seq, 10)
}

func itemID(c echo.Context) (string, error) {
	return pathID(c.Request(), "item_id", c.Param("item_id"))
}

func itemNotFound(id string) error {
	return recommend.NotFound("item_id", "there is no item %q", recommend.Clip(id))
}

// getItem returns one catalog entry.
func (s *Server) getItem(c echo.Context) error {
	id, err := itemID(c)
	if err != nil {
		return err
	}
	q := newQuery(c.Request())
	minSeq := q.sequence("min_seq")
	if err := q.finish(); err != nil {
		return err
	}
	view, err := s.viewAt(c, minSeq)
	if err != nil {
		return err
	}
	it, ok := view.Item(id)
	if !ok {
		return itemNotFound(id)
	}
	return answerJSON(c, appendItem(make([]byte, 0, 1024), it))
}

// putItem creates or replaces the item the path names.
func (s *Server) putItem(c echo.Context) error {
	id, err := itemID(c)
	if err != nil {
		return err
	}
	if err := noQuery(c.Request()); err != nil {
		return err
	}
	body, _, err := readBody(c.Response(), c.Request(), s.bodyLimit, mediaJSON)
	if err != nil {
		return err
	}
	it, fault := decodeItem(body, id)
	if fault != nil {
		return fault
	}
	seq, err := s.shop.PutItems(c.Request().Context(), []recommend.Item{it})
	if err != nil {
		return err
	}
	return answerUpserted(c, seq, 1)
}

// patchItem applies a merge patch to the item the path names.
func (s *Server) patchItem(c echo.Context) error {
	id, err := itemID(c)
	if err != nil {
		return err
	}
	if err := noQuery(c.Request()); err != nil {
		return err
	}
	patch, _, err := readBody(c.Response(), c.Request(), s.bodyLimit, mediaMergePatch, mediaJSON)
	if err != nil {
		return err
	}
	// A patch is a document of its own with every member optional; checked as
	// one, an unknown field is found even when the patch only removes it.
	var doc itemDocument
	if fault := strictjson.UnmarshalObject(patch, &doc); fault != nil {
		return fault
	}
	patched, seq, err := s.shop.PatchItem(c.Request().Context(), id, func(it *recommend.Item) error {
		document, err := mergePatch(appendItem(nil, it), patch, maxMergeDepth)
		if err != nil {
			return err
		}
		changed, fault := decodeItem(document, id)
		if fault != nil {
			return fault
		}
		*it = changed
		return nil
	})
	if err != nil {
		return err
	}
	b := appendSeq(make([]byte, 0, 1024), seq)
	b = append(b, `,"item":`...)
	b = appendItem(b, &patched)
	return answerJSON(c, append(b, '}'))
}

// deleteItem takes an item out of every list; what was learned from it stays.
func (s *Server) deleteItem(c echo.Context) error {
	id, err := itemID(c)
	if err != nil {
		return err
	}
	if err := noQuery(c.Request()); err != nil {
		return err
	}
	seq, err := s.shop.DeleteItem(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return answerJSON(c, append(appendSeq(make([]byte, 0, 32), seq), '}'))
}
