package cooccur

// ErrorBound is by how much at most the support of a pair of item is below what
// was counted: 0 until pairs were dropped.
func (c *Counts) ErrorBound(k Kind, item uint32) uint32 {
	if !c.pruned {
		return 0
	}
	return c.bounds[k][item]
}

func (c *Counts) growBounds() {
	for k := range c.bounds {
		c.bounds[k] = extend(c.bounds[k], c.Len())
	}
}
