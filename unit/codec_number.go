package unit

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// numberCodecs registers booleans, numbers, times, sizes, signals and exit statuses.
func numberCodecs(m map[codecKey]*codec) {
	register[bool](m, scalar(func(s string, _ *assign) (bool, error) {
		v, ok := ParseBool(s)
		return v, orError(ok, errBool)
	}, formatBool))
	register[Tristate](m, scalar(parseTristate, Tristate.String))
	register[Timespan](m, scalar(func(s string, _ *assign) (Timespan, error) { return ParseTimespan(s, Second) }, Timespan.String))
	register[Timespan](m, scalar(func(s string, _ *assign) (Timespan, error) {
		t, err := ParseTimespan(s, Second)
		if t == 0 && err == nil {
			t = Infinity
		}
		return t, err
	}, Timespan.String), "timeout")
	register[Nanoseconds](m, scalar(parseNanoseconds, func(n Nanoseconds) string { return nonZero(uint64(n)) }))
	register[Mode](m, scalar(func(s string, _ *assign) (Mode, error) { return parseMode(s) }, Mode.String))
	register[Signal](m, scalar(func(s string, _ *assign) (Signal, error) { return ParseSignal(s) }, Signal.String))
	register[uint16](m, scalar(func(s string, _ *assign) (uint16, error) {
		n, err := parseUint(s, 16)
		return uint16(n), err
	}, func(n uint16) string { return utoa(uint64(n)) }))
	register[uint32](m, scalar(func(s string, _ *assign) (uint32, error) {
		n, err := parseUint(s, 32)
		return uint32(n), err
	}, func(n uint32) string { return utoa(uint64(n)) }))
	register[uint32](m, scalar(func(s string, _ *assign) (uint32, error) {
		n, err := parsePermyriad(s)
		if err == nil && n > 10000 {
			err = errRange
		}
		return n, err
	}, formatPermyriad), "permyriad")
	register[uint64](m, scalar(func(s string, _ *assign) (uint64, error) { return parseUint(s, 64) }, nonZero))
	register[uint64](m, scalar(func(s string, _ *assign) (uint64, error) { return ParseBytes(s) }, func(n uint64) string {
		if n == 0 {
			return ""
		}
		return formatBytes(n)
	}), "bytes")
	register[int64](m, scalar(func(s string, _ *assign) (int64, error) { return parseInt(s, 64) }, itoa))
	register[OptInt](m, scalar(func(s string, _ *assign) (OptInt, error) {
		n, err := parseInt(s, 64)
		if err == nil && (n < math.MinInt32 || n > math.MaxUint32) {
			err = errRange
		}
		return OptInt{int32(n), true}, err
	}, formatOptInt))
	register[OptInt](m, scalar(parseTOS, formatOptInt), "tos")
	register[OptInt](m, scalar(parseErrno, formatErrno), "errno")
	register[StatusSet](m, &codec{parse: parseStatuses, format: func(p any) []string {
		if s := p.(*StatusSet); !s.Empty() {
			return []string{s.String()}
		}
		return nil
	}})
	rlimits := func(as string, parse func(string) (uint64, error), format func(uint64) string) {
		register[Rlimit](m, scalar(func(s string, _ *assign) (Rlimit, error) { return parseRlimit(s, parse) },
			func(r Rlimit) string { return formatRlimit(r, format) }), as)
	}
	rlimits("", func(s string) (uint64, error) { return parseUint(s, 64) }, utoa)
	rlimits("bytes", ParseBytes, formatBytes)
	rlimits("seconds", rlimitSpan(Second), utoa)
	rlimits("microseconds", rlimitSpan(1), utoa)
	rlimits("nice", rlimitNice, utoa)
	register[[]KillStep](m, scalar(killSteps, formatKillSteps))
}

func orError(ok bool, err error) error {
	if ok {
		return nil
	}
	return err
}

func nonZero(n uint64) string {
	if n == 0 {
		return ""
	}
	return utoa(n)
}

func parseTristate(s string, _ *assign) (Tristate, error) {
	v, ok := ParseBool(s)
	switch {
	case !ok:
		return Unset, errBool
	case v:
		return Yes, nil
	}
	return No, nil
}

// String is yes, no or empty.
func (t Tristate) String() string { return [...]string{"", "no", "yes"}[t] }

// Or resolves an unset value.
func (t Tristate) Or(def bool) bool {
	if t == Unset {
		return def
	}
	return t == Yes
}

// parseNanoseconds reads a time span to the nanosecond; a bare number counts in nanoseconds.
func parseNanoseconds(s string, _ *assign) (Nanoseconds, error) {
	if num, ok := strings.CutSuffix(strings.TrimSuffix(s, "ec"), "ns"); ok {
		s = strings.TrimSpace(num)
	}
	if n, err := parseUint(s, 64); err == nil {
		return Nanoseconds(n), nil
	}
	t, err := ParseTimespan(s, 1)
	if err == nil && (t == Infinity || t > math.MaxInt64/1000) {
		err = errRange
	}
	return Nanoseconds(t) * 1000, err
}

func parseTOS(s string, _ *assign) (OptInt, error) {
	if n, ok := map[string]int32{"low-delay": 0x10, "throughput": 0x08, "reliability": 0x04, "low-cost": 0x02}[s]; ok {
		return OptInt{n, true}, nil
	}
	n, err := parseInt(s, 32)
	if err == nil && (n < 0 || n > 255) {
		err = errRange
	}
	return OptInt{int32(n), true}, err
}

// SyscallKill is SystemCallErrorNumber=kill.
const SyscallKill = -1

func parseErrno(s string, _ *assign) (OptInt, error) {
	if s == "kill" {
		return OptInt{SyscallKill, true}, nil
	}
	if n, ok := errnos[s]; ok {
		return OptInt{n, true}, nil
	}
	n, err := strconv.ParseUint(s, 10, 12)
	if err != nil || n == 0 {
		return OptInt{}, errors.New("not an error name or number")
	}
	return OptInt{int32(n), true}, nil
}

func formatErrno(n OptInt) string {
	if n.Set && n.Value == SyscallKill {
		return "kill"
	}
	return formatOptInt(n)
}

func parseStatuses(p any, a *assign) error {
	set := p.(*StatusSet)
	words, err := splitWords(a.value, keepEscapes)
	for _, w := range words {
		if err := set.add(w); err != nil {
			a.warn("cannot read %s: %v, ignored", quoted(w), err)
		}
	}
	return err
}

// killSteps reads "QUIT 30s, TERM 5s, KILL".
func killSteps(s string, _ *assign) ([]KillStep, error) {
	var steps []KillStep
	for part := range strings.SplitSeq(s, ",") {
		name, wait, _ := strings.Cut(strings.TrimSpace(part), " ")
		sig, err := ParseSignal(name)
		if err != nil {
			return nil, fmt.Errorf("%s is %w", quoted(name), err)
		}
		step := KillStep{Signal: sig}
		if wait = strings.TrimSpace(wait); wait != "" {
			if step.Wait, err = ParseTimespan(wait, Second); err != nil {
				return nil, fmt.Errorf("%s is %w", quoted(wait), err)
			}
		}
		steps = append(steps, step)
	}
	return steps, nil
}

func formatKillSteps(steps []KillStep) string {
	var parts []string
	for _, k := range steps {
		s := k.Signal.String()
		if k.Wait != 0 {
			s += " " + k.Wait.String()
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, ", ")
}
