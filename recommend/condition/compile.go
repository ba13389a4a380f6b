package condition

import (
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"

	"osusume/recommend"
)

// Limits on one condition.
const (
	MaxSourceBytes = 2 << 10
	// MaxCost bounds the worst case in steps of CEL's cost model.
	MaxCost = 10_000
)

// maxNesting bounds the depth of parentheses, brackets and operators.
const maxNesting = 50

// field is what an error of a condition is about; the document around it
// prefixes the path.
const field = "condition"

// Condition is a compiled condition. It is immutable.
type Condition struct {
	source  string
	scope   Scope
	program cel.Program
	// parts are the native ones among those that must all hold; complete when
	// these are all.
	parts    []native
	complete bool
	uses     varSet
	// asked holds the text variables compared with 'unknown'.
	asked   varSet
	cost    uint64
	clauses func() []clause
}

// Source returns the text the condition was compiled from.
func (c *Condition) Source() string { return c.source }

// Scope returns the scope the condition was compiled for.
func (c *Condition) Scope() Scope { return c.scope }

// Cost returns the worst case of one evaluation in steps of CEL's cost model.
func (c *Condition) Cost() uint64 { return c.cost }

// Uses returns the names of the variables the condition reads, ascending.
func (c *Condition) Uses() []string { return c.uses.names() }

// environment is what every condition is compiled in. Building one costs more
// than compiling with it, so there is one.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	options := []cel.EnvOption{
		cel.CrossTypeNumericComparisons(true),
		cel.ParserRecursionLimit(maxNesting),
		cel.ParserExpressionSizeLimit(MaxSourceBytes),
		// All but has(): a key that is missing is unknown, not absent.
		cel.ClearMacros(),
		cel.Macros(cel.AllMacro, cel.ExistsMacro, cel.ExistsOneMacro, cel.FilterMacro, cel.MapMacro, cel.MapFilterMacro),
	}
	for i := range words().variables {
		w := &words().variables[i]
		options = append(options, cel.Variable(w.Name, w.typ))
	}
	return cel.NewEnv(options...)
})

// Compile checks source and makes it ready to be evaluated. The error is a
// *recommend.Error about "condition" that says where the source is wrong and,
// where that can be told, what would be right.
func Compile(source string, scope Scope) (*Condition, error) {
	switch {
	case strings.TrimSpace(source) == "":
		return nil, recommend.Invalid(field, "must not be empty; write true for one that always holds")
	case len(source) > MaxSourceBytes:
		return nil, recommend.Invalid(field, "must be at most %d bytes, got %d", MaxSourceBytes, len(source))
	case !utf8.ValidString(source):
		return nil, recommend.Invalid(field, "must be valid UTF-8")
	}
	env, err := environment()
	if err != nil {
		return nil, fmt.Errorf("build condition environment: %w", err)
	}
	parsed, issues := env.Parse(source)
	if issues.Err() != nil {
		return nil, syntaxError(source, issues)
	}
	reading := read(parsed.NativeRep(), scope)
	if reading.err != nil {
		return nil, reading.err
	}
	checked, issues := env.Check(parsed)
	if issues.Err() != nil {
		return nil, typeError(issues)
	}
	if t := checked.OutputType(); !t.IsExactType(types.BoolType) {
		return nil, recommend.Invalid(field, "must be true or false in the end, this is %.80s; compare it with something", t)
	}
	estimate, err := env.EstimateCost(checked, sizes{})
	if err != nil {
		return nil, fmt.Errorf("estimate condition cost: %w", err)
	}
	if estimate.Max > MaxCost {
		return nil, recommend.Invalid(field, "may take %d steps in the worst case, at most %d are allowed; use shorter lists or fewer nested loops", estimate.Max, MaxCost)
	}
	program, err := env.Program(checked, cel.EvalOptions(cel.OptOptimize))
	if err != nil { // constants are folded here: a bad pattern of matches(), a date that is none
		return nil, recommend.Invalid(field, "%s", strings.ToValidUTF8(err.Error(), ""))
	}
	c := &Condition{
		source: source, scope: scope, program: program,
		uses: reading.uses, asked: reading.asked, cost: estimate.Max,
	}
	c.parts, c.complete = nativeParts(checked.NativeRep().Expr())
	c.clauses = sync.OnceValue(func() []clause { return split(env, c, checked.NativeRep()) })
	return c, nil
}

// sizes bounds lists and texts for the static cost.
type sizes struct{}

// EstimateCallCost leaves the cost of functions to CEL.
func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

// EstimateSize gives the largest size of what a variable leads to.
func (sizes) EstimateSize(node cost.AstNode) *cost.SizeEstimate {
	path := node.Path()
	if len(path) == 0 {
		return nil
	}
	place, ok := words().places[path[0]]
	if !ok {
		return nil
	}
	switch {
	case len(path) == 1 && words().variables[place].most > 0:
		return &cost.SizeEstimate{Max: words().variables[place].most}
	case node.Type().Kind() != types.StringKind:
		return nil
	case len(path) > 1 && path[1] != "@items":
		return &cost.SizeEstimate{Max: recommend.MaxTextBytes}
	default:
		return &cost.SizeEstimate{Max: recommend.MaxIDBytes}
	}
}

// syntaxError words what the parser found first.
func syntaxError(source string, issues *cel.Issues) *recommend.Error {
	first := firstIssue(issues)
	if first == nil {
		return recommend.Invalid(field, "cannot be read: %s", issues.Err())
	}
	message := strings.TrimPrefix(first.Message, "Syntax error: ")
	return recommend.Invalid(field, "%scannot be read: %s%s",
		at(first.Location.Line(), first.Location.Column()), message, syntaxHint(source))
}

// syntaxHint guesses at habits from other languages, outside quoted text.
func syntaxHint(source string) string {
	bare := unquoted(source)
	lower := strings.ToLower(bare)
	switch {
	case strings.Contains(bare, "<>"):
		return "; write != for not equal"
	case strings.Contains(strings.NewReplacer("==", "", "!=", "", "<=", "", ">=", "").Replace(bare), "="):
		return "; write == for equal"
	case strings.Contains(lower, " and ") || strings.Contains(lower, " or "):
		return "; write && for and, || for or"
	case strings.Contains(lower, "not "):
		return "; write ! for not"
	default:
		return ""
	}
}

// typeError words what the checker found first.
func typeError(issues *cel.Issues) *recommend.Error {
	first := firstIssue(issues)
	if first == nil {
		return recommend.Invalid(field, "does not fit: %s", issues.Err())
	}
	where := at(first.Location.Line(), first.Location.Column())
	if name, ok := between(first.Message, "found no matching overload for '", "'"); ok {
		_, got, _ := strings.Cut(first.Message, "applied to '")
		return recommend.Invalid(field, "%s%s cannot take %s", where, operatorName(name), strings.TrimSuffix(got, "'"))
	}
	if name, ok := between(first.Message, "undeclared reference to '", "'"); ok {
		hint := ""
		if name == "has" {
			hint = "; write 'key' in map"
		}
		return recommend.Invalid(field, "%sunknown function %s%s", where, name, hint)
	}
	return recommend.Invalid(field, "%s%s", where, first.Message)
}

func firstIssue(issues *cel.Issues) *cel.Error {
	if all := issues.Errors(); len(all) > 0 {
		return all[0]
	}
	return nil
}

// at words a place; column counts characters from 0. A line below 1 is none.
func at(line, column int) string {
	if line < 1 {
		return ""
	}
	return fmt.Sprintf("line %d, column %d: ", line, column+1)
}

func between(s, before, after string) (string, bool) {
	_, s, ok := strings.Cut(s, before)
	if !ok {
		return "", false
	}
	s, _, ok = strings.Cut(s, after)
	return s, ok
}

// operatorName turns CEL's "_<_" into "<".
func operatorName(name string) string {
	if name == "@in" {
		return "in"
	}
	if trimmed := strings.Trim(name, "_"); trimmed != "" && !isWord(trimmed[0]) {
		return trimmed
	}
	return name
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// position returns where expression id stands, as words.
func position(info *ast.SourceInfo, id int64) string {
	place := info.GetStartLocation(id)
	return at(place.Line(), place.Column())
}
