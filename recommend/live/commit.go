package live

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"osusume/recommend"
)

// write is one caller's records on their way through the committer.
type write struct {
	records []recommend.Record
	done    chan outcome // buffered, gets exactly one
}

type outcome struct {
	appended []recommend.Appended
	err      error
}

// batch is what one commit made durable, in sequence order.
type batch struct {
	last    uint64
	records []recommend.Record
}

// maxCommitRecords bounds one commit; a single larger write goes alone.
const maxCommitRecords = 8192

// Ingest makes events durable and returns a verdict for each, in order, and
// the sequence of the last accepted one (of the last duplicate when all are).
// Events that fail Validate are rejected and do not keep the others back. An
// event without ID gets one. The error is set only when nothing was
// acknowledged (overloaded, unavailable).
func (l *Live) Ingest(ctx context.Context, events []recommend.Event) ([]recommend.Verdict, uint64, error) {
	now := l.cfg.Clock().UTC()
	verdicts := make([]recommend.Verdict, len(events))
	records := make([]recommend.Record, 0, len(events))
	places := make([]int, 0, len(events))
	for i := range events {
		e := events[i]
		if err := e.Validate(now); err != nil {
			verdicts[i] = recommend.Verdict{Status: recommend.Rejected, EventID: e.ID, Err: asError(err)}
			continue
		}
		if e.ID == "" {
			e.ID = "ev_" + rand.Text()
		}
		e.Time = e.Time.UTC()
		records = append(records, recommend.Record{Kind: recommend.RecordEvent, Event: e, Received: now})
		places = append(places, i)
	}
	if len(records) == 0 {
		return verdicts, 0, nil
	}
	appended, err := l.write(ctx, records)
	if err != nil {
		return nil, 0, err
	}
	var last uint64
	for k, a := range appended {
		v := recommend.Verdict{Status: recommend.Accepted, EventID: records[k].Event.ID, Seq: a.Seq}
		if a.Duplicate {
			v.Status = recommend.Duplicate
		}
		verdicts[places[k]] = v
		last = max(last, a.Seq)
	}
	// Duplicates too: their first sending may not have got this far.
	if err := l.showOffers(records); err != nil {
		return nil, 0, err
	}
	return verdicts, last, nil
}

func asError(err error) *recommend.Error {
	var e *recommend.Error
	if errors.As(err, &e) {
		return e
	}
	return &recommend.Error{Code: recommend.CodeInternal, Message: "could not be checked"}
}

// write hands records to the committer, waits until they are durable and, for a
// bounded time, until a View has them.
func (l *Live) write(ctx context.Context, records []recommend.Record) ([]recommend.Appended, error) {
	w := &write{records: records, done: make(chan outcome, 1)}
	if err := l.enqueue(ctx, w); err != nil {
		return nil, err
	}
	// From here on the records may become durable: wait for the truth, whatever
	// becomes of the caller.
	out := <-w.done
	if out.err != nil {
		return nil, out.err
	}
	var last uint64
	for _, a := range out.appended {
		last = max(last, a.Seq)
	}
	visible, cancel := context.WithTimeout(ctx, visibleWait)
	defer cancel()
	_ = l.Await(visible, last) // durable in any case
	return out.appended, nil
}

func (l *Live) enqueue(ctx context.Context, w *write) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		return unavailable("the shop is closing")
	}
	if err := l.failed(); err != nil {
		return unavailable("ingest has stopped: %v", err)
	}
	n := int64(len(w.records))
	if queued := l.queued.Add(n); queued > int64(l.cfg.QueueRecords) && queued > n {
		l.queued.Add(-n)
		return &recommend.Error{Code: recommend.CodeOverloaded, Message: "too many records are waiting to be stored, try again shortly"}
	}
	select {
	case l.queue <- w:
		return nil
	case <-ctx.Done():
		l.queued.Add(-n)
		return unavailable("gave up waiting to be stored")
	}
}

// commitLoop groups waiting writes into one durable commit at a time.
func (l *Live) commitLoop() {
	defer close(l.committed)
	behindAnswers()
	for first := range l.queue {
		group := []*write{first}
		n := len(first.records)
	gather:
		for n < maxCommitRecords {
			select {
			case w, ok := <-l.queue:
				if !ok {
					break gather
				}
				group = append(group, w)
				n += len(w.records)
			default:
				break gather
			}
		}
		l.commit(group, n)
	}
}

func (l *Live) commit(group []*write, n int) {
	records := group[0].records
	if len(group) > 1 {
		records = make([]recommend.Record, 0, n)
		for _, w := range group {
			records = append(records, w.records...)
		}
	}
	began := time.Now()
	appended, err := l.cfg.Log.Append(records)
	if err == nil && len(appended) != len(records) {
		err = fmt.Errorf("log answered %d of %d records", len(appended), len(records))
	}
	if err != nil {
		l.refuse(group, err)
		return
	}
	if l.cfg.Observer != nil {
		l.cfg.Observer.Committed(n, time.Since(began))
	}
	fresh := batch{records: make([]recommend.Record, 0, n)}
	for i, a := range appended {
		if !a.Duplicate {
			fresh.records = append(fresh.records, records[i])
			fresh.last = a.Seq
		}
	}
	if len(fresh.records) > 0 {
		l.acknowledged.Store(fresh.last)
		l.committed <- fresh
	}
	for _, w := range group {
		k := len(w.records)
		l.tell(w, outcome{appended: appended[:k:k]})
		appended = appended[k:]
	}
}

// refuse fails a group. One oversized write must not fail its neighbours, and
// an error that is not the caller's stops ingest: what reached the disk is then
// unknown until the next start.
func (l *Live) refuse(group []*write, err error) {
	switch code := recommend.CodeOf(err); {
	case code == recommend.CodeTooLarge && len(group) > 1:
		for _, w := range group {
			l.commit([]*write{w}, len(w.records))
		}
		return
	case code == recommend.CodeInternal:
		l.cfg.Logger.Error("ingest has stopped: the log cannot be written", "error", err)
		l.failure.CompareAndSwap(nil, &err)
		err = unavailable("the event could not be stored")
	}
	for _, w := range group {
		l.tell(w, outcome{err: err})
	}
}

// tell ends the waiting of a write.
func (l *Live) tell(w *write, out outcome) {
	l.queued.Add(-int64(len(w.records)))
	w.done <- out
}
