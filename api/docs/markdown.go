package docs

import (
	"html/template"
	"regexp"
	"strings"
)

// markdown renders the part of CommonMark that API descriptions use:
// paragraphs, lists, tables, fenced code, headings, `code`, **strong**,
// *emphasis* and links to http, https or a place on the page. All else is text.
func markdown(text string) template.HTML {
	var b strings.Builder
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := 0; i < len(lines); {
		line := strings.TrimSpace(lines[i])
		switch {
		case line == "":
			i++
		case strings.HasPrefix(line, "```"):
			end := i + 1
			for end < len(lines) && !strings.HasPrefix(strings.TrimSpace(lines[end]), "```") {
				end++
			}
			b.WriteString("<pre><code>" + template.HTMLEscapeString(strings.Join(lines[i+1:end], "\n")) + "</code></pre>")
			i = end + 1
		case strings.HasPrefix(line, "#"):
			b.WriteString("<h4>" + inline(strings.TrimSpace(strings.TrimLeft(line, "#"))) + "</h4>")
			i++
		case strings.HasPrefix(line, "|"):
			i = writeTable(&b, lines, i)
		case bullet(line) != "":
			i = writeList(&b, lines, i)
		default:
			start := i
			for i < len(lines) && continues(lines[i], i == start) {
				i++
			}
			b.WriteString("<p>" + inline(joinLines(lines[start:i])) + "</p>")
		}
	}
	return template.HTML(b.String()) //nolint:gosec // every part is escaped by inline or above
}

// continues reports whether a line belongs to the paragraph above it.
func continues(line string, first bool) bool {
	line = strings.TrimSpace(line)
	return first || (line != "" && bullet(line) == "" && !strings.HasPrefix(line, "```") && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "|"))
}

var bulletMark = regexp.MustCompile(`^(?:[-*]|\d+\.) +`)

func bullet(line string) string { return bulletMark.FindString(line) }

func writeList(b *strings.Builder, lines []string, i int) int {
	element := "ul"
	if mark := bullet(strings.TrimSpace(lines[i])); mark[0] >= '0' && mark[0] <= '9' {
		element = "ol"
	}
	b.WriteString("<" + element + ">")
	for i < len(lines) {
		line := strings.TrimSpace(lines[i])
		mark := bullet(line)
		if mark == "" {
			break
		}
		start := i
		i++
		for i < len(lines) && continues(lines[i], false) {
			i++
		}
		b.WriteString("<li>" + inline(strings.TrimPrefix(joinLines(lines[start:i]), mark)) + "</li>")
	}
	b.WriteString("</" + element + ">")
	return i
}

var tableRule = regexp.MustCompile(`^\|[\s:|-]+$`)

func writeTable(b *strings.Builder, lines []string, i int) int {
	b.WriteString(`<div class="scroll"><table>`)
	cell := "th"
	for ; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if !strings.HasPrefix(line, "|") {
			break
		}
		if tableRule.MatchString(line) {
			continue
		}
		b.WriteString("<tr>")
		for _, c := range strings.Split(strings.Trim(line, "|"), "|") {
			b.WriteString("<" + cell + ">" + inline(strings.TrimSpace(c)) + "</" + cell + ">")
		}
		b.WriteString("</tr>")
		cell = "td"
	}
	b.WriteString("</table></div>")
	return i
}

func joinLines(lines []string) string {
	trimmed := make([]string, len(lines))
	for i, l := range lines {
		trimmed[i] = strings.TrimSpace(l)
	}
	return strings.Join(trimmed, " ")
}

var inlineMark = regexp.MustCompile("`([^`]+)`" + `|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\((https?://[^\s)"]+|[#/][^\s)"]*)\)`)

func inline(text string) string {
	var b strings.Builder
	end := 0
	for _, m := range inlineMark.FindAllStringSubmatchIndex(text, -1) {
		b.WriteString(template.HTMLEscapeString(text[end:m[0]]))
		part := func(i int) string { return template.HTMLEscapeString(text[m[2*i]:m[2*i+1]]) }
		switch {
		case m[2] >= 0:
			b.WriteString("<code>" + part(1) + "</code>")
		case m[4] >= 0:
			b.WriteString("<strong>" + part(2) + "</strong>")
		case m[6] >= 0:
			b.WriteString("<em>" + part(3) + "</em>")
		default:
			b.WriteString(`<a href="` + part(5) + `">` + part(4) + "</a>")
		}
		end = m[1]
	}
	b.WriteString(template.HTMLEscapeString(text[end:]))
	return b.String()
}
