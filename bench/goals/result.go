package goals

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"osusume/bench/report"
)

// Result is a run over all goals.
type Result struct {
	Machine report.Machine `json:"machine"`
	Command string         `json:"command"`
	Quick   bool           `json:"quick,omitempty"`
	Rounds  int            `json:"rounds"`
	Checks  []Check        `json:"checks"`
}

// titles are the goals in words, goal 1 first.
func titles() []string {
	return []string{
		"Scoring a profile of 20 items with 100 neighbours each",
		"GET /recommend beside a static answer",
		"GET /related beside a static answer",
		"Slow answers (p99)",
		"An acknowledged event changes the next answer",
		"Ingest into the engine, lists kept",
		"Ingest over HTTP, durable",
		"Answers beside 20k events/s of ingest",
		"Time to start",
		"Memory",
	}
}

// WriteJSON writes the result, indented.
func (r *Result) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// WriteTable writes a table that is read in a terminal and as Markdown: a line per
// check, then the reasons and notes.
func (r *Result) WriteTable(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s\n\n", r.Machine, r.Machine.Built())
	fmt.Fprintf(&b, "    %s\n\n", r.Command)
	rows := [][]string{{"#", "goal", "target", "measured", "verdict"}, nil}
	var notes []string
	count := make(map[Verdict]int)
	last := 0
	for i := range r.Checks {
		c := &r.Checks[i]
		number := ""
		if c.Goal != last {
			last, number = c.Goal, fmt.Sprint(c.Goal)
			if title := titles()[c.Goal-1]; title != c.What {
				rows = append(rows, []string{number, "**" + title + "**", "", "", ""})
				number = ""
			}
		}
		verdict := string(c.Verdict)
		if c.Verdict == Missed {
			verdict = "**" + verdict + "**"
		}
		count[c.Verdict]++
		remark := strings.TrimSpace(strings.Join([]string{c.Reason, c.Note}, " "))
		if c.Reason != "" && c.Note != "" {
			remark = c.Reason + "; " + c.Note
		}
		if remark != "" {
			notes = append(notes, fmt.Sprintf("%d. %s: %s.", len(notes)+1, c.What, remark))
			verdict += fmt.Sprintf(" [%d]", len(notes))
		}
		rows = append(rows, []string{number, c.What, c.Bound.String(), c.measured(), verdict})
	}
	writeRows(&b, rows)
	fmt.Fprintf(&b, "\n%d reached, %d not reached, %d not measured. Medians of %s; in brackets the least and the most.\n",
		count[Reached], count[Missed], count[NotMeasured], rounds(r.Rounds))
	if len(notes) > 0 {
		b.WriteString("\n" + strings.Join(notes, "\n") + "\n")
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

func rounds(n int) string {
	if n == 1 {
		return "1 round"
	}
	return fmt.Sprintf("%d rounds", n)
}

// writeRows writes a Markdown table with aligned columns; the row that is nil is
// the rule below the head.
func writeRows(b *strings.Builder, rows [][]string) {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	for _, row := range rows {
		for i, n := range width {
			if row == nil {
				b.WriteString("|" + strings.Repeat("-", n+2))
				continue
			}
			b.WriteString("| " + row[i] + strings.Repeat(" ", n+1-len([]rune(row[i]))))
		}
		b.WriteString("|\n")
	}
}
