package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"text/template"
)

// Point is a struct with fields and methods.
type Point struct {
	X       int
	Name    string
	Any     any
	Nothing any
	hidden  int
}

func (p Point) Sum(n int) int                        { return p.X + n }
func (p Point) Fail() (string, error)                { return "", errors.New("point failed") }
func (p Point) Join(sep string, xs ...string) string { return strings.Join(xs, sep) }
func (p *Point) Far() string                         { return "far " + p.Name }

// Named prints as what String says.
type Named struct{ Name string }

func (n Named) String() string { return "<" + n.Name + ">" }

// Month is a named integer with a String method.
type Month int

func (m Month) String() string { return "month" }

// Level is a named integer without methods.
type Level int

// Label is a named string.
type Label string

// Set is a named slice with a method.
type Set []string

func (s Set) Has(x string) bool {
	for _, y := range s {
		if x == y {
			return true
		}
	}
	return false
}

// Files is a named map with a method.
type Files map[string]any

func (f Files) Get(name string) string { return fmt.Sprint(f[name]) }

// Values is a named map with methods.
type Values map[string]any

func (v Values) AsMap() map[string]any { return v }
func (v Values) Lookup(key string) any { return v[key] }

func data() any {
	return map[string]any{
		"true": true, "false": false,
		"int": 42, "zero": 0, "neg": -7,
		"int8": int8(-8), "int16": int16(1600), "int32": int32(32), "int64": int64(64),
		"uint": uint(7), "uint8": uint8(200), "uint16": uint16(16), "uint32": uint32(32), "uint64": uint64(1 << 63),
		"float": 1.5, "fzero": 0.0, "big": 1e21, "small": 1e-7, "million": 1e6, "third": 1.0 / 3, "negf": -2.5, "whole": 3.0,
		"s": "hello", "empty": "", "uni": "héllo wörld ☺", "ctl": "a\tb\n\x00\x7f", "bad": "a\xffb", "html": `<a href="x">'&'</a>`, "long": strings.Repeat("x", 30),
		"quote": `say "hi" \ back`, "tick": "a`b", "emoji": "😀\u200b",
		"bytes": []byte("byt\x00es"), "nobytes": []byte{},
		"list": []any{1, "two", 3.0, nil, true}, "elist": []any{}, "nlist": []any(nil),
		"nested": []any{[]any{1, 2}, map[string]any{"k": "v"}},
		"strs":   []string{"x", "y", "z"}, "ints": []int{3, 1, 2}, "floats": []float64{1, 2.5}, "bools": []bool{true, false},
		"map":  map[string]any{"b": 1, "a": "x", "c": nil, "d": map[string]any{"e": 5.0}},
		"emap": map[string]any{}, "nmap": map[string]any(nil),
		"smap": map[string]string{"k": "v", "j": "w"}, "imap": map[string]int{"one": 1},
		"nil":    nil,
		"values": Values{"v": 1.0},
		"point":  Point{X: 3, Name: "p", Any: "any"}, "ptr": &Point{X: 4, Name: "q"}, "nptr": (*Point)(nil),
		"named": Named{"n"}, "pnamed": &Named{"pn"},
		"month": Month(3), "level": Level(5), "label": Label("lab"), "set": Set{"a", "b"}, "files": Files{"f": "content"},
		"func": func(n int) int { return n * 2 }, "vfunc": func(s string, xs ...any) string { return fmt.Sprint(s, len(xs)) },
		"efunc": func() (any, error) { return nil, errors.New("efunc failed") },
		"a":     map[string]any{"b": map[string]any{"c": "deep"}},
	}
}

var functions = template.FuncMap{
	"fstr":   func(s string) string { return "s:" + s },
	"fint":   func(i int) int { return i + 1 },
	"fint64": func(i int64) int64 { return i + 1 },
	"fuint":  func(u uint32) uint32 { return u + 1 },
	"ffloat": func(f float64) float64 { return f * 2 },
	"fbool":  func(b bool) bool { return !b },
	"fany":   func(v any) any { return v },
	"fmap": func(m map[string]any) int {
		if m == nil {
			return -1
		}
		return len(m)
	},
	"fset": func(m map[string]any, key string, value any) map[string]any { m[key] = value; return m },
	"flist": func(l []any) int {
		if l == nil {
			return -1
		}
		return len(l)
	},
	"fstrs":   func(l []string) string { return strings.Join(l, "+") },
	"fvar":    func(prefix string, rest ...any) string { return fmt.Sprint(prefix, len(rest)) },
	"fvarint": func(rest ...int) int { return len(rest) },
	"fnone":   func() string { return "none" },
	"ferr":    func(msg string) (string, error) { return "", errors.New(msg) },
	"fpanic":  func(msg string) string { panic(msg) },
	"fnil":    func() any { return nil },
	"fnilmap": func() map[string]any { return nil },
	"flistof": func(xs ...any) []any { return xs },
	"fpoint":  func(p Point) string { return p.Name },
	"two":     func(a, b any) string { return fmt.Sprint(a, "/", b) },
}

func include(set *template.Template) func(string, any) (string, error) {
	return func(name string, data any) (string, error) {
		var out bytes.Buffer
		err := set.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
}

func wrapped(set *template.Template) func(string, any) (string, error) {
	return func(name string, data any) (string, error) {
		out, err := include(set)(name, data)
		if err != nil {
			return "", fmt.Errorf("wrapped: %w", err)
		}
		return out, nil
	}
}

func tpl(parent *template.Template) func(string, any) (string, error) {
	return func(text string, data any) (string, error) {
		t, err := parent.Clone()
		if err != nil {
			return "", err
		}
		t.Funcs(template.FuncMap{"include": include(t), "wrapped": wrapped(t), "tpl": tpl(t)})
		t, err = t.New(parent.Name()).Parse(text)
		if err != nil {
			return "", fmt.Errorf("cannot parse template %q: %w", text, err)
		}
		var out bytes.Buffer
		if err := t.Execute(&out, data); err != nil {
			return "", fmt.Errorf("error during tpl function execution for %q: %w", text, err)
		}
		return out.String(), nil
	}
}
