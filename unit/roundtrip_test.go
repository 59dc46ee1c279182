package unit

import (
	"reflect"
	"slices"
	"testing"
)

// samples has values for every type of a directive and form of it. Each is valid, and none is a default.
var samples = map[string][]string{
	"bool":                     {"yes", "no", "on", "0", "True"},
	"unit.Tristate":            {"yes", "no"},
	"unit.Timespan":            {"5", "1min 30s", "500ms", "infinity", "2h", "0", "1.5s", "3 weeks 1us"},
	"unit.Timespan/timeout":    {"5", "0", "infinity", "3min"},
	"unit.Nanoseconds":         {"50us", "1000", "30ns"},
	"unit.Mode":                {"0700", "644", "02775"},
	"unit.Signal":              {"SIGUSR1", "INT", "9", "RTMIN+3", "SIGRTMAX-1", "RTMAX"},
	"uint16":                   {"24", "65535"},
	"uint32":                   {"0", "7", "0x10", "4294967294"},
	"uint32/permyriad":         {"60%", "12.5%", "3‰"},
	"uint64":                   {"1024", "2"},
	"uint64/bytes":             {"4K", "1.5M", "123"},
	"int64":                    {"-3", "10"},
	"unit.OptInt":              {"0", "5", "-1"},
	"unit.OptInt/byte":         {"0", "255"},
	"unit.OptInt/tos":          {"low-delay", "low-cost", "7"},
	"unit.OptInt/errno":        {"EPERM", "kill", "ENOSYS", "11"},
	"unit.StatusSet":           {"1 2 SIGKILL", "TEMPFAIL 250 RTMIN+1", "SIGTERM", "0", "64"},
	"unit.Rlimit":              {"100", "infinity", "100:200", "5:infinity"},
	"unit.Rlimit/bytes":        {"1G", "512M:infinity", "1000"},
	"unit.Rlimit/seconds":      {"30", "1min:2min", "infinity"},
	"unit.Rlimit/microseconds": {"30", "2ms"},
	"unit.Rlimit/nice":         {"+5", "-10", "30"},
	"[]unit.KillStep":          {"QUIT 30s, TERM 5s, KILL", "INT"},
	"string":                   {"text", "100%% sure", "with  two spaces", `back\slash`, `"quoted"`},
	"string/path":              {"/a/b", "/a//b/./c/", "/with space"},
	"string/rootpath":          {"/a/b", "/"},
	"string/runpath":           {"/run/a.pid", "a.pid"},
	"string/busname":           {"org.example.Name", "a._b-c.d"},
	"string/user":              {"nobody", "1000", "a.b", "some one"},
	"string/interface":         {"eth0", "wlp2s0"},
	"string/resource":          {"/dev/sda1", "UUID=1-2", "server:/export"},
	"string/fdname":            {"varlink", "a b"},
	"string/personality":       {"x86", "arm64"},
	"[]string":                 {"a b"},
	"[]string/uris":            {"man:a(8) https://example.org/a%%20b", "info:a"},
	"[]string/names":           {"a.service b@.service", `dev-a\x2db.device`},
	"[]string/paths":           {"/a /b", `"/with space"`},
	"[]string/pathlist":        {"/a /b"},
	"[]string/paths-":          {"/a -/b"},
	"[]string/paths+":          {"/a -/b -+/c +/d"},
	"[]string/users":           {"adm 4", "audio video"},
	"[]string/words":           {"a b", "x86-64 native"},
	"[]string/globs":           {"a* b?"},
	"[]string/variables":       {"HOME _a1"},
	"[]string/assignments":     {"A B=c", `"A=b c"`},
	"[]string/fields":          {"FIELD=value", `"A_B=c d" C=d`},
	"[]string/environment":     {"A=b", `A=b "C=d e" 'F=g "h"'`, `A=\x41\n`, "A="},
	"[]string/colonpaths":      {"/bin:/usr/bin", "/a"},
	"[]string/patterns":        {"a.*b", "~^x", "%m"},
	"unit.Located/slice":       {"a-b.slice"},
	"unit.Located/name":        {"a.slice", "b.service"},
	"[]unit.Located/names":     {"a.socket b.socket"},
	"[]unit.Located/paths":     {"/a /b", `"/with space"`},
	"[]unit.Command": {
		"/bin/a", "/bin/a b 'c d' \"e\\tf\"", "-/bin/a", "@/bin/a zero one", ":+/bin/a $X ${Y}", "!!/bin/a", "!/bin/a", "-@:/bin/a 0 1",
		"/bin/a ; /bin/b c", `/bin/a \; b`, `/bin/a "" ';' ";"`, "a b", "/bin/a 50%%", `"/bin/with space" a`, `/bin/a \x20 é`,
	},
	"[]unit.Condition":             {"/a", "!/b", "|/c", "|!/d"},
	"[]unit.Listener":              {"/run/a", "/run/../run/b"},
	"[]unit.TimerSpec":             {"5min", "1h 30min"},
	"[]unit.Watch":                 {"/a", "/b/*"},
	"[]unit.OpenFile":              {"/a", "/a:name", "/a:name:read-only,graceful", `/a\:b:n`, "/a::append"},
	"unit.Input":                   {"null", "tty", "tty-force", "tty-fail", "data", "socket", "file:/a b", "fd", "fd:name"},
	"unit.Output":                  {"inherit", "null", "journal", "kmsg+console", "file:/a", "append:/a%%b", "truncate:/a", "fd", "fd:x", "socket", "tty"},
	"[]unit.EnvironmentFile":       {"/a", "-/b", "/a b"},
	"[]uint8/input":                {"text", `a\nb`, "YQ=="},
	"unit.Capabilities":            {"CAP_NET_ADMIN", "~CAP_SYS_ADMIN CAP_CHOWN", "", "cap_bpf CAP_KILL", "CAP_CHOWN 45"},
	"unit.SecureBits":              {"noroot", "keep-caps noroot-locked"},
	"unit.Namespaces":              {"yes", "net user", "~mnt"},
	"unit.Label":                   {"name", "-name"},
	"unit.CoredumpFilter":          {"all", "default", "private-anonymous elf-headers", "0x33"},
	"unit.Filter":                  {"a b", "~a b"},
	"unit.Filter/families":         {"AF_INET AF_INET6", "~AF_PACKET", "none"},
	"unit.Filter/syscalls":         {"@system-service", "~@mount ptrace", "read:EPERM @io", "a:kill"},
	"[]unit.Credential":            {"a:b", `a:b\nc`, "a:b:c", "a:"},
	"[]unit.Credential/base64":     {"a:YWJj"},
	"unit.WorkingDirectory":        {"/a", "-/a", "~", "-~"},
	"[]unit.Directory":             {"a b/c", "a:b", `"with space"`, "a::ro", "a:b:ro", "a/./b"},
	"[]unit.Directory/plain":       {"a b"},
	"[]unit.Bind":                  {"/a", "-/a:/b", "/a:/b:norbind", `/a\:b:/c`, "/a /b:/c", `"/a b"`},
	"[]unit.Image/mount":           {"/a:/b", "-/a:/b:root:ro", "/a:/b:ro"},
	"[]unit.Image/extension":       {"/a", "-/a:root:ro", "/a:ro"},
	"[]unit.Pair/colon":            {"a:b", "a", "a:b:c", `/a\:b:c`},
	"[]unit.Pair/options":          {"root:ro", "ro", "root:ro home:rw"},
	"[]unit.Pair/device":           {"/dev/null rw", "/dev/null", "char-pts r"},
	"unit.RootHash/hex":            {"00ff", "/a"},
	"unit.RootHash/base64":         {"base64:YWJj", "/a"},
	"unit.Amount/memory":           {"1G", "50%", "infinity", "0", "1.5M", "3"},
	"unit.Amount/memorylimit":      {"1G", "50%", "infinity", "12.34%"},
	"unit.Amount/tasks":            {"100", "15%", "infinity"},
	"unit.Weight":                  {"1", "10000"},
	"unit.Weight/idle":             {"idle", "500"},
	"unit.Quota":                   {"20%", "150%", "33.33%"},
	"unit.CPUSet":                  {"0-3 7", "1,2,3", "15"},
	"unit.CPUSet/affinity":         {"0 2-4"},
	"unit.CPUSet/numa":             {"0"},
	"[]unit.DeviceValue/weight":    {"/dev/sda 500"},
	"[]unit.DeviceValue/bandwidth": {"/dev/sda 5M", "/dev/sda infinity", `"/dev/with space" 7`},
	"[]unit.DeviceValue/latency":   {"/dev/sda 25ms"},
	"unit.AddressSet":              {"10.0.0.0/8", "any", "localhost 1.2.3.4", "::1"},
	"[]unit.BindRule":              {"any", "ipv4:tcp:80", "udp:1000-2000", "ipv6:any", "443"},
	"[]unit.NFTSet":                {"cgroup:inet:filter:a", "user:ip:t:s"},
	"unit.Delegate":                {"yes", "", "cpu memory"},
}

// sampleOf lists the values to try for a directive.
func sampleOf(d *Directive) []string {
	if n := d.Choices(); n != nil {
		return n
	}
	switch {
	case d.Type == reflect.TypeFor[[]Condition]():
		return conditionSamples[d.Key[len("Assert"):]]
	case d.Key == "OnCalendar":
		return []string{"daily", "*-*-* 00:00:00"}
	case d.Type == reflect.TypeFor[[]Listener]():
		return listenSamples[d.Key]
	case d.Key == "StandardInputData":
		return []string{"YWJj"}
	}
	key := d.Type.String()
	if d.Type == reflect.TypeFor[[]byte]() {
		key = "[]uint8"
	}
	if low, _, ok := cut(d.As, ".."); ok {
		return []string{low, "1"}
	}
	if d.As != "" {
		key += "/" + d.As
	}
	return samples[key]
}

func cut(s, sep string) (before, after string, found bool) {
	for i := range len(s) {
		if len(s)-i >= len(sep) && s[i:i+len(sep)] == sep {
			return s[:i], s[i+len(sep):], true
		}
	}
	return s, "", false
}

var listenSamples = map[string][]string{
	"ListenStream":           {"/run/a", "@abstract", "80", "127.0.0.1:80", "[::1]:80", "vsock::5"},
	"ListenDatagram":         {"/run/a", "514"},
	"ListenSequentialPacket": {"/run/a", "@x"},
	"ListenFIFO":             {"/run/fifo"},
	"ListenSpecial":          {"/dev/kmsg"},
	"ListenNetlink":          {"kobject-uevent 1", "route"},
	"ListenMessageQueue":     {"/queue"},
	"ListenUSBFunction":      {"/dev/ffs"},
}

// conditionSamples is by the kind's name, with what precedes it cut off to the length of "Assert".
var conditionSamples = func() map[string][]string {
	m := map[string][]string{}
	for k := range NumConditionKinds {
		list := []string{"value", "!value", "|value", "|!50%%"}
		switch _, err := conditionParam(k, "value"); {
		case err == nil:
		case err == errBool:
			list = []string{"yes", "!true", "|no"}
		default:
			list = []string{"/a", "!/b", "|/c d", "|!/e%%"}
		}
		m[k.String()] = list
		m["ion"+k.String()] = list // of Condition…, which is three letters longer
	}
	return m
}()

// nameFor returns the name of a unit whose files have a section.
func nameFor(section string) string {
	for t := TypeService; t <= TypeScope; t++ {
		if SectionOf(t) == section {
			return "a." + t.String()
		}
	}
	return "a.service"
}

// TestDirectivesReadBack writes and reads every sample of every directive.
func TestDirectivesReadBack(t *testing.T) {
	tried := 0
	for _, d := range Directives() {
		if d.block == noBlock {
			continue
		}
		values := sampleOf(d)
		if values == nil {
			t.Errorf("no sample for %s= in [%s]: %s as %q", d.Key, d.Section, d.Type, d.As)
		}
		for _, value := range values {
			tried++
			l := newLoader(&Specifiers{})
			one := read(t, l, d, []Assignment{{d.Section, d.Key, value, 7}})
			first := d
			for first.kind > 0 || first.Alias {
				first = firstKey(d)
			}
			lines := first.Assignments(one)
			again := read(t, newLoader(&Specifiers{}), d, lines)
			a, b := reflect.New(d.Type).Elem(), reflect.New(d.Type).Elem()
			a.Set(d.field(one))
			b.Set(d.field(again))
			forget(a)
			forget(b)
			if !reflect.DeepEqual(a.Interface(), b.Interface()) {
				t.Errorf("%s=%s: read %+v, wrote %v, read back %+v", d.Key, value, a, lines, b)
			}
			if len(lines) > 1 && !reflect.DeepEqual(read(t, newLoader(&Specifiers{}), d, lines[:1]), one) {
				continue // several lines add up
			}
		}
	}
	t.Logf("%d values of %d directives", tried, len(Directives()))
}

// firstKey is the directive of the field's first key.
func firstKey(d *Directive) *Directive {
	return all[slices.IndexFunc(all, func(o *Directive) bool { return o.block == d.block && o.index == d.index && o.kind == 0 && !o.Alias })]
}

// read makes a unit of assignments, without what is derived.
func read(t *testing.T, l *loader, d *Directive, list []Assignment) *Unit {
	t.Helper()
	l.begin(nameFor(d.Section))
	l.path = "/x"
	for _, a := range list {
		row := table[a.Section][a.Key]
		if err := l.set(row, a.Key, a.Value, a.Line); err != nil {
			t.Errorf("%s=%s: %v", a.Key, a.Value, err)
		}
	}
	for _, w := range l.u.Warnings {
		t.Error(w)
	}
	return l.u
}

// TestEmptyMeansDefault assigns a value and then nothing.
func TestEmptyMeansDefault(t *testing.T) {
	for _, d := range Directives() {
		values := sampleOf(d)
		if d.block == noBlock || len(values) == 0 || d.codec.empty {
			continue
		}
		u := read(t, newLoader(&Specifiers{}), d, []Assignment{{d.Section, d.Key, values[0], 1}, {d.Section, d.Key, "", 2}})
		if got, want := d.field(u).Interface(), defaults[d.block].Elem().Field(d.index).Interface(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s=: got %+v, want %+v", d.Key, got, want)
		}
	}
}
