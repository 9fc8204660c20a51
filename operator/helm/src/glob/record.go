// Records what github.com/gobwas/glob v0.2.3 matches, with '/' as the separator, into recorded.jsonl:
// the names first, then one line for each pattern with the names that match, or null for a malformed pattern.
//
// Not built with the project. Run it in a module that requires the library: go run record.go > recorded.jsonl

//go:build ignore

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"github.com/gobwas/glob"
	"math/rand"
	"os"
)

func main() {
	r := rand.New(rand.NewSource(7))
	pats := []string{"**", "*", "files/*", "files/**", "files/*.yaml", "files/**.yaml", "files/**/*.yaml", "**/*.yaml", "**.yaml", "a/**/b", "a**a", "{a,b}", "{a,b}/*", "files/{x,y}.{yaml,json}", "[abc]*", "[!a]*", "[a-c]?", "?", "??", "*.{yml,yaml}", "dashboards/*.json", "**/dashboards/*", "a?c", "\\*", "a\\{b", "{a", "a}", "[", "[]", "[a", "[a-", "[z-a]", "{a,{b,c}}d", "", "a/*/c", "*/*", "*a*b*", "**a**", "a*", "*a", "{ab,ac}", "{xa,ya}", "{a*b,a*c}", "*{a,b}*", "é*", "?é", "[é]x", "{**/a,b}", "conf/[a-z][a-z]*.conf", "*[!/]*", "x,y", "{,a}b", "a{,b}"}
	toks := []string{"a", "b", "c", "ab", "/", "/", "*", "**", "?", "[ab]", "[!a]", "[a-b]", "{a,b}", "{a,b*}", "{ab,a}", "é", ".", "{*,b}", "{a/**,b}"}
	for i := 0; i < 260; i++ {
		n := 1 + r.Intn(6)
		s := ""
		for j := 0; j < n; j++ {
			s += toks[r.Intn(len(toks))]
		}
		pats = append(pats, s)
	}
	names := []string{"", "a", "b", "ab", "a/b", "a/b/c", "a/x/b", "aa", "aba", "files/x.yaml", "files/a/x.yaml", "files/a/b/x.yaml", "x.yaml", "dashboards/d.json", "q/dashboards/d.json", "abc", "é", "éx", "aé", "a.b", "/", "a/", "/a", "b.yml", "y.json", "files/x.json", "files/y.yaml", "*", "a{b", "a}", "cb", "ca/b", "bb/a", "abab", "acb", "aéb", "x,y", "conf/ab.conf"}
	w := bufio.NewWriter(os.Stdout)
	{
		b, _ := json.Marshal(names)
		fmt.Fprintln(w, string(b))
	}
	for _, p := range pats {
		g, err := glob.Compile(p, '/')
		if err != nil {
			b, _ := json.Marshal([]any{p, nil})
			fmt.Fprintln(w, string(b))
			continue
		}
		m := []string{}
		func() {
			defer func() {
				if e := recover(); e != nil {
					m = append(m, fmt.Sprint("PANIC ", e))
				}
			}()
			for _, n := range names {
				if g.Match(n) {
					m = append(m, n)
				}
			}
		}()
		b, _ := json.Marshal([]any{p, m})
		fmt.Fprintln(w, string(b))
	}
	w.Flush()
}
