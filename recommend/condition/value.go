package condition

import (
	"slices"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

func textValue(s string) ref.Val {
	if s == "" {
		return nil
	}
	return types.String(s)
}

func intValue(n Maybe[int64]) ref.Val {
	if !n.Known {
		return nil
	}
	return types.Int(n.Value)
}

// doubleValue takes NaN for unknown: it is what a formula without data gives.
func doubleValue(n Maybe[float64]) ref.Val {
	if !n.Known || n.Value != n.Value {
		return nil
	}
	return types.Double(n.Value)
}

// texts is a list of strings that answers "in" without boxing each of them.
type texts struct {
	traits.Lister
	elements []string
}

func (l *texts) Contains(wanted ref.Val) ref.Val {
	s, ok := wanted.(types.String)
	return types.Bool(ok && slices.Contains(l.elements, string(s)))
}

func computedList(elements []string) ref.Val {
	if elements == nil {
		return nil
	}
	return statedList(elements, maxEntries)
}

func statedList(elements []string, most int) ref.Val {
	elements = elements[:min(len(elements), most)]
	return &texts{Lister: types.NewStringList(types.DefaultTypeAdapter, elements), elements: elements}
}

// table is a map whose missing keys are unknown instead of errors.
type table struct {
	traits.Mapper
	unknown ref.Val
}

// FindStringKey returns the value under a constant key.
func (t *table) FindStringKey(key string) (any, bool) {
	v, _ := t.Find(types.String(key))
	return v, true
}

// Find returns the value under key.
func (t *table) Find(key ref.Val) (ref.Val, bool) {
	if v, ok := t.Mapper.Find(key); ok {
		return v, true
	}
	return t.unknown, true
}

// Get returns the value under key.
func (t *table) Get(key ref.Val) ref.Val {
	v, _ := t.Find(key)
	return v
}

func mapValue[V any](m map[string]V) ref.Val {
	return &table{Mapper: types.DefaultTypeAdapter.NativeToValue(m).(traits.Mapper), unknown: unknownValue()}
}
