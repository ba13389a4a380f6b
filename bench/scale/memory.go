package scale

import (
	"bufio"
	"context"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"
)

// Available is the memory the system says can be taken without swapping, in
// bytes; 0 when it does not tell.
func Available() int64 { return procKilobytes("/proc/meminfo", "MemAvailable:") }

// Peak is the most memory this process has held so far, in bytes; 0 when the
// system does not tell. Pages of files that are mapped, which the system may take
// back at any time, are among it.
func Peak() int64 { return procKilobytes("/proc/self/status", "VmHWM:") }

// procKilobytes reads a "name  123 kB" line of a file, 0 when there is none.
func procKilobytes(file, name string) int64 {
	f, err := os.Open(file)
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), name); ok {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			if err != nil {
				return 0
			}
			return n << 10
		}
	}
	return 0
}

// Heap is what lives on the heap after a collection, in bytes.
func Heap() int64 {
	// The second collection frees what finalizers and pools held on to.
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// held is what the runtime has taken from the system and not given back, in bytes.
func held() int64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64()) - int64(s[1].Value.Uint64())
}

// Guard calls exceeded once the runtime holds more than limit bytes, so that a
// size that is too large ends by itself and not by the system's choice of victim; 0
// is no limit. It returns when ctx ends, with the most memory that the process was
// seen to hold but for mapped files, in bytes; 0 when the system does not tell.
func Guard(ctx context.Context, limit int64, exceeded func(held int64)) (peak int64) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		peak = max(peak, procKilobytes("/proc/self/status", "RssAnon:"))
		select {
		case <-ctx.Done():
			return peak
		case <-tick.C:
			if h := held(); limit > 0 && h > limit {
				exceeded(h)
				return peak
			}
		}
	}
}
