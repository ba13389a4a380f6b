package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"osusume/bench/datasets"
	"osusume/bench/eval"
	"osusume/recommend"
)

// Job is one task to report on and its files.
type Job struct {
	Name               string
	Task               eval.Task
	Train, Test, Cases string
	// Items is a CSV of item_id and category; it may be empty.
	Items string
	// Found is set when the folder and not the user chose the task, so that
	// files without a case are no error.
	Found bool
}

// sniffed is how many events of a train file tell what kind of shop it is.
const sniffed = 20_000

// Discover finds the tasks of a folder: in dir and each folder in it, files
// named train.csv, test.csv, baskets.csv and items.csv, compressed (.gz) or
// not. A train file with ratings makes the task ratings, one with purchases
// purchases and baskets, one with sessions sessions. The result is ordered as
// eval.Tasks, then by folder.
func Discover(dir string) ([]Job, error) {
	folders := []string{dir}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read --files: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() {
			folders = append(folders, filepath.Join(dir, e.Name()))
		}
	}
	var jobs []Job
	for _, folder := range folders {
		in, err := discoverIn(folder)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, in...)
	}
	if len(jobs) == 0 {
		return nil, fmt.Errorf("--files %s: neither it nor a folder in it has a train.csv with a test.csv or a baskets.csv beside it", dir)
	}
	slices.SortStableFunc(jobs, func(a, b Job) int {
		return cmp.Compare(slices.Index(eval.Tasks(), a.Task), slices.Index(eval.Tasks(), b.Task))
	})
	return jobs, nil
}

func discoverIn(folder string) ([]Job, error) {
	train, err := stored(folder, "train.csv")
	if err != nil || train == "" {
		return nil, err
	}
	test, err := stored(folder, "test.csv")
	if err != nil {
		return nil, err
	}
	cases, err := stored(folder, "baskets.csv")
	if err != nil {
		return nil, err
	}
	items, err := stored(folder, "items.csv")
	if err != nil || test == "" && cases == "" {
		return nil, err
	}
	bought, rated, browsed, err := sniff(train)
	if err != nil {
		return nil, err
	}
	job := Job{Name: filepath.Base(folder), Train: train, Items: items, Found: true}
	var jobs []Job
	add := func(task eval.Task, test, cases string) {
		job.Task, job.Test, job.Cases = task, test, cases
		jobs = append(jobs, job)
	}
	if bought && test != "" {
		add(eval.Purchases, test, "")
	}
	if bought && cases != "" {
		add(eval.Baskets, "", cases)
	}
	if browsed && test != "" {
		add(eval.Sessions, test, "")
	}
	if rated && !bought && test != "" {
		add(eval.Ratings, test, "")
	}
	return jobs, nil
}

// stored returns the path of a file, compressed or not; "" when there is none.
func stored(folder, name string) (string, error) {
	for _, suffix := range [...]string{"", ".gz"} {
		path := filepath.Join(folder, name+suffix)
		switch _, err := os.Stat(path); {
		case err == nil:
			return path, nil
		case !errors.Is(err, fs.ErrNotExist):
			return "", fmt.Errorf("read --files: %w", err)
		}
	}
	return "", nil
}

// sniff tells what the first events of a file are.
func sniff(path string) (bought, rated, browsed bool, err error) {
	columns, err := datasets.ParseColumns("price:=0")
	if err != nil {
		return false, false, false, fmt.Errorf("read %s: %w", path, err)
	}
	f, _, err := datasets.Open(path, strings.NewReader(""))
	if err != nil {
		return false, false, false, fmt.Errorf("read %s: %w", path, err)
	}
	defer f.Close()
	n := 0
	for e, err := range datasets.ReadEvents(f, datasets.Options{Columns: columns}) {
		if bad := new(datasets.RowError); errors.As(err, &bad) {
			continue
		}
		if err != nil {
			return false, false, false, fmt.Errorf("read %s: %w", path, err)
		}
		switch e.Type {
		case recommend.Purchase:
			bought = true
		case recommend.Rating:
			rated = true
		default:
			browsed = browsed || e.SessionID != ""
		}
		if n++; n == sniffed {
			break
		}
	}
	return bought, rated, browsed, nil
}

// describe tells size and hash of a file.
func describe(role, path string) (File, error) {
	f, err := os.Open(path)
	if err != nil {
		return File{}, fmt.Errorf("hash %s file: %w", role, err)
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return File{}, fmt.Errorf("hash %s file %s: %w", role, path, err)
	}
	return File{Role: role, Name: filepath.Base(path), Bytes: n, SHA256: hex.EncodeToString(h.Sum(nil))}, nil
}

// files describes all inputs of a job.
func (j *Job) files() ([]File, error) {
	var out []File
	for _, f := range [...]struct{ role, path string }{
		{"train", j.Train},
		{"test", j.Test},
		{"cases", j.Cases},
		{"items", j.Items},
	} {
		if f.path == "" {
			continue
		}
		file, err := describe(f.role, f.path)
		if err != nil {
			return nil, err
		}
		out = append(out, file)
	}
	return out, nil
}
