// Command unicode writes Go's character tables as Rust source.
//
//	cd operator/gotemplate/tests/recorder && go run ./unicode > ../../src/unicode/tables.rs
package main

import (
	"fmt"
	"runtime"
	"strconv"
	"unicode"
)

func main() {
	fmt.Println("//! Character tables of Go's `unicode` and `strconv` packages. Generated, do not edit:")
	fmt.Println("//! `cd operator/gotemplate/tests/recorder && go run ./unicode > ../../src/unicode/tables.rs`")
	fmt.Println("//!")
	fmt.Printf("//! %s, Unicode %s. Each table holds inclusive ranges in ascending order.\n", runtime.Version(), unicode.Version)
	fmt.Println()
	fmt.Println("/// `unicode.IsLetter`")
	table("LETTER", unicode.IsLetter)
	fmt.Println("\n/// `unicode.IsDigit`")
	table("DIGIT", unicode.IsDigit)
	fmt.Println("\n/// `strconv.IsPrint`")
	table("PRINT", strconv.IsPrint)
}

func table(name string, in func(rune) bool) {
	var ranges [][2]rune
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !in(r) {
			continue
		}
		if n := len(ranges); n > 0 && ranges[n-1][1] == r-1 {
			ranges[n-1][1] = r
		} else {
			ranges = append(ranges, [2]rune{r, r})
		}
	}
	fmt.Printf("#[rustfmt::skip]\npub(super) static %s: &[(u32, u32)] = &[\n", name)
	for i, r := range ranges {
		if i%8 == 0 {
			fmt.Print("    ")
		}
		fmt.Printf("(0x%x, 0x%x),", r[0], r[1])
		if i%8 == 7 || i == len(ranges)-1 {
			fmt.Println()
		} else {
			fmt.Print(" ")
		}
	}
	fmt.Println("];")
}
