// Command recorder fills the case files of the gotemplate tests with what Go's text/template does.
//
//	cd operator/gotemplate/tests/recorder && go run . ../cases
//
// A case file (*.txt) has two kinds of sections:
//
//	=== name of a case
//	--- options missingkey=zero            (optional)
//	--- template NAME                      (one or more; parsed in order, the last one is executed)
//	text
//	--- output | --- error                 (written by this program)
//
//	=== table name of a table [options]
//	one template in a line  =>  "output"   (written by this program)
//	                        =>  error "text"
//
// A template name followed by `quoted` has a Go string literal as its text. Output that is not plain text is
// written as a Go string literal under `--- output quoted`. Lines before the first section are comments; the
// version of Go is kept there.
//
// The data and the functions are those of fixture.go; tests/conformance/fixture.rs has the same in Rust.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"text/template"
	"unicode"
	"unicode/utf8"
)

const arrow = "  =>  "

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: recorder FOLDER")
		os.Exit(2)
	}
	files, err := filepath.Glob(filepath.Join(os.Args[1], "*.txt"))
	check(err)
	total := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		check(err)
		recorded, n := record(string(text))
		total += n
		check(os.WriteFile(file, []byte(recorded), 0o644))
	}
	fmt.Printf("%d cases in %d files, %s\n", total, len(files), runtime.Version())
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// record executes every case of a file.
func record(file string) (string, int) {
	var out strings.Builder
	head, rest, _ := strings.Cut("\n"+file, "\n=== ")
	for _, line := range strings.Split(strings.TrimSpace(head), "\n") {
		if line != "" && !strings.HasPrefix(line, "# go1.") {
			out.WriteString(line + "\n")
		}
	}
	fmt.Fprintf(&out, "# %s\n", runtime.Version())
	n := 0
	for _, section := range strings.Split(rest, "\n=== ") {
		if strings.TrimSpace(section) == "" {
			continue
		}
		title, body, _ := strings.Cut(section, "\n")
		out.WriteString("\n=== " + title + "\n")
		if strings.HasPrefix(title, "table ") {
			n += recordTable(&out, title, body)
		} else {
			recordCase(&out, body)
			n++
		}
	}
	return out.String(), n
}

func recordTable(out *strings.Builder, title, body string) int {
	option := ""
	if i := strings.Index(title, "["); i >= 0 {
		option = strings.Trim(title[i:], "[]")
	}
	n := 0
	for _, line := range strings.Split(body, "\n") {
		text, _, _ := strings.Cut(line, arrow)
		text = strings.TrimRight(text, " ")
		if text == "" {
			continue
		}
		n++
		output, err := run([]source{{"t", text}}, option)
		if err != nil {
			fmt.Fprintf(out, "%s%serror %s\n", text, arrow, strconv.Quote(err.Error()))
		} else {
			fmt.Fprintf(out, "%s%s%s\n", text, arrow, strconv.Quote(output))
		}
	}
	return n
}

type source struct{ name, text string }

func recordCase(out *strings.Builder, body string) {
	option := ""
	var sources []source
	for _, part := range strings.Split("\n"+body, "\n--- ")[1:] {
		head, text, _ := strings.Cut(part, "\n")
		words := strings.Fields(head)
		switch words[0] {
		case "options":
			option = words[1]
			fmt.Fprintf(out, "--- %s\n", head)
		case "template":
			text = strings.TrimSuffix(text, "\n")
			fmt.Fprintf(out, "--- %s\n%s\n", head, text)
			if len(words) > 2 && words[2] == "quoted" {
				unquoted, err := strconv.Unquote(text)
				check(err)
				text = unquoted
			}
			sources = append(sources, source{words[1], text})
		}
	}
	output, err := run(sources, option)
	switch {
	case err != nil:
		fmt.Fprintf(out, "--- error\n%s\n", err)
	case plain(output):
		fmt.Fprintf(out, "--- output\n%s\n", output)
	default:
		fmt.Fprintf(out, "--- output quoted\n%s\n", strconv.Quote(output))
	}
}

func plain(s string) bool {
	if !utf8.ValidString(s) || strings.HasPrefix(s, "--- ") || strings.HasPrefix(s, "=== ") ||
		strings.Contains(s, "\n--- ") || strings.Contains(s, "\n=== ") || strings.HasSuffix(s, "\n") {
		return false
	}
	for _, r := range s {
		if r != '\n' && !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// run parses the sources into one set and executes the last one.
func run(sources []source, option string) (string, error) {
	set := template.New("set").Funcs(functions)
	set.Funcs(template.FuncMap{"include": include(set), "wrapped": wrapped(set), "tpl": tpl(set)})
	if option != "" {
		set.Option(option)
	}
	for _, s := range sources {
		if _, err := set.New(s.name).Parse(s.text); err != nil {
			return "", err
		}
	}
	var out bytes.Buffer
	err := set.ExecuteTemplate(&out, sources[len(sources)-1].name, data())
	return out.String(), err
}
