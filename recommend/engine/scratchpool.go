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
type scratchPool struct {
	lent chan struct{} // one for each that is lent
	idle sync.Pool     // of *scratch
}

// scratchesPerCore allows for requests that the system or the collector stops in
// the middle of an answer.
const scratchesPerCore = 2

func newScratchPool() *scratchPool {
	return &scratchPool{
		lent: make(chan struct{}, scratchesPerCore*runtime.GOMAXPROCS(0)),
		idle: sync.Pool{New: func() any { return &scratch{} }},
	}
}

// get lends a scratch, waiting for one when all are lent.
func (p *scratchPool) get() *scratch {
	p.lent <- struct{}{}
	return p.idle.Get().(*scratch)
}

// put takes a scratch back; nil stands for one that is not fit for use any more.
func (p *scratchPool) put(s *scratch) {
	if s != nil {
		p.idle.Put(s)
	}
	<-p.lent
}
