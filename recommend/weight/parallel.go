package weight

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// MaxWorkers bounds the worker numbers Parallel hands out.
const MaxWorkers = 64

// Parallel calls work for every item from 0 to n-1 on all cores; calls with the
// same worker number do not overlap.
func Parallel(n int, work func(worker, item int)) {
	workers := min(runtime.GOMAXPROCS(0), MaxWorkers, n)
	if workers <= 1 {
		for i := range n {
			work(0, i)
		}
		return
	}
	const chunk = 16
	var next atomic.Int64
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			for {
				end := int(next.Add(chunk))
				for i := end - chunk; i < min(end, n); i++ {
					work(worker, i)
				}
				if end >= n {
					return
				}
			}
		})
	}
	wg.Wait()
}
