package condition

import (
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/parser"
)

// Clause is one of the parts of a condition that must all hold.
type Clause struct {
	Source  string
	Outcome Outcome
	// Error says why a Failed clause could not be computed.
	Error string
	// Inputs are the variables the clause reads: bool, int64, float64, string,
	// []string, a map of these, or nil for unknown.
	Inputs map[string]any
}

type clause struct {
	source  string
	program cel.Program
	uses    varSet
	asked   varSet
}

// Explain evaluates each part of the condition that "&&" joins at the top by
// itself, in the order they are written. It costs several times an Eval; the
// first call also compiles the parts.
func (c *Condition) Explain(a *Activation) []Clause {
	clauses := c.clauses()
	out := make([]Clause, len(clauses))
	for i, part := range clauses {
		outcome, err := evaluate(part.program, part.asked, a)
		out[i] = Clause{Source: part.source, Outcome: outcome, Inputs: a.inputs(part.uses)}
		if err != nil {
			out[i].Error = err.Error()
		}
	}
	return out
}

// split compiles the parts of c. Whatever a part asks of 'unknown' is what
// the whole asks: a variable must not be known in one part and not in another.
func split(env *cel.Env, c *Condition, tree *ast.AST) []clause {
	whole := []clause{{source: c.source, program: c.program, uses: c.uses, asked: c.asked}}
	parts := conjuncts(tree.Expr(), nil)
	sources := make([]string, len(parts))
	for i, part := range parts {
		source, err := parser.Unparse(part, tree.SourceInfo())
		if err != nil {
			return whole
		}
		sources[i] = source
	}
	if written := splitText(c.source); sameTexts(env, written, sources) {
		sources = written
	}
	out := make([]clause, len(sources))
	for i, source := range sources {
		checked, issues := env.Compile(source)
		if issues.Err() != nil {
			return whole
		}
		program, err := env.Program(checked, cel.EvalOptions(cel.OptOptimize))
		if err != nil {
			return whole
		}
		out[i] = clause{source: source, program: program, uses: read(checked.NativeRep(), c.scope).uses, asked: c.asked}
	}
	return out
}

// conjuncts appends the parts of e that "&&" joins, in order.
func conjuncts(e ast.Expr, to []ast.Expr) []ast.Expr {
	if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != operators.LogicalAnd {
		return append(to, e)
	}
	for _, arg := range e.AsCall().Args() {
		to = conjuncts(arg, to)
	}
	return to
}

// sameTexts reports whether the written parts mean the canonical ones, so
// that people may be shown what they wrote.
func sameTexts(env *cel.Env, written, canonical []string) bool {
	if len(written) != len(canonical) {
		return false
	}
	for i, source := range written {
		parsed, issues := env.Parse(source)
		if issues.Err() != nil {
			return false
		}
		again, err := cel.AstToString(parsed)
		if err != nil || again != canonical[i] {
			return false
		}
	}
	return true
}

// splitText cuts source at every "&&" outside parentheses, brackets, braces
// and quotes.
func splitText(source string) []string {
	bare := unquoted(source)
	var out []string
	depth, start := 0, 0
	for i := 0; i < len(bare); i++ {
		switch bare[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case '&':
			if depth == 0 && strings.HasPrefix(bare[i:], "&&") {
				out = append(out, strings.TrimSpace(source[start:i]))
				i++
				start = i + 1
			}
		}
	}
	return append(out, strings.TrimSpace(source[start:]))
}

// unquoted returns source with what stands in simple quotes blanked, byte for
// byte. It is a help for reading, not a parser.
func unquoted(source string) string {
	out := []byte(source)
	for i := 0; i < len(out); i++ {
		quote := out[i]
		if quote != '\'' && quote != '"' {
			continue
		}
		for i++; i < len(out) && out[i] != quote; i++ {
			if out[i] == '\\' && i+1 < len(out) {
				out[i] = ' '
				i++
			}
			out[i] = ' '
		}
	}
	return string(out)
}

// shown turns a value into what Clause.Inputs holds.
func shown(v ref.Val) any {
	switch v := v.(type) {
	case types.String:
		return string(v)
	case types.Int:
		return int64(v)
	case types.Double:
		return float64(v)
	case types.Bool:
		return bool(v)
	case types.Timestamp:
		return v.UTC().Format(time.RFC3339)
	case *texts:
		return slices.Clone(v.elements)
	case *table:
		return v.Value()
	default:
		return nil
	}
}
