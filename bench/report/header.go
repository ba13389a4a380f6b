package report

import (
	"bufio"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// ThisMachine describes where the program runs and what it was built from.
func ThisMachine() Machine {
	m := Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, CPU: cpuName(), Cores: runtime.NumCPU(), Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return m
	}
	if v := info.Main.Version; v != "(devel)" {
		m.Version = v
	}
	changed := false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			m.Commit = s.Value[:min(12, len(s.Value))]
		case "vcs.modified":
			changed = s.Value == "true"
		}
	}
	if changed && m.Commit != "" {
		m.Commit += ", with changes"
	}
	return m
}

// cpuName is the processor's name where the system tells it, else empty.
func cpuName() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.Join(strings.Fields(value), " ")
		}
	}
	return ""
}

// String describes the machine in a line.
func (m Machine) String() string {
	parts := []string{m.OS + "/" + m.Arch}
	if m.CPU != "" {
		parts = append(parts, m.CPU)
	}
	cores := strconv.Itoa(m.Cores) + " cores"
	if m.Cores == 1 {
		cores = "1 core"
	}
	return strings.Join(append(parts, cores, m.Go), ", ")
}

// Built names the program's version and commit, "unknown" without either.
func (m Machine) Built() string {
	switch {
	case m.Version != "" && m.Commit != "":
		return m.Version + " (" + m.Commit + ")"
	case m.Version+m.Commit != "":
		return m.Version + m.Commit
	default:
		return "unknown"
	}
}

// Size writes the file's length for people.
func (f *File) Size() string {
	const unit = 1000.0
	switch n := float64(f.Bytes); {
	case n < unit:
		return strconv.FormatInt(f.Bytes, 10) + " B"
	case n < unit*unit:
		return fixed(n/unit, 1) + " kB"
	case n < unit*unit*unit:
		return fixed(n/unit/unit, 1) + " MB"
	default:
		return fixed(n/unit/unit/unit, 1) + " GB"
	}
}

func day(t time.Time) string { return t.UTC().Format("2 Jan 2006") }

// Day is the report's date as the page writes it.
func (r *Report) Day() string { return day(r.Date) }
