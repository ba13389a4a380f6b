package condition

import (
	"math"
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// A part of a condition is native when it is made of comparisons of variables,
// constants and sums, of "in", and of &&, || and !. Such parts run as plain Go,
// several times faster than CEL's programs and without allocating; they mean
// exactly the same, and what cannot be the same (a sum that overflows) is left
// to CEL.
type native func(a *Activation) Outcome

// undecided is the outcome of a native part that only CEL can tell.
const undecided Outcome = 255

// nativeParts returns the native ones among the parts of e that "&&" joins, and
// whether those are all of them.
func nativeParts(e ast.Expr) (parts []native, all bool) {
	all = true
	for _, part := range conjuncts(e, nil) {
		if n := nativeBool(part); n != nil {
			parts = append(parts, n)
		} else {
			all = false
		}
	}
	return parts, all
}

// nativeBool returns nil for what is not native.
func nativeBool(e ast.Expr) native {
	if place, ok := placeOf(e, types.BoolType); ok {
		return func(a *Activation) Outcome {
			v, ok := a.value(place).(types.Bool)
			return outcomeOf(bool(v), ok)
		}
	}
	if e.Kind() == ast.LiteralKind {
		v, ok := e.AsLiteral().(types.Bool)
		if !ok {
			return nil
		}
		return func(*Activation) Outcome { return outcomeOf(bool(v), true) }
	}
	if e.Kind() != ast.CallKind {
		return nil
	}
	call := e.AsCall()
	switch name := call.FunctionName(); name {
	case operators.LogicalNot:
		return nativeNot(call)
	case operators.LogicalAnd:
		return nativeJoin(call, False)
	case operators.LogicalOr:
		return nativeJoin(call, True)
	case operators.In:
		return nativeIn(call.Args()[0], call.Args()[1])
	default:
		if holds := orderOf(name); holds != nil {
			return nativeComparison(holds, call.Args()[0], call.Args()[1])
		}
		return nil
	}
}

func outcomeOf(holds, known bool) Outcome {
	switch {
	case !known:
		return NotKnown
	case holds:
		return True
	default:
		return False
	}
}

func nativeNot(call ast.CallExpr) native {
	inner := nativeBool(call.Args()[0])
	if inner == nil {
		return nil
	}
	return func(a *Activation) Outcome {
		switch outcome := inner(a); outcome {
		case True:
			return False
		case False:
			return True
		default:
			return outcome
		}
	}
}

// nativeJoin is && for False and || for True: the outcome that decides alone,
// whatever the other side is.
func nativeJoin(call ast.CallExpr, decides Outcome) native {
	left, right := nativeBool(call.Args()[0]), nativeBool(call.Args()[1])
	if left == nil || right == nil {
		return nil
	}
	return func(a *Activation) Outcome {
		l := left(a)
		if l == decides {
			return l
		}
		switch r := right(a); {
		case r == decides:
			return r
		case l == undecided || r == undecided:
			return undecided
		case l == NotKnown || r == NotKnown:
			return NotKnown
		default:
			return r // what decides nothing, on both sides
		}
	}
}

// orderOf returns whether an operator holds for the sign of what compares its
// sides, nil for one that does not compare.
func orderOf(name string) func(sign int) bool {
	switch name {
	case operators.Equals:
		return func(sign int) bool { return sign == 0 }
	case operators.NotEquals:
		return func(sign int) bool { return sign != 0 }
	case operators.Less:
		return func(sign int) bool { return sign < 0 }
	case operators.LessEquals:
		return func(sign int) bool { return sign <= 0 }
	case operators.Greater:
		return func(sign int) bool { return sign > 0 }
	case operators.GreaterEquals:
		return func(sign int) bool { return sign >= 0 }
	default:
		return nil
	}
}

func nativeComparison(holds func(sign int) bool, left, right ast.Expr) native {
	if l, r := nativeInt(left), nativeInt(right); l != nil && r != nil {
		return compared(holds, l, r, func(x, y int64) int { return sign(x < y, x > y) })
	}
	if l, r := nativeText(left), nativeText(right); l != nil && r != nil {
		return compared(holds, l, r, func(x, y string) int { return sign(x < y, x > y) })
	}
	if l, r := nativeDouble(left), nativeDouble(right); l != nil && r != nil {
		return compared(holds, l, r, func(x, y float64) int { return sign(x < y, x > y) })
	}
	return nil
}

func sign(less, greater bool) int {
	switch {
	case less:
		return -1
	case greater:
		return 1
	default:
		return 0
	}
}

// term is a native expression that is no bool. Its outcome is True when the
// value is known, else NotKnown or undecided.
type term[T any] func(a *Activation) (T, Outcome)

func compared[T any](holds func(sign int) bool, left, right term[T], compare func(x, y T) int) native {
	return func(a *Activation) Outcome {
		x, known := left(a)
		y, also := right(a)
		if worst := max(known, also); worst != True {
			return worst
		}
		return outcomeOf(holds(compare(x, y)), true)
	}
}

func nativeInt(e ast.Expr) term[int64] {
	if place, ok := placeOf(e, types.IntType); ok {
		return func(a *Activation) (int64, Outcome) {
			v, ok := a.value(place).(types.Int)
			return int64(v), outcomeOf(true, ok)
		}
	}
	switch e.Kind() {
	case ast.LiteralKind:
		if v, ok := e.AsLiteral().(types.Int); ok {
			return func(*Activation) (int64, Outcome) { return int64(v), True }
		}
	case ast.CallKind:
		call := e.AsCall()
		if len(call.Args()) != 2 || call.IsMemberFunction() {
			return nil
		}
		var add func(x, y int64) (sum int64, fits bool)
		switch call.FunctionName() {
		case operators.Add:
			add = sum
		case operators.Subtract:
			add = difference
		default:
			return nil
		}
		left, right := nativeInt(call.Args()[0]), nativeInt(call.Args()[1])
		if left == nil || right == nil {
			return nil
		}
		return func(a *Activation) (int64, Outcome) {
			x, known := left(a)
			y, also := right(a)
			if worst := max(known, also); worst != True {
				return 0, worst
			}
			v, fits := add(x, y)
			if !fits {
				return 0, undecided
			}
			return v, True
		}
	}
	return nil
}

func sum(x, y int64) (int64, bool) {
	v := x + y
	return v, (v > x) == (y > 0)
}

func difference(x, y int64) (int64, bool) {
	v := x - y
	return v, (v < x) == (y > 0)
}

func nativeDouble(e ast.Expr) term[float64] {
	if place, ok := placeOf(e, types.DoubleType); ok {
		return func(a *Activation) (float64, Outcome) {
			v, ok := a.value(place).(types.Double)
			return float64(v), outcomeOf(true, ok)
		}
	}
	if e.Kind() == ast.LiteralKind {
		if v, ok := e.AsLiteral().(types.Double); ok && !math.IsNaN(float64(v)) {
			return func(*Activation) (float64, Outcome) { return float64(v), True }
		}
	}
	return nil
}

func nativeText(e ast.Expr) term[string] {
	if place, ok := placeOf(e, types.StringType); ok {
		return func(a *Activation) (string, Outcome) {
			v, ok := a.value(place).(types.String)
			return string(v), outcomeOf(true, ok)
		}
	}
	if e.Kind() == ast.LiteralKind {
		if v, ok := e.AsLiteral().(types.String); ok {
			return func(*Activation) (string, Outcome) { return string(v), True }
		}
	}
	return nil
}

// nativeIn is a text or a number in a list of constants, or a text in a list
// that is a variable.
func nativeIn(element, list ast.Expr) native {
	if text := nativeText(element); text != nil {
		if place, ok := placeOf(list, types.NewListType(types.StringType)); ok {
			return func(a *Activation) Outcome {
				x, known := text(a)
				l, also := a.value(place).(*texts)
				if worst := max(known, outcomeOf(true, also)); worst != True {
					return worst
				}
				return outcomeOf(slices.Contains(l.elements, x), true)
			}
		}
		return nativeAmong(text, constants[types.String, string](list))
	}
	if number := nativeInt(element); number != nil {
		return nativeAmong(number, constants[types.Int, int64](list))
	}
	return nil
}

func nativeAmong[T comparable](element term[T], values []T) native {
	if values == nil {
		return nil
	}
	return func(a *Activation) Outcome {
		x, known := element(a)
		if known != True {
			return known
		}
		return outcomeOf(slices.Contains(values, x), true)
	}
}

// constants returns the elements of a list of constants of type C as Ts, nil for
// anything else.
func constants[C interface {
	ref.Val
	~string | ~int64
}, T ~string | ~int64](list ast.Expr) []T {
	if list.Kind() != ast.ListKind {
		return nil
	}
	out := []T{}
	for _, e := range list.AsList().Elements() {
		if e.Kind() != ast.LiteralKind {
			return nil
		}
		c, ok := e.AsLiteral().(C)
		if !ok {
			return nil
		}
		v, ok := c.Value().(T)
		if !ok {
			return nil
		}
		out = append(out, v)
	}
	return out
}

// placeOf returns the variable of type t that e is.
func placeOf(e ast.Expr, t *types.Type) (place int, ok bool) {
	path, _ := pathOf(e)
	if path == "" {
		return 0, false
	}
	place, ok = words().places[path]
	return place, ok && words().variables[place].typ.IsExactType(t)
}
