// Package docs holds the pages for people.
package docs

// Page is a rendered page.
type Page struct {
	HTML   []byte
	Policy string
}

// Render renders the OpenAPI document.
func Render(openapi []byte) (Page, error) { return Page{}, nil }
