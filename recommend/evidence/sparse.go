package evidence

import "osusume/recommend/snapshot"

// sparse is an array of which few elements are in use: 4 bytes for one that is
// not, nothing beyond the last one that is.
type sparse[T any] struct {
	place snapshot.Array[uint32] // in rows, plus one
	rows  snapshot.Array[T]
}

// ptr returns element i for changing, until the next freeze.
func (s *sparse[T]) ptr(i uint32) *T {
	s.place.Grow(int(i) + 1)
	p := s.place.At(i)
	if p == 0 {
		var zero T
		p = s.rows.Append(zero) + 1
		s.place.Set(i, p)
	}
	return s.rows.Ptr(p - 1)
}

func (s *sparse[T]) bytes() int64 { return s.place.Bytes() + s.rows.Bytes() }

func (s *sparse[T]) freeze() frozenSparse[T] {
	return frozenSparse[T]{s.place.Freeze(), s.rows.Freeze()}
}

type frozenSparse[T any] struct {
	place snapshot.Frozen[uint32]
	rows  snapshot.Frozen[T]
}

// ref returns element i for reading, nil when it is not in use.
func (f frozenSparse[T]) ref(i uint32) *T {
	if int(i) >= f.place.Len() {
		return nil
	}
	p := f.place.At(i)
	if p == 0 {
		return nil
	}
	return f.rows.Ref(p - 1)
}
