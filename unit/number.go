package unit

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func utoa(n uint64) string { return strconv.FormatUint(n, 10) }

var (
	errBool    = errors.New("not a boolean")
	errNumber  = errors.New("not a number")
	errBytes   = errors.New("not a size")
	errPercent = errors.New("not a percentage")
	errMode    = errors.New("not an octal file mode")
)

// ParseBool reads a boolean: 1 yes y true t on, or 0 no n false f off, in any case.
func ParseBool(s string) (value, ok bool) {
	if len(s) > 5 {
		return false, false
	}
	var low [5]byte
	for i := range len(s) {
		low[i] = s[i]
		if s[i] >= 'A' && s[i] <= 'Z' {
			low[i] += 'a' - 'A'
		}
	}
	switch string(low[:len(s)]) {
	case "1", "yes", "y", "true", "t", "on":
		return true, true
	case "0", "no", "n", "false", "f", "off":
		return false, true
	}
	return false, false
}

// parseUint reads an unsigned number as systemd does: decimal, 0x, 0o, 0b, or octal with a leading zero.
func parseUint(s string, size int) (uint64, error) {
	if s == "" || s[0] < '0' || s[0] > '9' || strings.ContainsRune(s, '_') {
		return 0, errNumber
	}
	return asNumber(strconv.ParseUint(s, 0, size))
}

func parseInt(s string, size int) (int64, error) {
	if s == "" || strings.ContainsRune(s, '_') {
		return 0, errNumber
	}
	return asNumber(strconv.ParseInt(s, 0, size))
}

func asNumber[N int64 | uint64](n N, err error) (N, error) {
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, errRange
	case err != nil:
		return 0, errNumber
	}
	return n, nil
}

const sizeSuffixes = "BKMGTPE"

// ParseBytes reads a number of bytes: digits with an optional fraction and one of the suffixes B, K, M, G, T, P and E, to the base
// of 1024. Several parts add up, the larger first: "1G 500M".
func ParseBytes(s string) (uint64, error) { return parseSize(s, 1024) }

func parseSize(s string, base uint64) (uint64, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, errBytes
	}
	total, last := uint64(0), len(sizeSuffixes)
	for s != "" {
		whole, frac, rest, ok := decimal(s)
		if !ok {
			return 0, errBytes
		}
		rest = trimLeft(rest)
		exp := 0
		if rest != "" && (rest[0] < '0' || rest[0] > '9') {
			if exp = strings.IndexByte(sizeSuffixes, rest[0]); exp < 0 {
				return 0, errBytes
			}
			rest = rest[1:]
		}
		if exp >= last {
			return 0, errBytes
		}
		last = exp
		v, ok := sized(whole, frac, base, exp)
		if !ok || total+v < total {
			return 0, errRange
		}
		total += v
		s = trimLeft(rest)
	}
	return total, nil
}

// sized is (whole + 0.frac) * base^exp.
func sized(whole uint64, frac string, base uint64, exp int) (uint64, bool) {
	unit := uint64(1)
	for range exp {
		unit *= base
	}
	v, ok := scale(whole, "", unit)
	if !ok || frac == "" {
		return v, ok
	}
	f, err := strconv.ParseFloat("0."+frac, 64)
	if err != nil {
		return 0, false
	}
	add := uint64(f * float64(unit))
	return v + add, v+add >= v
}

// formatBytes writes a number of bytes with the largest suffix that is exact.
func formatBytes(n uint64) string {
	exp := 0
	for n != 0 && n%1024 == 0 && exp < len(sizeSuffixes)-1 {
		n /= 1024
		exp++
	}
	if exp == 0 {
		return utoa(n)
	}
	return utoa(n) + sizeSuffixes[exp:exp+1]
}

// parsePermyriad reads "12%", "12.34%", "123‰" or "1234‱" as ten-thousandths.
func parsePermyriad(s string) (uint32, error) {
	mul, num, ok := uint64(100), "", false
	if num, ok = strings.CutSuffix(s, "%"); !ok {
		if num, ok = strings.CutSuffix(s, "‰"); ok {
			mul = 10
		} else if num, ok = strings.CutSuffix(s, "‱"); ok {
			mul = 1
		}
	}
	whole, frac, rest, good := decimal(num)
	if !ok || !good || rest != "" || len(frac) > 2 {
		return 0, errPercent
	}
	v, good := scale(whole, frac, mul)
	if !good || v > math.MaxUint32 {
		return 0, errRange
	}
	return uint32(v), nil
}

func formatPermyriad(n uint32) string {
	s := utoa(uint64(n / 100))
	switch f := n % 100; {
	case f == 0:
	case f%10 == 0:
		s += "." + string(rune('0'+f/10))
	default:
		s += "." + string(rune('0'+f/10)) + string(rune('0'+f%10))
	}
	return s + "%"
}

func parseMode(s string) (Mode, error) {
	n, err := strconv.ParseUint(s, 8, 32)
	if err != nil || s[0] < '0' || s[0] > '9' {
		return 0, errMode
	}
	if n > 0o7777 {
		return 0, errRange
	}
	return Mode(n), nil
}

// String writes the mode in octal with four digits.
func (m Mode) String() string {
	s := strconv.FormatUint(uint64(m), 8)
	for len(s) < 4 {
		s = "0" + s
	}
	return s
}

// Of returns the amount in absolute numbers on a machine that has total of it, def when it is unset.
func (a Amount) Of(total, def uint64) uint64 {
	switch {
	case !a.Set:
		return def
	case a.Permyriad == 0:
		return a.Value
	}
	v, ok := scale(total/10000, "", uint64(a.Permyriad))
	if !ok {
		return NoLimit
	}
	return v + total%10000*uint64(a.Permyriad)/10000
}

func parseAmount(s string, absolute func(string) (uint64, error)) (Amount, error) {
	if s == "infinity" {
		return Amount{Value: NoLimit, Set: true}, nil
	}
	if p, err := parsePermyriad(s); err == nil {
		if p > 10000 {
			return Amount{}, errRange
		}
		if p > 0 {
			return Amount{Permyriad: p, Set: true}, nil
		}
		return Amount{Set: true}, nil
	}
	v, err := absolute(s)
	if err != nil {
		return Amount{}, err
	}
	if v == NoLimit {
		return Amount{}, errRange
	}
	return Amount{Value: v, Set: true}, nil
}

func formatAmount(a Amount, absolute func(uint64) string) string {
	switch {
	case !a.Set:
		return ""
	case a.Permyriad != 0:
		return formatPermyriad(a.Permyriad)
	case a.Value == NoLimit:
		return "infinity"
	}
	return absolute(a.Value)
}

// parseRlimit reads "soft:hard" or one value for both.
func parseRlimit(s string, one func(string) (uint64, error)) (Rlimit, error) {
	soft, hard, two := strings.Cut(s, ":")
	r := Rlimit{Set: true}
	var err error
	if r.Soft, err = rlimitValue(soft, one); err != nil {
		return Rlimit{}, err
	}
	r.Hard = r.Soft
	if two {
		if r.Hard, err = rlimitValue(hard, one); err != nil {
			return Rlimit{}, err
		}
	}
	if r.Soft > r.Hard {
		return Rlimit{}, errors.New("soft limit above the hard limit")
	}
	return r, nil
}

func rlimitValue(s string, one func(string) (uint64, error)) (uint64, error) {
	s = strings.TrimSpace(s)
	if s == "infinity" {
		return NoLimit, nil
	}
	return one(s)
}

func formatRlimit(r Rlimit, one func(uint64) string) string {
	f := func(n uint64) string {
		if n == NoLimit {
			return "infinity"
		}
		return one(n)
	}
	switch {
	case !r.Set:
		return ""
	case r.Soft == r.Hard:
		return f(r.Soft)
	}
	return f(r.Soft) + ":" + f(r.Hard)
}

// rlimitNice reads LimitNICE=: a nice level with a sign, or the kernel's 20 minus it.
func rlimitNice(s string) (uint64, error) {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		n, err := parseInt(s, 32)
		if err != nil {
			return 0, err
		}
		if n < -20 || n > 19 {
			return 0, errRange
		}
		return uint64(20 - n), nil
	}
	n, err := parseUint(s, 64)
	if err == nil && n > 40 {
		err = errRange
	}
	return n, err
}

// rlimitSpan reads a limit on time, in whole units, rounded up.
func rlimitSpan(unit Timespan) func(string) (uint64, error) {
	return func(s string) (uint64, error) {
		t, err := ParseTimespan(s, unit)
		if t == Infinity {
			return NoLimit, err
		}
		return uint64((t + unit - 1) / unit), err
	}
}
