package docs

import (
	"encoding/json"
	"html/template"
	"net/url"
	"regexp"
	"strings"
)

// formatJSON writes n as indented JSON in the document's order. Lists of
// scalars stay on one line.
func formatJSON(n node) string {
	var b strings.Builder
	writeJSON(&b, n, "")
	return b.String()
}

func writeJSON(b *strings.Builder, n node, indent string) {
	if list := n.list(); list != nil {
		flat := true
		for _, v := range list {
			flat = flat && v.members() == nil && v.list() == nil
		}
		writeEntries(b, '[', ']', len(list), flat, indent, func(i int, deeper string) { writeJSON(b, list[i], deeper) })
		return
	}
	if members := n.members(); members != nil {
		writeEntries(b, '{', '}', len(members), false, indent, func(i int, deeper string) {
			b.WriteString(scalarJSON(members[i].key) + ": ")
			writeJSON(b, members[i].value, deeper)
		})
		return
	}
	b.WriteString(scalarJSON(n.v))
}

func writeEntries(b *strings.Builder, open, end byte, count int, flat bool, indent string, write func(i int, indent string)) {
	deeper := indent + "  "
	b.WriteByte(open)
	for i := range count {
		switch {
		case flat && i > 0:
			b.WriteString(", ")
		case i > 0:
			b.WriteString(",\n" + deeper)
		case !flat:
			b.WriteString("\n" + deeper)
		}
		write(i, deeper)
	}
	if count > 0 && !flat {
		b.WriteString("\n" + indent)
	}
	b.WriteByte(end)
}

func scalarJSON(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "null" // NaN and infinities have no JSON
	}
	return strings.TrimSuffix(b.String(), "\n")
}

var jsonToken = regexp.MustCompile(`("(?:[^"\\]|\\.)*")(\s*:)?|-?\d[\d.eE+-]*|\b(?:true|false|null)\b`)

// highlight escapes JSON text and marks its keys, strings and other values.
func highlight(text string) template.HTML {
	var b strings.Builder
	end := 0
	for _, m := range jsonToken.FindAllStringSubmatchIndex(text, -1) {
		b.WriteString(template.HTMLEscapeString(text[end:m[0]]))
		class, stop := "v", m[1]
		if m[2] >= 0 {
			class, stop = "s", m[3]
			if m[4] >= 0 {
				class = "k"
			}
		}
		b.WriteString(`<span class="` + class + `">` + template.HTMLEscapeString(text[m[0]:stop]) + `</span>`)
		b.WriteString(template.HTMLEscapeString(text[stop:m[1]]))
		end = m[1]
	}
	b.WriteString(template.HTMLEscapeString(text[end:]))
	return template.HTML(b.String()) //nolint:gosec // every part is escaped above
}

func escape(text string) template.HTML {
	return template.HTML(template.HTMLEscapeString(text)) //nolint:gosec // escaped
}

// curlOptional is how many optional parameters a curl command shows: enough to
// see the form, few enough to read.
const curlOptional = 2

// curl writes the command that calls op: path and required parameters, the
// first optional ones the document gives an example for, and the first
// example of the body.
func curl(server string, op *operation) string {
	path := op.Path
	var query []string
	optional := 0
	for _, p := range op.Parameters {
		switch {
		case p.In == "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(p.example))
		case p.In != "query":
		case p.Required, p.explicit && optional < curlOptional:
			if !p.Required {
				optional++
			}
			query = append(query, url.QueryEscape(p.Name)+"="+url.QueryEscape(p.example))
		}
	}
	target := server + path
	if len(query) > 0 {
		target += "?" + strings.Join(query, "&")
	}
	b := strings.Builder{}
	b.WriteString("curl ")
	switch {
	case op.Method == "HEAD":
		b.WriteString("--head ")
	case op.Method != "GET" && (op.Method != "POST" || op.Body == nil):
		b.WriteString("-X " + op.Method + " ")
	}
	b.WriteString(shellQuote(target))
	if op.Body != nil && len(op.Body.Media) > 0 {
		m := op.Body.Media[0]
		b.WriteString(" \\\n  -H " + shellQuote("Content-Type: "+m.ContentType))
		if len(m.Examples) > 0 {
			flag := " \\\n  -d "
			if strings.Contains(m.ContentType, "ndjson") {
				flag = " \\\n  --data-binary " // -d would join the lines
			}
			b.WriteString(flag + shellQuote(m.Examples[0].Text))
		}
	}
	return b.String()
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
