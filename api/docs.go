package api

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"sync"

	"github.com/labstack/echo/v4"

	"osusume/api/docs"
	"osusume/recommend"
)

// registerDocs serves the OpenAPI document as it is and as a page to read.
// The page is rendered with its first request and kept.
func registerDocs(e *echo.Echo, openapi []byte) {
	etag := entityTag(openapi)
	get(e, "/openapi.yaml", func(c echo.Context) error {
		if len(openapi) == 0 {
			return recommend.NotFound("", "this server carries no OpenAPI document")
		}
		return cached(c, etag, "application/yaml; charset=utf-8", openapi)
	})

	page := sync.OnceValues(func() (docs.Page, error) { return docs.Render(openapi) })
	get(e, "/docs", func(c echo.Context) error {
		if len(openapi) == 0 {
			return recommend.NotFound("", "this server carries no OpenAPI document")
		}
		p, err := page()
		if err != nil {
			return err
		}
		h := c.Response().Header()
		h.Set(echo.HeaderContentSecurityPolicy, p.Policy)
		h.Set(echo.HeaderXContentTypeOptions, "nosniff")
		h.Set(echo.HeaderReferrerPolicy, "no-referrer")
		return cached(c, entityTag(p.HTML), "text/html; charset=utf-8", p.HTML)
	})
}

// entityTag is a strong ETag of body.
func entityTag(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

// cached answers with body, or with 304 when the client has it already.
func cached(c echo.Context, etag, contentType string, body []byte) error {
	h := c.Response().Header()
	h[headerETag] = []string{etag}
	h[headerCacheControl] = valueNoCache
	if matches(c.Request(), etag) {
		return sendNotModified(c)
	}
	return send(c, http.StatusOK, []string{contentType}, body)
}
