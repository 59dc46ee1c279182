package unit

import (
	"errors"
	"math"
	"math/bits"
	"strings"
)

// Longer units of time, by systemd.time(7): a month is 30.44 days, a year 365.25.
const (
	day   = 24 * Hour
	week  = 7 * day
	month = 2629800 * Second
	year  = 31557600 * Second
)

var timeUnits = map[string]Timespan{
	"us": 1, "usec": 1, "µs": 1, "μs": 1,
	"ms": Millisecond, "msec": Millisecond,
	"s": Second, "sec": Second, "second": Second, "seconds": Second,
	"m": Minute, "min": Minute, "minute": Minute, "minutes": Minute,
	"h": Hour, "hr": Hour, "hour": Hour, "hours": Hour,
	"d": day, "day": day, "days": day,
	"w": week, "week": week, "weeks": week,
	"M": month, "month": month, "months": month,
	"y": year, "year": year, "years": year,
}

var (
	errTimespan = errors.New("not a time span")
	errRange    = errors.New("out of range")
)

// ParseTimespan reads a time span of systemd.time(7), such as "1min 30.5s" or "infinity"; a number without a unit counts in unit
// (Second for nearly all settings).
func ParseTimespan(s string, unit Timespan) (Timespan, error) {
	s = strings.TrimSpace(s)
	if s == "infinity" {
		return Infinity, nil
	}
	if s == "" {
		return 0, errTimespan
	}
	total := Timespan(0)
	for s != "" {
		part, rest, err := timePart(s, unit)
		if err != nil {
			return 0, err
		}
		if part > Infinity-1-total {
			return 0, errRange
		}
		total += part
		s = trimLeft(rest)
	}
	return total, nil
}

// timePart reads one number with its unit.
func timePart(s string, unit Timespan) (Timespan, string, error) {
	whole, frac, rest, ok := decimal(s)
	if !ok {
		return 0, "", errTimespan
	}
	rest = trimLeft(rest)
	n := 0
	for n < len(rest) && (rest[n] >= 'a' && rest[n] <= 'z' || rest[n] >= 'A' && rest[n] <= 'Z' || rest[n] >= 0x80) {
		n++
	}
	if n > 0 {
		u, known := timeUnits[rest[:n]]
		if !known {
			return 0, "", errTimespan
		}
		unit = u
	} else if rest != "" && (rest[0] < '0' || rest[0] > '9') && rest[0] != '.' {
		return 0, "", errTimespan
	}
	v, ok := scale(whole, frac, uint64(unit))
	if !ok || v > math.MaxInt64-1 {
		return 0, "", errRange
	}
	return Timespan(v), rest[n:], nil
}

// decimal reads digits with an optional fraction.
func decimal(s string) (whole uint64, frac, rest string, ok bool) {
	i := 0
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		d := uint64(s[i] - '0')
		if whole > (math.MaxUint64-d)/10 {
			return 0, "", "", false
		}
		whole = whole*10 + d
	}
	ok = i > 0
	if i < len(s) && s[i] == '.' {
		j := i + 1
		for j < len(s) && s[j] >= '0' && s[j] <= '9' {
			j++
		}
		frac = s[i+1 : j]
		ok = ok || frac != ""
		i = j
	}
	return whole, frac, s[i:], ok && (frac != "" || i == 0 || s[i-1] != '.')
}

// scale is (whole + 0.frac) * unit, rounded down.
func scale(whole uint64, frac string, unit uint64) (uint64, bool) {
	hi, v := bits.Mul64(whole, unit)
	if hi != 0 {
		return 0, false
	}
	for i, m := 0, unit/10; i < len(frac) && m > 0; i, m = i+1, m/10 {
		add := uint64(frac[i]-'0') * m
		if v+add < v {
			return 0, false
		}
		v += add
	}
	return v, true
}

// String writes a time span as systemd does: "1min 30s", "500ms", "infinity"; it reads back as the same span.
func (t Timespan) String() string {
	if t == Infinity {
		return "infinity"
	}
	if t <= 0 {
		return "0"
	}
	var b strings.Builder
	for _, u := range [...]struct {
		name string
		span Timespan
	}{{"y", year}, {"month", month}, {"w", week}, {"d", day}, {"h", Hour}, {"min", Minute}, {"s", Second}, {"ms", Millisecond}, {"us", 1}} {
		if t < u.span {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(itoa(int64(t / u.span)))
		b.WriteString(u.name)
		t %= u.span
	}
	return b.String()
}
