package unit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// readAll renders what Parse reports, one thing per line.
func readAll(text string) []string {
	var out []string
	err := Parse(text,
		func(name string, line int) bool {
			out = append(out, fmt.Sprintf("%d [%s]", line, name))
			return name != "Skip"
		},
		func(a Assignment) { out = append(out, fmt.Sprintf("%d %s|%s", a.Line, a.Key, a.Value)) },
		func(line int, _, _, text string) { out = append(out, fmt.Sprintf("%d ! %s", line, text)) })
	if err != nil {
		out = append(out, "error "+err.Error())
	}
	return out
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"plain", "[A]\nk=v\n", "1 [A]; 2 k|v"},
		{"no final newline", "[A]\nk=v", "1 [A]; 2 k|v"},
		{"white space", " [A] \n\t k \t=  v w \t\n", "1 [A]; 2 k|v w"},
		{"byte order mark", "\uFEFF[A]\nk=v\n", "1 [A]; 2 k|v"},
		{"a second byte order mark is text", "\uFEFF\uFEFF[A]\n", "1 ! assignment outside of a section, ignored"},
		{"CRLF", "[A]\r\nk=v\r\nl=w\r\n", "1 [A]; 2 k|v; 3 l|w"},
		{"CR", "[A]\rk=v\rl=w", "1 [A]; 2 k|v; 3 l|w"},
		{"NUL", "[A]\x00k=v\x00\nl=w", "1 [A]; 2 k|v; 3 l|w"},
		{"comments", "# c\n; d\n[A]\n # e\n\t;f\nk=v # no comment\n", "3 [A]; 6 k|v # no comment"},
		{"empty lines", "\n\n[A]\n\n \nk=v\n\n", "3 [A]; 6 k|v"},
		{"continuation", "[A]\nk=a \\\n  b\\\n c\nl=w\n", "1 [A]; 2 k|a    b  c; 5 l|w"},
		{"CRLF continuation", "[A]\r\nk=a\\\r\nb\r\n", "1 [A]; 2 k|a b"},
		{"comments inside a continuation", "[A]\nk=a\\\n# c \\\n; d\\\n b\nl=w\n", "1 [A]; 2 k|a  b; 6 l|w"},
		{"comment that ends in a backslash", "[A]\n# c\\\nk=v\n", "1 [A]; 3 k|v"},
		{"empty line ends a continuation", "[A]\nk=a\\\n\nl=w\n", "1 [A]; 2 k|a; 4 l|w"},
		{"escaped backslash at the end", "[A]\nk=a\\\\\nl=w\n", "1 [A]; 2 k|a\\\\; 3 l|w"},
		{"three backslashes", "[A]\nk=a\\\\\\\nb\n", "1 [A]; 2 k|a\\\\ b"},
		{"backslash and blank", "[A]\nk=a\\ \nl=w\n", "1 [A]; 2 k|a\\; 3 l|w"},
		{"continuation at the end", "[A]\nk=a\\", "1 [A]; 2 k|a"},
		{"continued section", "[A\\\n]\nk=v\n", "1 [A ]; 3 k|v"},
		{"repeated section", "[A]\nk=v\n[B]\n[A]\nk=w\n", "1 [A]; 2 k|v; 3 [B]; 4 [A]; 5 k|w"},
		{"empty value", "[A]\nk=\n", "1 [A]; 2 k|"},
		{"equals signs", "[A]\nk=a=b==c\n", "1 [A]; 2 k|a=b==c"},
		{"no equals sign", "[A]\nfoo\nk=v\n", "1 [A]; 2 ! missing \"=\" in \"foo\", line ignored; 3 k|v"},
		{"no key", "[A]\n = v\nk=v\n", "1 [A]; 2 ! missing key before \"=\", line ignored; 3 k|v"},
		{"outside of a section", "k=v\n[A]\nk=v\n", "1 ! assignment outside of a section, ignored; 2 [A]; 3 k|v"},
		{"section that is not wanted", "[Skip]\nk=v\nfoo\n[A]\nk=v\n", "1 [Skip]; 4 [A]; 5 k|v"},
		{"invalid UTF-8", "[A]\nk=\xff\nl=w\n", "1 [A]; 2 ! invalid UTF-8, line ignored; 3 l|w"},
		{"UTF-8", "[A]\nk=schön 世界\n", "1 [A]; 2 k|schön 世界"},
		{"broken section", "[A]\nk=v\n[B\nk=w\n", "1 [A]; 2 k|v; error invalid section header \"[B\""},
		{"empty section name", "[]\nk=w\n", "error invalid section header \"[]\""},
		{"nothing", "", ""},
		{"only a continuation", "\\\n\\\n", ""},
	} {
		if have := strings.Join(readAll(c.text), "; "); have != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, have, c.want)
		}
	}
}

func TestLongLines(t *testing.T) {
	long := strings.Repeat("x", maxLine-10)
	if have := readAll("[A]\nk=" + long + "\n"); len(have) != 2 || len(have[1]) != len(long)+4 {
		t.Errorf("a line of nearly 1 MB: %.60q", have)
	}
	for _, text := range []string{"[A]\nk=" + long + "0123456789\n", "[A]\nk=" + long + "\\\n0123456789\n"} {
		if have := readAll(text); !slices.Contains(have, "error line longer than 1 MB") {
			t.Errorf("a line over 1 MB: %.60q", have)
		}
	}
}

// TestParseAllocations: reading shares the text and allocates nothing.
func TestParseAllocations(t *testing.T) {
	text := fmt.Sprintf(sampleService, 1)
	n := testing.AllocsPerRun(20, func() {
		if err := Parse(text, func(string, int) bool { return true }, func(Assignment) {}, func(int, string, string, string) {}); err != nil {
			t.Fatal(err)
		}
	})
	if n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkParse(b *testing.B) {
	text := fmt.Sprintf(sampleService, 1)
	b.ReportAllocs()
	for b.Loop() {
		if err := Parse(text, func(string, int) bool { return true }, func(Assignment) {}, func(int, string, string, string) {}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct {
		mode     escapes
		in, want string
	}{
		{cEscapes, `a b  c`, `a|b|c`},
		{cEscapes, `"a b" 'c d'`, `a b|c d`},
		{cEscapes, `a"b c"d`, `ab cd`},
		{cEscapes, `""`, ``},
		{cEscapes, `x "" y`, `x||y`},
		{cEscapes, `"a'b" 'c"d'`, `a'b|c"d`},
		{cEscapes, `a\x20b \u00e4 \101\n`, "a b|ä|A\n"},
		{cEscapes, `'a\tb' "c\sd"`, "a\tb|c d"},
		{cEscapes, `\"a \'`, `"a|'`},
		{cEscapes, `"a`, `! unbalanced quoting`},
		{cEscapes, `a\qb`, `! unknown escape sequence`},
		{cEscapes, `a\x0z`, `! unknown escape sequence`},
		{cEscapes, `a\x00`, `! unknown escape sequence`},
		{cEscapes, `a\`, `! unknown escape sequence`},
		{laxEscapes, `a\qb c\`, `a\qb|c\`},
		{keepEscapes, `dev-disk\x2dfoo.device "a b"`, `dev-disk\x2dfoo.device|a b`},
		{dropEscapes, `a\ b \"c`, `a b|"c`},
		{cEscapes, `\U0001F600 \u12`, `! unknown escape sequence`},
		{cEscapes, `\U0001F600`, `😀`},
	} {
		list, err := splitWords(c.in, c.mode)
		have := strings.Join(list, "|")
		if err != nil {
			have = "! " + err.Error()
		}
		if have != c.want {
			t.Errorf("%q in mode %d: %q, want %q", c.in, c.mode, have, c.want)
		}
	}
}
