package engine

import (
	"runtime"
	"sync"
)

// scratchPool lends scratches, never more than a few for each core: answering takes
// nothing but a core, so more would only wait for one in turns. The bound matters
// because a scratch is as large as the catalog. With as many as there are requests,
// those that wait for the garbage collector in the middle of an answer made others
// allocate megabytes, and so wait for it as well.
//
// The scratch given back last is lent first, since caches may still have it. They
// are kept: their bound is their cost.
type scratchPool struct {
	mu   sync.Mutex
	back sync.Cond // a scratch is given back or lost
	free []*scratch
	lent int
	most int
}

// scratchesPerCore allows for requests that the system or the collector stops in
// the middle of an answer.
const scratchesPerCore = 2

func newScratchPool() *scratchPool {
	p := &scratchPool{most: scratchesPerCore * runtime.GOMAXPROCS(0)}
	p.back.L = &p.mu
	return p
}

// get lends a scratch, waiting for one when all are lent.
func (p *scratchPool) get() *scratch {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.lent == p.most {
		p.back.Wait()
	}
	p.lent++
	last := len(p.free) - 1
	if last < 0 {
		return &scratch{}
	}
	s := p.free[last]
	p.free = p.free[:last]
	return s
}

// put takes a scratch back; nil stands for one that is not fit for use any more.
func (p *scratchPool) put(s *scratch) {
	p.mu.Lock()
	p.lent--
	if s != nil {
		p.free = append(p.free, s)
	}
	p.mu.Unlock()
	p.back.Signal()
}
