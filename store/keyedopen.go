package store

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
)

// keyedReport is what a reading of all keyed entries found.
type keyedReport struct {
	sum                  uint64
	documents, decisions uint64
	lastDecision         uint64
	// state is what the last commit wrote; stateErr says why it is unknown.
	state    keyedState
	stateErr error
	// faults name the damaged entries, whose keys are bad.
	faults []Problem
	bad    [][]byte
}

// readKeyed reads and decodes every keyed entry.
func readKeyed(txn *badger.Txn) (rep keyedReport, err error) {
	item, err := txn.Get([]byte{prefixState})
	switch {
	case errors.Is(err, badger.ErrKeyNotFound):
		// Nothing was ever changed; parseState would refuse the zero state.
	case err != nil:
		return rep, err
	default:
		err := item.Value(func(v []byte) error {
			rep.state, rep.stateErr = parseState(v)
			return nil
		})
		if err != nil {
			return rep, err
		}
	}
	for _, prefix := range keyedPrefixes {
		err := eachEntry(txn, []byte{prefix}, func(key, value, body []byte, err error) error {
			part, count := "document", &rep.documents
			if prefix == prefixDecision {
				part, count = "decision", &rep.decisions
			}
			if err == nil {
				err = checkEntry(key, body)
			}
			if err != nil {
				rep.faults = append(rep.faults, Problem{Part: part, Detail: fmt.Sprintf("%s is damaged: %v", entryName(key), err)})
				rep.bad = append(rep.bad, append([]byte(nil), key...))
				return nil
			}
			*count++
			if place, ok := parseDecisionKey(key); ok {
				rep.lastDecision = max(rep.lastDecision, place)
			}
			rep.sum ^= entrySum(key, value)
			return nil
		})
		if err != nil {
			return rep, err
		}
	}
	return rep, nil
}

// checkEntry decodes one entry.
func checkEntry(key, body []byte) error {
	if key[0] == prefixDocument {
		_, err := decodeDocument(key, body)
		return err
	}
	_, err := decodeDecision(key, body)
	return err
}

// entryName is how messages call the entry of key.
func entryName(key []byte) string {
	if kind, id, ok := parseDocumentKey(key); ok {
		return fmt.Sprintf("%s %q", kind, id)
	}
	if place, ok := parseDecisionKey(key); ok {
		return fmt.Sprintf("record %d of the offer ledger", place)
	}
	return fmt.Sprintf("entry %x", key)
}

// recoverKeyed proves that the documents and decisions acknowledged are there.
func (s *Store) recoverKeyed() error {
	hw, high, found, damagedSlots, err := openHighWater(filepath.Join(s.dir, keyedHighWaterTag))
	if err != nil {
		return err
	}
	k := &s.keyed
	k.highWater = hw
	for _, err := range damagedSlots {
		s.log.Warn("high-water slot is damaged", "error", err)
	}
	var rep keyedReport
	err = s.view(func(txn *badger.Txn) error {
		rep, err = readKeyed(txn)
		return err
	})
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	k.state = keyedState{generation: rep.state.generation, sum: rep.sum}
	k.lastDecision = rep.lastDecision
	if reason := rep.loss(high, found, damagedSlots); reason != "" {
		if !s.opts.AcceptLoss {
			return &LossError{Dir: s.dir, Reason: reason}
		}
		s.log.Error("going on without acknowledged changes", "reason", reason)
		return s.acceptKeyedLoss(&rep, high)
	}
	want := mark{seq: k.state.generation, hash: k.state.sum}
	writes := len(damagedSlots) // they are written in turn
	if want != high {
		writes = max(writes, 1)
	}
	for range writes {
		if err := k.highWater.set(want); err != nil {
			return err
		}
	}
	return nil
}

// loss compares what was read with the state and the high water and says what
// is wrong, "" when nothing is.
func (r *keyedReport) loss(high mark, found bool, damagedSlots []error) string {
	switch st := r.state; {
	case len(r.faults) > 0:
		return r.faults[0].Detail
	case r.stateErr != nil:
		return fmt.Sprintf("the count of configuration changes is damaged: %v", r.stateErr)
	case r.sum != st.sum:
		return fmt.Sprintf("documents or decisions are not those of configuration change %d", st.generation)
	case !found && len(damagedSlots) > 0:
		return fmt.Sprintf("the file %s is damaged (%v), so the newest configuration cannot be proved", keyedHighWaterTag, errors.Join(damagedSlots...))
	case !found && st.generation > 0:
		return fmt.Sprintf("the file %s is missing, so the newest configuration cannot be proved", keyedHighWaterTag)
	case high.seq > st.generation:
		return fmt.Sprintf("configuration change %d was durable, but the newest here is %d", high.seq, st.generation)
	case high.seq == st.generation && high.hash != st.sum:
		return fmt.Sprintf("configuration change %d is not the one that was durable", st.generation)
	}
	return ""
}

// acceptKeyedLoss drops what is damaged and makes the rest the acknowledged state.
func (s *Store) acceptKeyedLoss(rep *keyedReport, high mark) error {
	for _, f := range rep.faults {
		s.log.Error("dropping a damaged entry", "part", f.Part, "detail", f.Detail)
	}
	next := keyedState{generation: max(high.seq, rep.state.generation) + 1, sum: rep.sum}
	if err := s.deleteKeys(rep.bad); err != nil {
		return err
	}
	err := guard(func() error {
		return s.db.Update(func(txn *badger.Txn) error {
			return txn.Set([]byte{prefixState}, sealState(next))
		})
	})
	if err != nil {
		return fmt.Errorf("write configuration state: %w", err)
	}
	s.keyed.state = next
	// Slots are written in turn: both end with the accepted state.
	m := mark{seq: next.generation, hash: next.sum}
	return errors.Join(s.keyed.highWater.set(m), s.keyed.highWater.set(m))
}

// verifyKeyed reads every document and decision again.
func (s *Store) verifyKeyed(rep *VerifyReport) error {
	k := &s.keyed
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return errClosed
	}
	var got keyedReport
	err := s.view(func(txn *badger.Txn) error {
		var err error
		got, err = readKeyed(txn)
		return err
	})
	if err != nil {
		return err
	}
	rep.Documents, rep.Decisions = got.documents, got.decisions
	for _, f := range got.faults {
		rep.add(f.Part, "%s", f.Detail)
	}
	switch {
	case k.failed != nil || len(got.faults) > 0:
		// After a failed commit the disk may hold the change or not.
	case got.stateErr != nil:
		rep.add("document", "the count of changes is damaged: %v", got.stateErr)
	case got.state != k.state || got.sum != k.state.sum:
		rep.add("document", "the documents and decisions are not those of change %d", k.state.generation)
	}
	slots, err := readSlots(k.highWater.f)
	if err != nil {
		rep.add("high water", "%s: %v", keyedHighWaterTag, err)
		return nil
	}
	newest := slotState{}
	for i, slot := range slots {
		if slot.err != nil {
			rep.add("high water", "slot %d of %s: %v", i, keyedHighWaterTag, slot.err)
		} else if slot.generation >= newest.generation {
			newest = slot
		}
	}
	if want := (mark{seq: k.state.generation, hash: k.state.sum}); newest.mark != want && k.failed == nil {
		rep.add("high water", "%s says change %d, the newest acknowledged is %d", keyedHighWaterTag, newest.seq, want.seq)
	}
	return nil
}
