package ctl

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const never = 1<<64 - 1

// spanSteps are the units in which lengths of time are shown, in microseconds.
var spanSteps = []struct {
	name string
	usec uint64
}{
	{"y", 31557600e6}, {"month", 2629800e6}, {"w", 604800e6}, {"d", 86400e6}, {"h", 3600e6}, {"min", 60e6}, {"s", 1e6}, {"ms", 1e3}, {"us", 1},
}

// spanText shows a length of time as systemd.time(7) writes it. What is below accuracy (microseconds) is left out;
// seconds get a fraction when there is one.
func spanText(usec, accuracy uint64) string {
	switch usec {
	case never:
		return "infinity"
	case 0:
		return "0"
	}
	var parts []string
	for _, s := range spanSteps {
		if usec < s.usec {
			continue
		}
		if usec < accuracy && len(parts) > 0 {
			break
		}
		if s.usec <= 1e6 && usec%s.usec != 0 && accuracy < s.usec {
			parts = append(parts, fraction(usec, s.usec, accuracy, s.name))
			break
		}
		parts = append(parts, strconv.FormatUint(usec/s.usec, 10)+s.name)
		usec %= s.usec
	}
	if len(parts) == 0 {
		return "0"
	}
	return strings.Join(parts, " ")
}

// fraction is usec in units of step, with as many digits as accuracy leaves.
func fraction(usec, step, accuracy uint64, name string) string {
	digits := 0
	for a := step; a > max(accuracy, 1); a /= 10 {
		digits++
	}
	rest := usec % step
	for a := uint64(1); digitsOf(a) <= digitsOf(step)-1-digits; a *= 10 {
		rest /= 10
	}
	s := strconv.FormatUint(usec/step, 10)
	if digits > 0 && rest > 0 {
		s += "." + fmt.Sprintf("%0*d", digits, rest)
	}
	return s + name
}

func digitsOf(n uint64) int { return len(strconv.FormatUint(n, 10)) }

// timeText shows microseconds since the epoch in the form that --timestamp asks for.
func (c *command) timeText(usec uint64) string {
	if usec == 0 || usec == never {
		return "n/a"
	}
	t := time.UnixMicro(int64(usec)).In(c.Now().Location())
	switch c.opt.timestamp {
	case "unix":
		return "@" + strconv.FormatUint(usec/1e6, 10)
	case "us":
		return t.Format("Mon 2006-01-02 15:04:05.000000 MST")
	case "utc":
		return t.UTC().Format("Mon 2006-01-02 15:04:05 UTC")
	case "us+utc":
		return t.UTC().Format("Mon 2006-01-02 15:04:05.000000 UTC")
	}
	return t.Format("Mon 2006-01-02 15:04:05 MST")
}

// relative says how long ago a time is, or how far ahead.
func (c *command) relative(usec uint64) string {
	d, word := c.Now().Sub(time.UnixMicro(int64(usec))), " ago"
	if d < 0 {
		d, word = -d, " left"
	}
	const day = 24 * time.Hour
	n := func(unit time.Duration) int64 { return int64(d / unit) }
	s := ""
	switch {
	case d >= 365*day+6*time.Hour:
		s = fmt.Sprintf("%d years %d months", n(365*day+6*time.Hour), int64(d%(365*day+6*time.Hour)/(2629800*time.Second)))
	case d >= 2629800*time.Second:
		s = fmt.Sprintf("%d months %d days", n(2629800*time.Second), int64(d%(2629800*time.Second)/day))
	case d >= 7*day:
		s = fmt.Sprintf("%d weeks %d days", n(7*day), int64(d%(7*day)/day))
	case d >= 2*day:
		s = fmt.Sprintf("%d days", n(day))
	case d >= 25*time.Hour:
		s = fmt.Sprintf("1 day %dh", int64((d-day)/time.Hour))
	case d >= 6*time.Hour:
		s = fmt.Sprintf("%dh", n(time.Hour))
	case d >= time.Hour:
		s = fmt.Sprintf("%dh %dmin", n(time.Hour), int64(d%time.Hour/time.Minute))
	case d >= 5*time.Minute:
		s = fmt.Sprintf("%dmin", n(time.Minute))
	case d >= time.Minute:
		s = fmt.Sprintf("%dmin %ds", n(time.Minute), int64(d%time.Minute/time.Second))
	case d >= time.Second:
		s = fmt.Sprintf("%ds", n(time.Second))
	case d >= time.Millisecond:
		s = fmt.Sprintf("%dms", n(time.Millisecond))
	case d > 0:
		s = fmt.Sprintf("%dus", n(time.Microsecond))
	default:
		return "now"
	}
	return s + word
}

// bytesText shows a size as systemctl does: 648.0K.
func bytesText(n uint64) string {
	const units = "BKMGTPE"
	i, div := 0, uint64(1)
	for n/div >= 1024 && i < len(units)-1 {
		div *= 1024
		i++
	}
	if i == 0 {
		return strconv.FormatUint(n, 10) + "B"
	}
	return fmt.Sprintf("%d.%d%c", n/div, n%div*10/div, units[i])
}
