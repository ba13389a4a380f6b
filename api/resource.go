package api

import (
	"hash/crc32"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"

	"osusume/recommend"
	"osusume/recommend/live"
	"osusume/recommend/strictjson"
)

// resource is one kind of configuration document over HTTP: a list, creation,
// and reading, replacing, patching and deleting one by its id.
//
// A document carries its version. Its ETag stands for version and content, and
// whoever changes a document that is there must send it in If-Match (428
// without), so that nobody overwrites what they have not seen (412 then).
// "If-Match: *" is for those who mean to.
type resource struct {
	s      *Server
	kind   recommend.DocumentKind
	plural string // names the path and the list
	// decode checks a document strictly and returns it in one form for all ways
	// to write it. What it does not check is for live.Documents.
	decode func(body []byte) (canonical []byte, err error)
	// taken are names below the path that are routes of their own, and so no ids.
	taken []string
	// allowed says whether old may become body; nil allows everything.
	allowed func(old, body []byte) error
}

// routes serves r below its path.
func (r *resource) routes(e *echo.Echo) {
	path := "/" + r.plural
	one := path + "/:" + r.param()
	get(e, path, r.list)
	e.POST(path, r.create)
	get(e, one, r.read)
	e.PUT(one, r.replace)
	e.PATCH(one, r.patch)
	e.DELETE(one, r.remove)
}

func (r *resource) param() string { return string(r.kind) + "_id" }

// documents is the shop's configuration. Error: unavailable for a shop that
// has none.
func (s *Server) documents() (*live.Documents, error) {
	if d := s.shop.Documents(); d != nil {
		return d, nil
	}
	return nil, &recommend.Error{Code: recommend.CodeUnavailable, Message: "this shop was opened without a place for configuration"}
}

// etagOf names a version and content: a document deleted and made again starts at
// version 1 once more.
func etagOf(doc *recommend.Document) string {
	sum := crc32.ChecksumIEEE(doc.Body)
	return `"` + strconv.FormatUint(doc.Version, 10) + "-" + strconv.FormatUint(uint64(sum), 16) + `"`
}

// appendDocument appends the document with its version and time.
func appendDocument(b []byte, doc *recommend.Document) []byte {
	b = append(b, doc.Body[:len(doc.Body)-1]...) // an object, never empty: it has an id
	b = append(b, `,"version":`...)
	b = strconv.AppendUint(b, doc.Version, 10)
	b = append(b, `,"updated_at":`...)
	b = appendTime(b, doc.Updated)
	return append(b, '}')
}

func sendDocument(c echo.Context, status int, doc *recommend.Document) error {
	h := c.Response().Header()
	h[headerETag] = []string{etagOf(doc)}
	h[headerCacheControl] = valueNoCache
	return send(c, status, valueJSON, appendDocument(make([]byte, 0, len(doc.Body)+80), doc))
}

// list pages through the documents by id.
func (r *resource) list(c echo.Context) error {
	q := newQuery(c.Request())
	limit := q.integer("limit", defaultPageItems, 1, maxPageItems)
	cursor, _ := q.one("cursor")
	if err := q.finish(); err != nil {
		return err
	}
	after, err := decodeCursor(cursor)
	if err != nil {
		return err
	}
	d, err := r.s.documents()
	if err != nil {
		return err
	}
	docs := d.Configuration().Documents(r.kind, after, limit+1)
	more := len(docs) > limit
	if more {
		docs = docs[:limit]
	}
	b := append(make([]byte, 0, 64+512*len(docs)), `{"`...)
	b = append(b, r.plural...)
	b = append(b, `":[`...)
	for i := range docs {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendDocument(b, &docs[i])
	}
	b = append(b, ']')
	if more {
		b = append(b, `,"next_cursor":"`...)
		b = append(b, encodeCursor(docs[limit-1].ID)...)
		b = append(b, '"')
	}
	return answerJSON(c, append(b, '}'))
}

// create takes a document whose id is not there yet.
func (r *resource) create(c echo.Context) error {
	if err := noQuery(c.Request()); err != nil {
		return err
	}
	body, id, err := r.readDocument(c, "")
	if err != nil {
		return err
	}
	return r.change(c, id, func(old *recommend.Document) ([]byte, error) {
		if old != nil {
			return nil, &recommend.Error{
				Code: recommend.CodeConflict, Field: "id",
				Message: "is taken; change that one with PUT or PATCH",
			}
		}
		return body, nil
	})
}

// read returns one document.
func (r *resource) read(c echo.Context) error {
	id, err := r.id(c)
	if err != nil {
		return err
	}
	if err := noQuery(c.Request()); err != nil {
		return err
	}
	d, err := r.s.documents()
	if err != nil {
		return err
	}
	doc, ok := d.Configuration().Document(r.kind, id)
	if !ok {
		return r.missing(id)
	}
	if etag := etagOf(&doc); matches(c.Request(), etag) {
		c.Response().Header()[headerETag] = []string{etag}
		return sendNotModified(c)
	}
	return sendDocument(c, http.StatusOK, &doc)
}

// replace creates the document the path names or replaces it whole.
func (r *resource) replace(c echo.Context) error {
	id, err := r.id(c)
	if err != nil {
		return err
	}
	if err := noQuery(c.Request()); err != nil {
		return err
	}
	body, _, err := r.readDocument(c, id)
	if err != nil {
		return err
	}
	return r.change(c, id, func(old *recommend.Document) ([]byte, error) {
		return body, precondition(c.Request(), old)
	})
}

// patch applies a merge patch (RFC 7396).
func (r *resource) patch(c echo.Context) error {
	id, err := r.id(c)
	if err != nil {
		return err
	}
	if err := noQuery(c.Request()); err != nil {
		return err
	}
	patch, _, err := readBody(c.Response(), c.Request(), r.s.bodyLimit, mediaMergePatch, mediaJSON)
	if err != nil {
		return err
	}
	members := map[string]jsontext.Value{}
	if fault := strictjson.UnmarshalObject(patch, &members); fault != nil {
		return fault
	}
	return r.change(c, id, func(old *recommend.Document) ([]byte, error) {
		if old == nil {
			return nil, r.missing(id)
		}
		if err := precondition(c.Request(), old); err != nil {
			return nil, err
		}
		merged, err := mergePatch(old.Body, patch, maxMergeDepth)
		if err != nil {
			return nil, err
		}
		body, _, err := r.checked(merged, id)
		return body, err
	})
}

// remove deletes one document.
func (r *resource) remove(c echo.Context) error {
	id, err := r.id(c)
	if err != nil {
		return err
	}
	if err := noQuery(c.Request()); err != nil {
		return err
	}
	d, err := r.s.documents()
	if err != nil {
		return err
	}
	err = d.Delete(r.kind, id, func(old *recommend.Document) error { return precondition(c.Request(), old) })
	switch {
	case recommend.CodeOf(err) == recommend.CodeNotFound:
		return r.missing(id)
	case err != nil:
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// change makes a change and answers with the document as it is then: 201 when it
// is new.
func (r *resource) change(c echo.Context, id string, edit func(old *recommend.Document) ([]byte, error)) error {
	d, err := r.s.documents()
	if err != nil {
		return err
	}
	status := http.StatusCreated
	doc, err := d.Change(r.kind, id, func(old *recommend.Document) ([]byte, error) {
		body, err := edit(old)
		if err != nil || old == nil {
			return body, err
		}
		status = http.StatusOK
		if r.allowed != nil {
			err = r.allowed(old.Body, body)
		}
		return body, err
	})
	if err != nil {
		return err
	}
	if status == http.StatusCreated {
		c.Response().Header().Set("Location", "/"+r.plural+"/"+url.PathEscape(id))
	}
	return sendDocument(c, status, &doc)
}

func (r *resource) id(c echo.Context) (string, error) {
	raw := c.Param(r.param())
	// Echo gives a last parameter all that is left of the path; an id's own slash
	// comes escaped.
	if strings.Contains(raw, "/") || slices.Contains(r.taken, raw) {
		return "", echo.ErrNotFound
	}
	return pathID(c.Request(), r.param(), raw)
}

func (r *resource) missing(id string) error {
	return recommend.NotFound(r.param(), "there is no %s %q", r.kind, recommend.Clip(id))
}

// readDocument reads a whole document from the body of a request. id is that of
// the path, "" when the body must have it.
func (r *resource) readDocument(c echo.Context, id string) (body []byte, gotID string, err error) {
	raw, _, err := readBody(c.Response(), c.Request(), r.s.bodyLimit, mediaJSON)
	if err != nil {
		return nil, "", err
	}
	return r.checked(raw, id)
}

// checked returns the one form of a document. version and updated_at are the
// server's: what a client sends back of an answer is passed over.
func (r *resource) checked(raw []byte, id string) (body []byte, gotID string, err error) {
	members := map[string]jsontext.Value{}
	if fault := strictjson.UnmarshalObject(raw, &members); fault != nil {
		return nil, "", fault
	}
	delete(members, "version")
	delete(members, "updated_at")
	if given, ok := members["id"]; ok {
		if err := json.Unmarshal(given, &gotID); err != nil {
			return nil, "", recommend.Invalid("id", "must be a string")
		}
	}
	switch {
	case gotID == "" && id == "":
		return nil, "", recommend.Invalid("id", "is required")
	case gotID == "":
		gotID = id
		quoted, err := jsontext.AppendQuote(nil, id)
		if err != nil {
			return nil, "", recommend.Invalid("id", "must be valid UTF-8")
		}
		members["id"] = quoted
	case id != "" && gotID != id:
		return nil, "", recommend.Invalid("id", "must be the path's %q or left out", recommend.Clip(id))
	}
	whole, err := json.Marshal(members, json.Deterministic(true))
	if err != nil {
		return nil, "", err
	}
	if slices.Contains(r.taken, gotID) {
		return nil, "", recommend.Invalid("id", "must not be %s, which is a path of its own", gotID)
	}
	body, err = r.decode(whole)
	return body, gotID, err
}

// precondition holds If-Match and If-None-Match against the document there is,
// nil for none.
func precondition(r *http.Request, old *recommend.Document) error {
	if none := r.Header.Get("If-None-Match"); none != "" {
		if strings.TrimSpace(none) != "*" {
			return recommend.Invalid("If-None-Match", "must be * on a write: create only if there is none")
		}
		if old != nil {
			return preconditionFailed("If-None-Match", "there is one already, at version %d", old)
		}
	}
	match := r.Header.Values("If-Match")
	switch {
	case len(match) == 0 && old == nil:
		return nil
	case len(match) == 0:
		return &recommend.Error{
			Code: codePreconditionRequired, Field: "If-Match",
			Message: "is required to change what is there: send the ETag you last saw, or * for whatever it is now",
		}
	case old == nil:
		return &recommend.Error{Code: codePreconditionFailed, Field: "If-Match", Message: "there is none any more"}
	}
	etag := etagOf(old)
	for _, header := range match {
		for tag := range strings.SplitSeq(header, ",") {
			// Compression on the way makes a tag weak; the version it names is the same.
			if t := strings.TrimPrefix(strings.TrimSpace(tag), "W/"); t == etag || t == "*" {
				return nil
			}
		}
	}
	return preconditionFailed("If-Match", "it has changed, and is at version %d now; read it again", old)
}

func preconditionFailed(field, format string, old *recommend.Document) error {
	e := recommend.Invalid(field, format, old.Version)
	e.Code = codePreconditionFailed
	return e
}

// canonical is the one form of a decoded document.
func canonical(doc any) ([]byte, error) {
	return json.Marshal(doc, json.Deterministic(true))
}
