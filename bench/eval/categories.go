package eval

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"osusume/bench/datasets"
	"osusume/recommend"
)

// readCategories reads a CSV with the columns item_id and category (a path with
// "/" between levels, root first), compressed or not; other columns are left
// alone, and an item without category is not in the result.
func readCategories(path string) (map[string][]string, error) {
	f, _, err := datasets.Open(path, strings.NewReader(""))
	if err != nil {
		return nil, fmt.Errorf("read --items: %w", err)
	}
	defer f.Close()
	categories, err := parseCategories(f)
	if err != nil {
		return nil, fmt.Errorf("read --items %s: %w", path, err)
	}
	return categories, nil
}

func parseCategories(r io.Reader) (map[string][]string, error) {
	text := bufio.NewReader(r)
	rows := csv.NewReader(text)
	if magic, _ := text.Peek(2); string(magic) == "\x1f\x8b" { // a file too short for it fails at its header
		unpacked, err := gzip.NewReader(text)
		if err != nil {
			return nil, fmt.Errorf("unpack: %w", err)
		}
		rows = csv.NewReader(unpacked)
	}
	rows.ReuseRecord = true
	header, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	id, category := slices.Index(header, "item_id"), slices.Index(header, "category")
	if id < 0 || category < 0 {
		return nil, fmt.Errorf("header: want the columns item_id and category, got %q", header)
	}
	out := make(map[string][]string)
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		levels := strings.Split(row[category], "/")
		for i := range levels {
			levels[i] = strings.Clone(strings.TrimSpace(levels[i]))
		}
		levels = slices.DeleteFunc(levels, func(l string) bool { return l == "" })
		if row[id] == "" || len(levels) == 0 {
			continue
		}
		if len(levels) > recommend.MaxCategoryDepth {
			return nil, fmt.Errorf("item %q: %d category levels, at most %d", row[id], len(levels), recommend.MaxCategoryDepth)
		}
		out[strings.Clone(row[id])] = levels
	}
}
