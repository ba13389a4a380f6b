// Package docs renders an OpenAPI 3.1 document as one page to read: routes by
// tag, their parameters, bodies and answers, the schemas, and a curl command
// for every route.
//
// The page is a single self-contained file, because an API behind a firewall
// has no content delivery network: it asks for nothing else, works offline,
// prints, and follows the reader's light or dark setting. Its content security
// policy allows exactly the one style sheet and the one script it carries, by
// hash; the test of that is that nothing is styled or run by attribute.
//
// The document is ours and trusted, its texts are not: everything but a small
// subset of CommonMark is escaped by html/template.
//
// The folder also holds what an operator imports: grafana.json (a dashboard)
// and alerts.yaml (Prometheus rules).
package docs

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string
)

// Page is a rendered page.
type Page struct {
	HTML []byte
	// Policy is the Content-Security-Policy the page is written for.
	Policy string
}

// Render turns an OpenAPI document in YAML (or JSON) into its page. It fails
// when the document cannot be parsed or a reference in it leads nowhere.
func Render(openapi []byte) (Page, error) {
	doc, err := parse(openapi)
	if err != nil {
		return Page{}, err
	}
	tmpl, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return Page{}, fmt.Errorf("parse page template: %w", err)
	}
	var b bytes.Buffer
	err = tmpl.Execute(&b, struct {
		*document
		CSS template.CSS
		JS  template.JS
	}{doc, template.CSS(pageCSS), template.JS(pageJS)}) //nolint:gosec // both are our own files
	if err != nil {
		return Page{}, fmt.Errorf("render page: %w", err)
	}
	policy := "default-src 'none'; style-src '" + sourceHash(pageCSS) + "'; script-src '" + sourceHash(pageJS) +
		"'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	return Page{HTML: b.Bytes(), Policy: policy}, nil
}

// sourceHash is the CSP source expression of an inline element's exact text.
func sourceHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
