package ctl

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestOptions reads command lines as getopt_long would.
func TestOptions(t *testing.T) {
	for _, tt := range []struct {
		args string
		want func(*options)
		rest string
	}{
		{"start a b", func(*options) {}, "start a b"},
		{"start --no-block a", func(o *options) { o.noBlock = true }, "start a"},
		{"start a --no-block", func(o *options) { o.noBlock = true }, "start a"},
		{"start a --no-b", func(o *options) { o.noBlock = true }, "start a"},
		{"-a -l list-units", func(o *options) { o.all, o.full = true, true }, "list-units"},
		{"-al list-units", func(o *options) { o.all, o.full = true, true }, "list-units"},
		{"-alt service", func(o *options) { o.all, o.full, o.types = true, true, []string{"service"} }, ""},
		{"-tservice,socket", func(o *options) { o.types = []string{"service", "socket"} }, ""},
		{"--type service --type=loaded", func(o *options) { o.types, o.states = []string{"service"}, []string{"loaded"} }, ""},
		{"--ty=path", func(o *options) { o.types = []string{"path"} }, ""},
		{"--failed", func(o *options) { o.states = []string{"failed"} }, ""},
		{"--fail", func(o *options) { o.jobMode, o.failHard = "fail", true }, ""},
		{"show -P MainPID x", func(o *options) { o.value, o.properties = true, []string{"MainPID"} }, "show x"},
		{"show -pA,B -p C x", func(o *options) { o.properties = []string{"A", "B", "C"} }, "show x"},
		{"show -p= x", func(o *options) { o.properties = []string{"="} }, "show x"},
		{"-n5 status", func(o *options) { o.lines = 5 }, "status"},
		{"-n 0 status", func(o *options) { o.lines = 0 }, "status"},
		{"-s HUP kill x", func(o *options) { o.signal = 1 }, "kill x"},
		{"-s SIGUSR1 kill x", func(o *options) { o.signal = 10 }, "kill x"},
		{"-sRTMIN+3 kill x", func(o *options) { o.signal = 37 }, "kill x"},
		{"-s 9 kill x", func(o *options) { o.signal = 9 }, "kill x"},
		{"--kill-who=main kill x", func(o *options) { o.killWhom = "main" }, "kill x"},
		{"-ff reboot", func(o *options) { o.force = 2 }, "reboot"},
		{"--user --system", func(o *options) { o.system = true }, ""},
		{"--directory /d start -- -x", func(o *options) { o.directory = "/d" }, "start -x"},
		{"--legend=no", func(o *options) { o.noLegend = true }, ""},
		{"--preset-mode enable-only preset x", func(o *options) { o.presetMode = "enable-only" }, "preset x"},
		{"-o json list-units", func(o *options) { o.output, o.json = "json", true }, "list-units"},
		{"logs -u a -fn3 -r", func(o *options) {
			o.log.query.Units, o.log.query.Follow, o.lines, o.log.query.Reverse = []string{"a"}, true, 3, true
		}, "logs"},
		{"logs -n -p warning..err", func(o *options) { o.lines, o.log.query.Priorities = 10, [2]int{3, 4} }, "logs"},
		{"logs -n 3 web", func(o *options) { o.lines = 3 }, "logs web"},
		{"logs --lines all", func(o *options) { o.log.noTail = true }, "logs"},
		{"logs -b -1 -n web", func(o *options) { o.lines, o.log.query.Boot = 10, "-1" }, "logs web"},
		{"logs -b -p 3", func(o *options) { o.log.query.Boot, o.log.query.Priorities = "0", [2]int{0, 3} }, "logs"},
		{"logs -b-1 --grep x", func(o *options) { o.log.query.Boot, o.log.query.Grep = "-1", "x" }, "logs"},
		{"--user logs -o json", func(o *options) { o.user, o.output = true, "json" }, "logs"},
	} {
		c := &command{World: newSession().w}
		rest, err := c.parse(strings.Fields(tt.args))
		want := defaults()
		tt.want(&want)
		if err != nil || !reflect.DeepEqual(c.opt, want) || strings.Join(rest, " ") != tt.rest {
			t.Errorf("%s: %+v, %q, %v; want %+v, %q", tt.args, c.opt, rest, err, want, tt.rest)
		}
	}
}

// TestEveryOptionHasItsOwnLetter also keeps long names apart, in both tables.
func TestEveryOptionHasItsOwnLetter(t *testing.T) {
	for _, table := range [][]option{ctlOptions, logTable} {
		seen := map[string]bool{}
		for _, o := range table {
			for _, n := range []string{o.long, strings.TrimRight(string(rune(o.short)), "\x00")} {
				if n != "" && seen[n] {
					t.Errorf("option %q stands twice", n)
				}
				seen[n] = true
			}
		}
	}
}

func TestSpans(t *testing.T) {
	for _, tt := range []struct {
		usec, accuracy uint64
		want           string
	}{
		{0, 1, "0"},
		{1, 1, "1us"},
		{100000, 1, "100ms"},
		{1500000, 1, "1.500000s"},
		{90e6, 1, "1min 30s"},
		{61500000, 1, "1min 1.500000s"},
		{3600e6, 1, "1h"},
		{90000e6, 1, "1d 1h"},
		{34560000e6, 1, "1y 1month 4d 7h 30min"},
		{1234567, 1, "1.234567s"},
		{1234567, 1000, "1.234s"},
		{1234567, 1e6, "1s"},
		{435123, 1000, "435ms"},
		{61500000, 1e6, "1min 1s"},
		{never, 1, "infinity"},
		{999, 1000, "999us"},
		{12345, 1, "12.345ms"},
	} {
		if got := spanText(tt.usec, tt.accuracy); got != tt.want {
			t.Errorf("%d with accuracy %d: %q, want %q", tt.usec, tt.accuracy, got, tt.want)
		}
	}
}

func TestRelative(t *testing.T) {
	c := &command{World: newSession().w}
	for _, tt := range []struct {
		d    time.Duration
		want string
	}{
		{0, "now"},
		{1500 * time.Microsecond, "1ms ago"},
		{59 * time.Second, "59s ago"},
		{61 * time.Second, "1min 1s ago"},
		{6 * time.Minute, "6min ago"},
		{90 * time.Minute, "1h 30min ago"},
		{7 * time.Hour, "7h ago"},
		{26 * time.Hour, "1 day 2h ago"},
		{72 * time.Hour, "3 days ago"},
		{8 * 24 * time.Hour, "1 weeks 1 days ago"},
		{40 * 24 * time.Hour, "1 months 9 days ago"},
		{-time.Hour, "1h 0min left"},
	} {
		if got := c.relative(ago(tt.d)); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.d, got, tt.want)
		}
	}
}

func TestWhen(t *testing.T) {
	c := &command{World: newSession().w}
	for _, tt := range []struct{ in, want string }{
		{"2026-01-02 03:04:05", "2026-01-02T03:04:05Z"},
		{"2026-01-02", "2026-01-02T00:00:00Z"},
		{"03:04", "2026-03-04T03:04:00Z"},
		{"yesterday", "2026-03-03T00:00:00Z"},
		{"today", "2026-03-04T00:00:00Z"},
		{"now", "2026-03-04T12:00:00Z"},
		{"@0", "1970-01-01T00:00:00Z"},
		{"-1h 30min", "2026-03-04T10:30:00Z"},
		{"2 days ago", "2026-03-02T12:00:00Z"},
		{"+5s", "2026-03-04T12:00:05Z"},
	} {
		got, err := c.when(tt.in)
		if err != nil || got.UTC().Format(time.RFC3339) != tt.want {
			t.Errorf("%q: %v, %v; want %s", tt.in, got, err, tt.want)
		}
	}
	for _, bad := range []string{"soon", "-1 parsec", "12:61", "@x"} {
		if got, err := c.when(bad); err == nil {
			t.Errorf("%q is %v", bad, got)
		}
	}
}

func TestNames(t *testing.T) {
	c := &command{World: newSession().w}
	for in, want := range map[string]string{
		"web": "web.service", "web.socket": "web.socket", "/home/x": "home-x.mount", "/dev/sda": "dev-sda.device", "we*": "we*", "a@b": "a@b.service",
		"with blank": `with\x20blank.service`, "x.foo": "x.foo.service",
	} {
		if got := c.mangle(in, ".service"); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	if got := unitPath("9a-b@c.service"); got != unitRoot+"_39a_2db_40c_2eservice" {
		t.Errorf("the path is %s", got)
	}
}

// TestPlain takes the wrappers of the transport off.
func TestPlain(t *testing.T) {
	in := map[objectPath]variant{"a": {[][]any{{uint32(1), objectPath("/x")}}}, "b": {[]byte{1}}, "c": {variant{[]objectPath{"/y"}}}}
	want := map[string]any{"a": []any{[]any{uint32(1), "/x"}}, "b": []byte{1}, "c": []string{"/y"}}
	if got := plain(in); !reflect.DeepEqual(got, want) {
		t.Errorf("%#v, want %#v", got, want)
	}
	if bitRanges([]byte{0x0f, 0x01}) != "0-3 8" {
		t.Errorf("bits are %s", bitRanges([]byte{0x0f, 0x01}))
	}
}
