package ctl

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// propertyLines are the values of a property as show prints them, one per line. Most have one; lists of commands have
// one for each command.
func (c *command) propertyLines(name string, v any) []string {
	switch v := v.(type) {
	case []any:
		return c.structLines(name, v)
	case []byte:
		return []string{bytesProperty(name, v)}
	case []string:
		return []string{strings.Join(quoteAll(v), " ")}
	}
	return []string{c.scalar(name, v)}
}

func quoteAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = s
		if strings.ContainsAny(s, " \t\n\"'\\$") && s != "" {
			out[i] = strconv.Quote(s)
		}
	}
	return out
}

// scalar shows a single value: booleans as yes and no, times and lengths of time by the property's name, and the
// largest number in the words of the setting.
func (c *command) scalar(name string, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case float64:
		return strconv.FormatFloat(v, 'g', 6, 64)
	case uint64:
		if show, ok := numberForms[name]; ok {
			return show(v)
		}
		return c.number(name, v)
	case int32:
		if show, ok := integerForms[name]; ok {
			return show(v)
		}
	case uint16:
		if v == 1<<16-1 && strings.HasPrefix(name, "TTY") {
			return "[not set]"
		}
	case uint32:
		switch {
		case strings.Contains(name, "UMask") || strings.HasSuffix(name, "Mode"):
			return fmt.Sprintf("%04o", v)
		case (name == "UID" || name == "GID") && v == 1<<32-1:
			return "[not set]"
		}
		return strconv.FormatUint(uint64(v), 10)
	}
	return fmt.Sprint(v)
}

// Properties whose largest value means something in words.
var (
	notSetNames = []string{
		"MemoryCurrent", "MemoryPeak", "TasksCurrent", "CPUUsageNSec", "CPUWeight", "StartupCPUWeight",
		"CPUShares", "StartupCPUShares", "IOWeight", "StartupIOWeight", "BlockIOWeight", "StartupBlockIOWeight", "MemoryZSwapCurrent",
	}
	noDataNames = []string{"IPIngressBytes", "IPIngressPackets", "IPEgressBytes", "IPEgressPackets"}
	plainNames  = []string{"IOReadBytes", "IOReadOperations", "IOWriteBytes", "IOWriteOperations"} // as in systemd 252
	plainUSec   = []string{"NextElapseUSecRealtime", "LastTriggerUSec"}
)

func (c *command) number(name string, n uint64) string {
	switch {
	case strings.HasSuffix(name, "Timestamp") || slices.Contains(plainUSec, name):
		if n == 0 || n == never {
			return ""
		}
		return c.timeText(n)
	case strings.Contains(name, "USec") && !strings.HasSuffix(name, "TimestampMonotonic"):
		return spanText(n, 1)
	case n != never || slices.Contains(plainNames, name):
		return strconv.FormatUint(n, 10)
	case slices.Contains(notSetNames, name):
		return "[not set]"
	case slices.Contains(noDataNames, name):
		return "[no data]"
	}
	return "infinity"
}

// bytesProperty shows a byte array: invocation ids in hex, sets of CPUs as ranges.
func bytesProperty(name string, b []byte) string {
	if strings.HasSuffix(name, "CPUs") || strings.HasSuffix(name, "MemoryNodes") || strings.HasSuffix(name, "Affinity") || name == "NUMAMask" {
		return bitRanges(b)
	}
	return hex.EncodeToString(b)
}

// bitRanges shows the bits that are set as ranges: 0-3 8.
func bitRanges(b []byte) string {
	var out []string
	set := func(i int) bool { return i/8 < len(b) && b[i/8]&(1<<(i%8)) != 0 }
	for i := 0; i < len(b)*8; i++ {
		if !set(i) {
			continue
		}
		from := i
		for set(i + 1) {
			i++
		}
		if from == i {
			out = append(out, strconv.Itoa(i))
		} else {
			out = append(out, fmt.Sprintf("%d-%d", from, i))
		}
	}
	return strings.Join(out, " ")
}

// structLines shows properties that are structures or arrays of them, each in systemctl's form.
func (c *command) structLines(name string, v []any) []string {
	switch {
	case name == "Job":
		if id := num(at(v, 0)); id > 0 {
			return []string{strconv.FormatUint(id, 10)}
		}
		return []string{""}
	case name == "Unit" && len(v) == 2:
		return []string{str(v[0])}
	case name == "LoadError":
		return []string{strings.TrimSpace(str(at(v, 0)) + " " + quoted(str(at(v, 1))))}
	case strings.HasPrefix(name, "Exec"):
		return c.execLines(name, v)
	}
	if show, ok := wholeForms[name]; ok {
		return []string{show(v)}
	}
	if show, ok := structForms[name]; ok {
		var out []string
		for _, r := range rows(v) {
			out = append(out, show(c, r))
		}
		return out
	}
	return []string{generic(v)}
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return strconv.Quote(s)
}

// execLines shows commands: a(sasbttttuii), or a(sasasttttuii) in the properties that end in Ex.
func (c *command) execLines(name string, v []any) []string {
	var out []string
	for _, r := range rows(v) {
		flags := "ignore_errors=" + yesNo(at(r, 2))
		if strings.HasSuffix(name, "Ex") {
			flags = "flags=" + strings.Join(strs(at(r, 2)), " ")
		}
		code, status := int(int32(num(at(r, 8)))), int(int32(num(at(r, 9))))
		state := "code=(null) ; status=0/0"
		if code != 0 {
			word := exitNames[status]
			if code != codeExited {
				word = signalName(status)
			}
			state = fmt.Sprintf("code=%s ; status=%d", codeNames[code], status)
			if code != codeExited {
				state += "/" + word
			}
		}
		out = append(out, fmt.Sprintf("{ path=%s ; argv[]=%s ; %s ; start_time=[%s] ; stop_time=[%s] ; pid=%d ; %s }",
			str(at(r, 0)), strings.Join(strs(at(r, 1)), " "), flags, c.timeText(num(at(r, 3))), c.timeText(num(at(r, 5))), num(at(r, 7)), state))
	}
	return out
}

// generic shows values that have no form of their own.
func generic(v any) string {
	switch v := v.(type) {
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = generic(e)
		}
		return strings.Join(parts, " ")
	case []string:
		return strings.Join(v, " ")
	case []byte:
		return hex.EncodeToString(v)
	case bool:
		return yesNo(v)
	}
	return fmt.Sprint(v)
}

// jsonValue is a property as --json prints it: numbers that mean nothing are null, ids are hex.
func jsonValue(name string, v any) any {
	switch v := v.(type) {
	case uint64:
		if v == never {
			return nil
		}
	case []byte:
		return bytesProperty(name, v)
	case float64:
		if v != v {
			return nil
		}
	}
	return v
}
