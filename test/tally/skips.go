package main

import (
	"fmt"
	"os"
	"path"
	"strings"
)

// skip is one line of the list of allowed skips.
type skip struct {
	Package, Test, When, Reason string
}

// readSkips reads the list at name; empty lines and lines that start with "#" do not count.
func readSkips(name string) ([]skip, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("cannot read the allowed skips: %w", err)
	}
	return parseSkips(name, string(text))
}

func parseSkips(name, text string) ([]skip, error) {
	var all []skip
	for i, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		words := strings.Fields(line)
		if len(words) < 4 || words[2] != "no-root" && words[2] != "always" {
			return nil, fmt.Errorf("%s:%d: want PACKAGE TEST WHEN REASON", name, i+1)
		}
		all = append(all, skip{words[0], words[1], words[2], strings.Join(words[3:], " ")})
	}
	return all, nil
}

// allows says whether the list lets k skip. A line for a test covers its subtests.
func allows(list []skip, k key, root bool) bool {
	pkg := strings.TrimPrefix(k.Package, "davit/")
	for _, s := range list {
		if s.Package != pkg || s.When == "no-root" && root {
			continue
		}
		for name, more := k.Test, true; more; name, _, more = cutLast(name) {
			if ok, err := path.Match(s.Test, name); ok && err == nil {
				return true
			}
		}
	}
	return false
}
