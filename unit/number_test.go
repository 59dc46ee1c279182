package unit

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

func TestTimespans(t *testing.T) {
	for in, want := range map[string]Timespan{
		"5": 5 * Second, "5s": 5 * Second, "1min 30s": 90 * Second, "1min30s": 90 * Second, "2h": 2 * Hour, "1d": day, "1w": week, "1M": month,
		"1y": year, "100ms": 100 * Millisecond, "5us": 5, "1.5s": 1500 * Millisecond, ".5": 500 * Millisecond, "0": 0, "infinity": Infinity,
		" 3 min ": 3 * Minute, "2min 200ms": 120200 * Millisecond, "55s500ms": 55500 * Millisecond, "300ms20s 5day": 5*day + 20300*Millisecond,
		"1 month": month, "48hr": 48 * Hour, "5 minutes 2 seconds": 302 * Second, "7µs": 7,
	} {
		if have, err := ParseTimespan(in, Second); err != nil || have != want {
			t.Errorf("%q is %d, want %d (%v)", in, have, want, err)
		}
	}
	for _, bad := range []string{"", "x", "-5", "5x", "5 5 x", "1..5", "1.", "9999999999999999999", "infinity 5", "5,5", "99999999y"} {
		if have, err := ParseTimespan(bad, Second); err == nil {
			t.Errorf("%q is %d", bad, have)
		}
	}
	for _, v := range []Timespan{0, 1, 999, 1000, 90 * Second, year + month + week + day + Hour + Minute + Second + Millisecond + 1, Infinity} {
		if back, err := ParseTimespan(v.String(), Second); err != nil || back != v {
			t.Errorf("%d is %q, and back %d (%v)", v, v, back, err)
		}
	}
}

// TestTimespansAgainstSystemd compares with systemd-analyze(1), timespan.
func TestTimespansAgainstSystemd(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("SKIP: no systemd-analyze to compare with")
	}
	for _, s := range []string{"5", "1min 30s", "1M 2w", "1.5h", "1y 1us", "300ms20s 5day", "0.000001", "2.5 weeks", "1.0005s", "7 d 3 h"} {
		out, err := exec.Command("systemd-analyze", "timespan", s).Output()
		if err != nil {
			t.Errorf("%q: %v", s, err)
			continue
		}
		_, rest, _ := strings.Cut(string(out), "μs: ")
		line, _, _ := strings.Cut(rest, "\n")
		if have, err := ParseTimespan(s, Second); err != nil || fmt.Sprint(int64(have)) != strings.TrimSpace(line) {
			t.Errorf("%q is %d, systemd says %s (%v)", s, have, line, err)
		}
	}
}

func TestNumbers(t *testing.T) {
	for in, want := range map[string]uint64{"0": 0, "1K": 1024, "1.5M": 3 << 19, "2G": 2 << 30, "1G 500M": 1<<30 + 500<<20, "100": 100, "1T": 1 << 40, "12B": 12} {
		if have, err := ParseBytes(in); err != nil || have != want {
			t.Errorf("%q is %d, want %d (%v)", in, have, want, err)
		}
		if back, err := ParseBytes(formatBytes(want)); err != nil || back != want {
			t.Errorf("%d is %q, and back %d", want, formatBytes(want), back)
		}
	}
	for _, bad := range []string{"", "K", "1X", "-1", "1M 1G", "99999999999G", "1KK"} {
		if have, err := ParseBytes(bad); err == nil {
			t.Errorf("%q is %d", bad, have)
		}
	}
	for in, want := range map[string]uint32{"0%": 0, "20%": 2000, "12.5%": 1250, "12.34%": 1234, "250%": 25000, "5‰": 50, "7‱": 7} {
		if have, err := parsePermyriad(in); err != nil || have != want {
			t.Errorf("%q is %d, want %d (%v)", in, have, want, err)
		}
		if back, err := parsePermyriad(formatPermyriad(want)); err != nil || back != want {
			t.Errorf("%d is %q", want, formatPermyriad(want))
		}
	}
	for _, bad := range []string{"", "%", "x%", "20", "1.234%", "-5%"} {
		if have, err := parsePermyriad(bad); err == nil {
			t.Errorf("%q is %d", bad, have)
		}
	}
	for in, want := range map[string]bool{"yes": true, "Yes": true, "1": true, "ON": true, "t": true, "no": false, "off": false, "0": false, "F": false} {
		if have, ok := ParseBool(in); !ok || have != want {
			t.Errorf("%q is %v", in, have)
		}
	}
	for _, bad := range []string{"", "2", "maybe", "yess", "enabled"} {
		if _, ok := ParseBool(bad); ok {
			t.Errorf("%q is a boolean", bad)
		}
	}
	if a := (Amount{Permyriad: 1500, Set: true}); a.Of(10000, 7) != 1500 || a.Of(1<<40, 7) != 1<<40/10000*1500+(1<<40%10000)*1500/10000 || (Amount{}).Of(5, 7) != 7 {
		t.Error("amounts")
	}
}

func TestSignals(t *testing.T) {
	for in, want := range map[string]Signal{"TERM": 15, "SIGTERM": 15, "15": 15, "SIGRTMIN": 34, "RTMIN+3": 37, "SIGRTMAX": 64, "SIGRTMAX-1": 63, "IOT": 6, "POLL": 29, "64": 64} {
		if have, err := ParseSignal(in); err != nil || have != want {
			t.Errorf("%q is %d (%v)", in, have, err)
		}
	}
	for n := Signal(1); n <= 64; n++ {
		if back, err := ParseSignal(n.String()); err != nil || back != n {
			t.Errorf("%d is %q, and back %d", n, n, back)
		}
	}
	for _, bad := range []string{"", "SIG", "TERMINATE", "0", "65", "RTMIN+99", "RTMIN-1", "-1", "sigterm"} {
		if have, err := ParseSignal(bad); err == nil {
			t.Errorf("%q is %d", bad, have)
		}
	}
	var s StatusSet
	for _, w := range []string{"0", "42", "TEMPFAIL", "SIGKILL", "255"} {
		if err := s.add(w); err != nil {
			t.Error(err)
		}
	}
	if !s.Has(42) || !s.Has(75) || s.Has(43) || !s.HasSignal(9) || s.HasSignal(15) || s.String() != "0 42 75 255 SIGKILL" {
		t.Error(s.String())
	}
	if s.add("256") == nil || s.add("NOSUCH") == nil || s.add("-1") == nil {
		t.Error("bad statuses are taken")
	}
	if ExitName(203) != "EXEC" || ExitName(100) != "" {
		t.Error("names of exit statuses")
	}
}

func TestSpecifiers(t *testing.T) {
	s := Specifiers{
		Architecture: "x86-64", BootID: "b00t", CacheDir: "/var/cache", ConfigDir: "/etc", CredentialsRoot: "/run/credentials", Group: "root", GID: "0",
		Home: "/root", Hostname: "h.example.org", LogsDir: "/var/log", MachineID: "mach", OSID: "debian", Shell: "/bin/sh", StateDir: "/var/lib",
		RuntimeDir: "/run", TmpDir: "/tmp", User: "root", UID: "0", KernelRelease: "6.1", VarTmpDir: "/var/tmp", VersionID: "12",
	}
	for _, c := range []struct{ name, in, want string }{
		{"foo-bar@a-b\\x2dc.service", "%n %N %p %i", "foo-bar@a-b\\x2dc.service foo-bar@a-b\\x2dc foo-bar a-b\\x2dc"},
		{"foo-bar@a-b\\x2dc.service", "%P %I %f %j %J", "foo/bar a/b-c /a/b-c bar bar"},
		{"foo-bar.service", "%i|%I|%f|%p|%j", "||/foo/bar|foo-bar|bar"},
		{"a.service", "%a %b %C %d %E %g %G %h", "x86-64 b00t /var/cache /run/credentials/a.service /etc root 0 /root"},
		{"a.service", "%H %l %q %L %m %o %s %S %t", "h.example.org h h /var/log mach debian /bin/sh /var/lib /run"},
		{"a.service", "%T %u %U %v %V %w %y %Y", "/tmp root 0 6.1 /var/tmp 12 /etc/x/a.service /etc/x"},
		{"a.service", "%% %%n %z %", "% %n %z %"},
		{"a.service", "100%", "100%"},
		{"a.service", "%A%B%M%W", ""},
	} {
		if have, err := s.Expand(c.in, c.name, "/etc/x/a.service"); err != nil || have != c.want {
			t.Errorf("%s in %s: %q, want %q (%v)", c.in, c.name, have, c.want, err)
		}
	}
	if _, err := s.Expand("%y", "a.service", ""); err == nil {
		t.Error("a fragment where there is none")
	}
	if _, err := (&Specifiers{}).Expand("%d", "a.service", ""); err == nil {
		t.Error("credentials without a directory")
	}
	if _, err := s.Expand("%I", "a@\\xzz.service", ""); err == nil {
		t.Error("an instance that cannot be unescaped")
	}
}
