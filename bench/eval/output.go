package eval

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// WriteResult writes what a bench command found where --json says: to that file
// and as a table to stdout, as JSON alone to stdout for "-", as a table alone for
// "".
func WriteResult(stdout io.Writer, path string, asJSON, asTable func(io.Writer) error) error {
	switch path {
	case "-":
		return asJSON(stdout)
	case "":
	default:
		var b bytes.Buffer
		if err := asJSON(&b); err != nil {
			return err
		}
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			return fmt.Errorf("write --json: %w", err)
		}
	}
	return asTable(stdout)
}
