package condition

import (
	"math/bits"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Outcome is what a condition comes to. Only True holds.
type Outcome uint8

// The outcomes.
const (
	False Outcome = iota
	True
	// NotKnown: it depends on something that is not known.
	NotKnown
	// Failed: it cannot be computed, such as a division by zero.
	Failed
)

// String returns false, true, unknown or error.
func (o Outcome) String() string {
	switch o {
	case False:
		return "false"
	case True:
		return "true"
	case NotKnown:
		return Unknown
	default:
		return "error"
	}
}

// unknownValue is the one unknown value of CEL that stands for all of ours.
var unknownValue = sync.OnceValue(func() ref.Val { return types.NewUnknown(0, nil) })

// unknownText is the text of an unknown variable that is asked for.
const unknownText = types.String(Unknown)

// vocabularySize is the least power of two that holds the vocabulary.
const vocabularySize = 64

// Activation holds the variables of one Input, each worked out when it is
// first read and then kept, so that many conditions over one Input share the
// work. It belongs to one goroutine at a time; the zero value knows nothing.
type Activation struct {
	input  *Input
	asked  varSet // of the condition being evaluated
	done   varSet
	values [vocabularySize]ref.Val // nil: unknown

	unknown, unknownText ref.Val
}

// Bind makes the activation answer for input, which must not change until the
// next Bind.
func (a *Activation) Bind(input *Input) {
	*a = Activation{input: input, unknown: unknownValue(), unknownText: unknownText}
}

// ResolveName is for CEL: it returns the variable of that name.
func (a *Activation) ResolveName(name string) (any, bool) {
	place, ok := words().places[name]
	if !ok {
		return nil, false
	}
	return a.value(place), true
}

// Parent is for CEL; there is none.
func (a *Activation) Parent() cel.Activation { return nil }

func (a *Activation) value(place int) ref.Val {
	if !a.done.has(place) {
		a.done |= 1 << place
		a.values[place] = words().variables[place].read(a.input)
	}
	switch v := a.values[place]; {
	case v != nil:
		return v
	case a.asked.has(place):
		return a.unknownText
	default:
		return a.unknown
	}
}

// Eval evaluates the condition over what a is bound to.
func (c *Condition) Eval(a *Activation) Outcome {
	a.asked = c.asked
	worst := True
	for _, part := range c.parts {
		outcome := part(a)
		if outcome == False { // whatever the others are
			return False
		}
		worst = max(worst, outcome)
	}
	if c.complete && worst != undecided {
		return worst
	}
	outcome, _ := evaluate(c.program, c.asked, a)
	return outcome
}

// Holds evaluates the condition over input alone. Use Eval for several
// conditions over one input.
func (c *Condition) Holds(input *Input) bool {
	var a Activation
	a.Bind(input)
	return c.Eval(&a) == True
}

func evaluate(program cel.Program, asked varSet, a *Activation) (Outcome, error) {
	a.asked = asked
	value, _, err := program.Eval(a)
	switch {
	case err != nil:
		return Failed, err
	case value == types.True:
		return True, nil
	case types.IsUnknown(value):
		return NotKnown, nil
	default:
		return False, nil
	}
}

// inputs returns what the variables of set are, for a person to read: unknown
// ones are nil.
func (a *Activation) inputs(set varSet) map[string]any {
	out := make(map[string]any, bits.OnesCount64(uint64(set)))
	a.asked = 0
	for ; set != 0; set &= set - 1 {
		place := bits.TrailingZeros64(uint64(set))
		out[words().variables[place].Name] = shown(a.value(place))
	}
	return out
}
