package catalog

import (
	"iter"
	"strings"

	"osusume/recommend/itemset"
	"osusume/recommend/snapshot"
)

// index gives the names of one kind of attribute ordinals from 1 and keeps the
// members of each. A name without members keeps its ordinal but no memory
// beyond its entry. Ordinal 0 is the empty name and never has members.
type index struct {
	names   snapshot.Dict
	members snapshot.Array[entry]
}

// entry is nil or the members of one ordinal, and the epoch they were last
// cloned in.
type entry struct {
	members *itemset.Members
	epoch   uint64
}

// ordinal returns the ordinal of name, giving it the next one when it is new.
func (x *index) ordinal(name string) uint32 {
	if name == "" {
		return 0
	}
	if o, ok := x.names.Lookup(name); ok {
		return o + 1
	}
	o := x.names.Intern(strings.Clone(name)) + 1
	x.members.Grow(int(o) + 1)
	return o
}

// name returns the catalog's own copy of the name of an ordinal.
func (x *index) name(ordinal uint32) string {
	if ordinal == 0 {
		return ""
	}
	return x.names.Key(ordinal - 1)
}

func (x *index) freeze() frozenIndex {
	return frozenIndex{names: x.names.Freeze(), members: x.members.Freeze()}
}

type frozenIndex struct {
	names   snapshot.FrozenDict
	members snapshot.Frozen[entry]
}

// of returns the members of name, nil when there are none.
func (x frozenIndex) of(name string) *itemset.Members {
	o, ok := x.names.Lookup(name)
	if !ok {
		return nil
	}
	return at(x.members, o+1)
}

// at returns the members of an ordinal, nil when there are none.
func at(members snapshot.Frozen[entry], ordinal uint32) *itemset.Members {
	if int(ordinal) >= members.Len() {
		return nil
	}
	return members.Ref(ordinal).members
}

// join adds item i to the members of an ordinal; ordinal 0 has none.
func (c *Catalog) join(members *snapshot.Array[entry], ordinal, i uint32) {
	if ordinal == 0 {
		return
	}
	members.Grow(int(ordinal) + 1)
	e := c.ownEntry(members, ordinal)
	if e.members == nil {
		*e = entry{members: &itemset.Members{}, epoch: c.epoch}
	}
	before := e.members.Bytes()
	e.members.Add(i)
	c.bytes += e.members.Bytes() - before
}

// leave removes item i from the members of an ordinal.
func (c *Catalog) leave(members *snapshot.Array[entry], ordinal, i uint32) {
	if ordinal == 0 || int(ordinal) >= members.Len() || members.At(ordinal).members == nil {
		return
	}
	e := c.ownEntry(members, ordinal)
	before := e.members.Bytes()
	e.members.Remove(i)
	if e.members.Count() == 0 {
		e.members = nil
	}
	c.bytes += e.members.Bytes() - before
}

// ownEntry returns the entry for changing, cloned if a snapshot shares it.
func (c *Catalog) ownEntry(members *snapshot.Array[entry], ordinal uint32) *entry {
	e := members.Ptr(ordinal)
	if e.members != nil && e.epoch != c.epoch {
		c.bytes -= e.members.Bytes()
		*e = entry{members: e.members.Clone(), epoch: c.epoch}
		c.bytes += e.members.Bytes()
	}
	return e
}

// paths iterates over the joined paths from the root to the leaf.
func paths(category []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		full := strings.Join(category, "/")
		end := -1
		for _, segment := range category {
			end += len(segment) + 1
			if !yield(full[:end]) {
				return
			}
		}
	}
}
