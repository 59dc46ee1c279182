package unit

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestCommands(t *testing.T) {
	spec := Specifiers{Hostname: "host.example"}
	expand := func(s string) (string, error) { return spec.Expand(s, "a@b.service", "") }
	for _, c := range []struct{ in, want string }{
		{`/bin/echo a b`, `/bin/echo[/bin/echo a b]`},
		{`  /bin/echo   "a b"  c `, `/bin/echo[/bin/echo|a b|c]`},
		{`echo hi`, `echo[echo hi]`},
		{`-/bin/false`, `-/bin/false[/bin/false]`},
		{`@/bin/sh mysh -c x`, `/bin/sh[mysh -c x]`},
		{`-@:+/bin/sh x`, `-:+/bin/sh[x]`},
		{`!/bin/a`, `!/bin/a[/bin/a]`},
		{`!!/bin/a`, `!!/bin/a[/bin/a]`},
		{`+-/bin/a`, `-+/bin/a[/bin/a]`},
		{`/bin/a x ; /bin/b y`, `/bin/a[/bin/a x] /bin/b[/bin/b y]`},
		{`/bin/a ;`, `/bin/a[/bin/a]`},
		{`/bin/a x \; y`, `/bin/a[/bin/a x ; y]`},
		{`/bin/a x;y`, `/bin/a[/bin/a x;y]`},
		{`/bin/a ";" b`, `/bin/a[/bin/a ; b]`},
		{`/bin/a %i %% %H $X ${Y}`, `/bin/a[/bin/a b % host.example $X ${Y}]`},
		{`/usr//bin/./a`, `/usr/bin/a[/usr/bin/a]`},
		{`"/opt/my prog/x" 1`, `/opt/my prog/x[/opt/my prog/x|1]`},
		{`/bin/a "" b`, `/bin/a[/bin/a||b]`},
		{`/bin/sh -c 'echo "$1"' x`, `/bin/sh[/bin/sh|-c|echo "$1"|x]`},
		{`/bin/a \x41\n`, "/bin/a[/bin/a A\n]"},
		{`/bin/a \d`, `/bin/a[/bin/a \d] lax`},
		{`/bin/a "unbalanced`, `! unbalanced quoting`},
		{`bin/a`, `! "bin/a" is neither a name nor an absolute path`},
		{`/bin/`, `! executable "/bin/" is a directory`},
		{`/bin/../a`, `! path "/bin/../a" is not normalized`},
		{`-`, `- no path in the command line`},
		{`@`, `! no path in the command line`},
		{`@/bin/a`, `! no argument after a path with "@"`},
		{`-bin/a`, `- "bin/a" is neither a name nor an absolute path`},
		{`/bin/a %y`, `! cannot resolve %y: the unit has no fragment`},
		{`..`, `! ".." is neither a name nor an absolute path`},
	} {
		lax := ""
		list, err := ParseCommands(c.in, expand, func(string) { lax = " lax" })
		var parts []string
		for _, x := range list {
			sep := " "
			if strings.Contains(strings.Join(x.Args, ""), " ") || strings.Contains(strings.Join(x.Args, "|"), "||") {
				sep = "|"
			}
			var prefix string
			for _, p := range []struct {
				on bool
				s  string
			}{{x.IgnoreFailure, "-"}, {x.NoExpand, ":"}, {x.Privileged, "+"}, {x.NoSetUser, "!"}, {x.AmbientOK, "!!"}} {
				if p.on {
					prefix += p.s
				}
			}
			parts = append(parts, fmt.Sprintf("%s%s[%s]", prefix, x.Path, strings.Join(x.Args, sep)))
		}
		have := strings.Join(parts, " ") + lax
		var bad fatal
		switch {
		case errors.As(err, &bad):
			have = "! " + err.Error()
		case err != nil:
			have = "- " + err.Error()
		}
		if have != c.want {
			t.Errorf("%s: %q, want %q", c.in, have, c.want)
		}
	}
}
