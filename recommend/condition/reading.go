package condition

import (
	"math/bits"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"osusume/recommend"
)

// varSet is a set of places in the vocabulary, which holds at most 64.
type varSet uint64

func (s varSet) has(place int) bool { return s&(1<<place) != 0 }

func (s varSet) names() []string {
	var out []string
	for ; s != 0; s &= s - 1 {
		out = append(out, words().variables[bits.TrailingZeros64(uint64(s))].Name)
	}
	return out
}

// reading is what the syntax tree of a condition says of its variables,
// before types are looked at: errors about names come out better here.
type reading struct {
	info  *ast.SourceInfo
	scope Scope
	bound []string // variables of the loops around
	uses  varSet
	asked varSet
	err   *recommend.Error
}

func read(tree *ast.AST, scope Scope) *reading {
	r := &reading{info: tree.SourceInfo(), scope: scope}
	r.expr(tree.Expr())
	return r
}

func (r *reading) expr(e ast.Expr) {
	if r.err != nil {
		return
	}
	switch e.Kind() {
	case ast.IdentKind, ast.SelectKind:
		r.reference(e)
	case ast.CallKind:
		call := e.AsCall()
		if call.IsMemberFunction() {
			r.expr(call.Target())
		}
		for _, arg := range call.Args() {
			r.expr(arg)
		}
		r.comparison(call)
	case ast.ListKind:
		for _, element := range e.AsList().Elements() {
			r.expr(element)
		}
	case ast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			r.expr(entry.AsMapEntry().Key())
			r.expr(entry.AsMapEntry().Value())
		}
	case ast.StructKind:
		for _, f := range e.AsStruct().Fields() {
			r.expr(f.AsStructField().Value())
		}
	case ast.ComprehensionKind:
		r.loop(e.AsComprehension())
	}
}

func (r *reading) loop(c ast.ComprehensionExpr) {
	r.expr(c.IterRange())
	r.expr(c.AccuInit())
	depth := len(r.bound)
	r.bound = append(r.bound, c.AccuVar(), c.IterVar())
	if c.HasIterVar2() {
		r.bound = append(r.bound, c.IterVar2())
	}
	r.expr(c.LoopCondition())
	r.expr(c.LoopStep())
	r.expr(c.Result())
	r.bound = r.bound[:depth]
}

// reference takes note of the variable that e, a name or a path of names, is
// or starts with.
func (r *reading) reference(e ast.Expr) {
	path, root := pathOf(e)
	if path == "" { // a field of something computed
		r.expr(root)
		return
	}
	name, _, _ := strings.Cut(path, ".")
	if slices.Contains(r.bound, name) || isTypeName(path) {
		return
	}
	w := words()
	for known := path; ; {
		if place, ok := w.places[known]; ok {
			if known != path && w.variables[place].typ.Kind() != types.MapKind {
				break
			}
			if !w.variables[place].In(r.scope) {
				r.err = recommend.Invalid(field, "%s%s may not be used in a %s condition; use %s",
					position(r.info, e.ID()), known, r.scope, allowed(r.scope))
				return
			}
			r.uses |= 1 << place
			return
		}
		cut := strings.LastIndexByte(known, '.')
		if cut < 0 {
			break
		}
		known = known[:cut]
	}
	hint := ""
	if near := closest(path, r.scope); near != "" {
		hint = "; did you mean " + near + "?"
	}
	r.err = recommend.Invalid(field, "%sunknown variable %s%s", position(r.info, root.ID()), path, hint)
}

// pathOf returns the dotted name e stands for and the expression it starts
// with. The name is empty when that is not a name.
func pathOf(e ast.Expr) (string, ast.Expr) {
	switch e.Kind() {
	case ast.IdentKind:
		return strings.TrimPrefix(e.AsIdent(), "."), e
	case ast.SelectKind:
		path, root := pathOf(e.AsSelect().Operand())
		if path != "" {
			path += "." + e.AsSelect().FieldName()
		}
		return path, root
	default:
		return "", e
	}
}

// isTypeName reports whether name is one of CEL's own.
func isTypeName(name string) bool {
	switch name {
	case "int", "uint", "double", "bool", "string", "bytes", "list", "map", "type", "null_type",
		"google.protobuf.Timestamp", "google.protobuf.Duration":
		return true
	default:
		return false
	}
}

func allowed(scope Scope) string {
	if scope == Segment {
		return "customer.*, now and date"
	}
	return "customer.*, cart.*, item.*, channel, surface, now, date, hour and weekday"
}

// comparison looks at a text variable compared with texts: it notes who asks
// for 'unknown', and refuses a text the variable can never be.
func (r *reading) comparison(call ast.CallExpr) {
	if r.err != nil || len(call.Args()) != 2 {
		return
	}
	left, right := call.Args()[0], call.Args()[1]
	switch call.FunctionName() {
	case operators.Equals, operators.NotEquals:
		r.compared(left, right)
		r.compared(right, left)
	case operators.In:
		if right.Kind() == ast.ListKind {
			for _, element := range right.AsList().Elements() {
				r.compared(left, element)
			}
		}
	}
}

func (r *reading) compared(variable, with ast.Expr) {
	path, _ := pathOf(variable)
	place, ok := words().places[path]
	if !ok || with.Kind() != ast.LiteralKind || r.err != nil {
		return
	}
	text, ok := with.AsLiteral().(types.String)
	if !ok {
		return
	}
	values := words().variables[place].Values
	switch {
	case text == Unknown:
		r.asked |= 1 << place
	case values != nil && !slices.Contains(values, string(text)):
		r.err = recommend.Invalid(field, "%s%s is never '%s'; it is one of %s",
			position(r.info, with.ID()), path, string(text), strings.Join(values, ", "))
	}
}
