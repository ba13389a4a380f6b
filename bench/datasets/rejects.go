package datasets

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
)

// rejects writes the rows that could not be used as a CSV of their own, with
// the row as one cell, exactly as it stood in the file.
type rejects struct {
	out *csv.Writer // nil drops them
	any bool
}

func newRejects(w io.Writer) *rejects {
	if w == nil {
		return &rejects{}
	}
	return &rejects{out: csv.NewWriter(w)}
}

func (r *rejects) add(bad *RowError) error {
	if r.out == nil {
		return nil
	}
	if !r.any {
		r.any = true
		if err := r.out.Write([]string{"line", "reason", "row"}); err != nil {
			return fmt.Errorf("write rejects: %w", err)
		}
	}
	if err := r.out.Write([]string{strconv.FormatInt(bad.Line, 10), bad.Reason, bad.Raw}); err != nil {
		return fmt.Errorf("write rejects: %w", err)
	}
	return nil
}

func (r *rejects) flush() error {
	if r.out == nil {
		return nil
	}
	r.out.Flush()
	if err := r.out.Error(); err != nil {
		return fmt.Errorf("write rejects: %w", err)
	}
	return nil
}
