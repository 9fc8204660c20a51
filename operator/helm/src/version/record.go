//go:build ignore

// Records what Masterminds/semver says about many versions and constraints, as lines for cases.txt beside this file.
// Run inside a module that requires github.com/Masterminds/semver/v3 v3.5.0: go run record.go > cases.txt
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/Masterminds/semver/v3"
)

var versions = []string{
	"", "1", "v1", "V1", "1.2", "v1.2", "1.2.3", "v1.2.3", "vv1", " 1.2.3", "1.2.3 ", "1.2.3.4", "01.2.3", "1.02.3", "1.2.03", "001", "1.", "1..2", ".1", "v", "a",
	"1.2.3-", "1.2.3-a", "1.2.3-a.b", "1.2.3-a..b", "1.2.3-01", "1.2.3-0", "1.2.3-01a", "1.2.3-1.01", "1.2.3-a_b", "1.2.3--", "1.2.3-a-b", "1-a", "1.2-a", "1.2-a+b",
	"1.2.3+", "1.2.3+a", "1.2.3+a.b", "1.2.3+a..b", "1.2.3+01", "1.2.3+a_b", "1.2.3+a+b", "1.2.3-a+b", "1.2.3+a-b", "1.2.3-é", "1.2.3\n", "1.2.3-a.",
	"18446744073709551615.0.0", "18446744073709551616.0.0", "1.18446744073709551616.0", "1.0.18446744073709551616", "1.18446744073709551615.18446744073709551615", "1.2.3-18446744073709551616",
	"1.x", "1.2.*", "x", "1.2.-3", "-1.2.3", "+1.2.3", "1.2.3-rc.1+b.7", "..", "1..", "1.2.", "1.2.a", "1.a.2", "1.2.3e5", "٣.1.2",
	"1." + strings.Repeat("2", 300), "1.2.3-" + strings.Repeat("a", 250), "1.2.3-" + strings.Repeat("a", 251),
}

var ordered = []string{
	"0.0.0", "0.0.1", "0.0.2", "0.0.3", "0.1.0", "0.2.0-0", "0.2.3", "0.2.4", "0.3.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
	"1.0.0-rc.1", "1.0.0", "1.0.0+a", "1.0.0+b", "1.2", "1.2.0", "1.2.0-0", "1.2.3", "1.2.3-beta.1", "1.2.3-beta.2", "1.2.4", "1.3.0", "1.9.9", "1.10.0", "2", "2.0.0-alpha", "2.1.0", "3.0.0",
	"4.1.0", "11.0.0", "11.1.0", "11.1.1", "12.0.0", "1.30.1-gke.100", "1.30.1+k3s1", "1.0.0-99", "1.0.0-103", "1.0.0--99", "1.0.0-a-b", "1.0.0-A", "1.0.0-18446744073709551616", "1.0.0-9",
}

var candidates = []string{
	"0.0.0", "0.0.3", "0.0.4", "0.1.0", "0.2.0-0", "0.2.3", "0.3.0", "1.0.0-alpha", "1.0.0-rc.1", "1.0.0+a", "1.2.0-beta.1", "1.2", "1.2.3-beta.1", "1.2.3", "1.2.4", "1.3.0", "2.0.0-alpha", "2.1.0", "4.1.0",
	"11.0.0", "11.1.1", "12.0.0", "1.30.1-gke.100",
}

var constraints = []string{
	"", " ", "*", "x", "X", "v*", "1", "v1", "1.2", "1.2.3", "=1.2.3", "= 1.2.3", "==1.2.3", "=1", "=1.x", "1.x", "1.X.X", "1.2.x", "1.2.*", "*.1", "1.x.3", "x.x.x", "1.*.3-beta.1", "0", "0.0", "0.x", "0.0.x", "0.0.0",
	"!=1", "!=1.x", "!=1.2", "!=1.2.x", "!=1.2.3", "!=*", "!=1.2-beta.1", "!=1.2.3-beta.1", "!= 4.x", "!=0", "!=0.0",
	">1", ">1.2", ">1.2.3", ">11", ">11.1", ">11.1.0", "> 1.x", ">*", ">1.0.0-alpha", ">1.2-0", ">1-0", ">0", ">0.0",
	"<1", "<1.2", "<1.2.3", "<11", "<=11", "<=11.1", "<=1.2", "<=1.2.3", "=<1.2.3", "<=*", "<*", "<1.2.3-beta.2", "<=1.2-0", "<=0", "<=0.0", "<=1.x",
	">=1", ">=1.2", ">=1.2.3", "=>1.2.3", ">=*", ">=1.20-0", ">=1.2.3-beta.1", ">=1.25.0", ">=1.25.0-0", ">= 1.2, < 2", ">=1.2 <2", ">=1.2,<2", ">=1.2 , <2", ">=1.2<2", ">=1.2,,<2", ",1", "1,", "1, 2", "1 2",
	"~1.2.3", "~1.2", "~1", "~*", "~0", "~0.0", "~0.0.0", "~> 1.2.3", "~>1.2", "~1.x", "~1.2.x", "~1.2.3-beta.1", "~1-0", "~x",
	"^1.2.3", "^1.2", "^1", "^0.2.3", "^0.2", "^0.0.3", "^0.0", "^0", "^*", "^0.x", "^0.0.x", "^1.x", "^1.2.3-beta.1", "^0.0.0", "^0.2.0-0", "^1.0.0-alpha", "^x",
	"1 - 2", "1.2.3 - 2.1", "1.2 - 4.x", "1.0.0 - 2.0.0 || 11.x", "11.x||1.0.0 - 2.0.0", "1 - 2||3 - 4", "1 - 2 || 3 - 4", "1.0.0 -2.0.0", "1.0.0- 2.0.0", "1.0.0-alpha - 1.2.3", "v1 - v2", ">1 - 2", "1 - 2, !=1.2.3", "1.2.3.4 - 5", "1 - 2 - 3",
	"1 || 2", "1||2", "1 |2", "1|2", "1 ||", "|| 1", "||", "1 ||| 2", ">=1.2 <1.3 || >=2-0", "<1 || >=1.0.0-beta <1.0.0 || ~11", ">=1.2.3-beta.1, <2", "<2 >=1.0.0-0",
	"1.2.3-", "1.2.3-beta.1", "1.2.3-beta..1", "1.2.3-01", "1.2.3+b", ">=1.2.3+b", "1.2+b", "1.2.3_1", "abc", ">=", "> =1", "~ >1", ">==1", "<>1", "=!1", "1xx", "xx", "01.2.3", ">=01", "18446744073709551616", ">=1.18446744073709551616",
	"1.2.3.4", "1..2", "1.", "\t>=1\n<2\r", "1\v2", ">=1\u00a0<2", "\"1\"", "é", "\x00", "\u200b", "\U0001F600", "\\", "\u0301", "\u07bf", "\u3000", "\ue000",
	">= 1.2.3 || 0.x", "^1.2 || ^2.1, !=2.1.0", "latest", "1.2.3 ||1.2.4||", ">1.2.3 <1.2.3", "=v1.2.3", "= v1.2", "~v1", "^v0.2", "vx", "v",
	strings.TrimSuffix(strings.Repeat("1||", 32), "||"), strings.TrimSuffix(strings.Repeat("1||", 33), "||"), ">=" + strings.Repeat(" ", 509) + "1", ">=" + strings.Repeat(" ", 510) + "1",
}

func out(kind string, fields ...any) {
	all := append([]any{kind}, fields...)
	text, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(os.Stdout, "%s\n", text)
}

func describe(v *semver.Version, err error) any {
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	return map[string]any{
		"text": v.String(), "major": fmt.Sprint(v.Major()), "minor": fmt.Sprint(v.Minor()), "patch": fmt.Sprint(v.Patch()),
		"prerelease": v.Prerelease(), "metadata": v.Metadata(), "original": v.Original(),
	}
}

func bumped(call func() semver.Version) (result string) {
	defer func() {
		if problem := recover(); problem != nil {
			result = fmt.Sprint("panic: ", problem)
		}
	}()
	v := call()
	return v.Original()
}

func main() {
	out("ordered", ordered)
	out("candidates", candidates)
	for _, text := range append(append([]string{}, versions...), ordered...) {
		loose, err := semver.NewVersion(text)
		out("loose", text, describe(loose, err))
		if err == nil {
			out("bump", text, bumped(loose.IncMajor), bumped(loose.IncMinor), bumped(loose.IncPatch))
		}
		strict, err := semver.StrictNewVersion(text)
		out("strict", text, describe(strict, err))
	}
	for _, suffix := range []string{"", "a", "a.b", "01", "a..b", "a_b", "é"} {
		v := semver.MustParse("v1.2.3-x+y")
		if next, err := v.SetPrerelease(suffix); err != nil {
			out("prerelease", suffix, map[string]any{"error": err.Error()})
		} else {
			out("prerelease", suffix, map[string]any{"original": next.Original()})
		}
		if next, err := v.SetMetadata(suffix); err != nil {
			out("metadata", suffix, map[string]any{"error": err.Error()})
		} else {
			out("metadata", suffix, map[string]any{"original": next.Original()})
		}
	}
	for _, left := range ordered {
		row := []int{}
		for _, right := range ordered {
			row = append(row, semver.MustParse(left).Compare(semver.MustParse(right)))
		}
		out("compare", left, row)
	}
	for _, text := range constraints {
		c, err := semver.NewConstraint(text)
		if err != nil {
			out("constraint", text, map[string]any{"error": err.Error()})
			continue
		}
		out("constraint", text, map[string]any{"text": c.String()})
		row := [][]string{}
		for _, candidate := range candidates {
			v := semver.MustParse(candidate)
			ok, problems := c.Validate(v)
			if ok != c.Check(v) {
				panic("Check and Validate differ")
			}
			reasons := []string{}
			for _, problem := range problems {
				// The version's own text is left out, it would be half of the file.
				reasons = append(reasons, strings.Replace(problem.Error(), fmt.Sprintf("%q ", v), "", 1))
			}
			row = append(row, reasons)
		}
		out("check", text, row)
	}
}
