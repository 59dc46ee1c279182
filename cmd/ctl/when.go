package ctl

import (
	"strconv"
	"strings"
	"time"

	"davit/host"
)

// asUser makes a query mean units of the user's manager when that is the one that is asked.
func (c *command) asUser(q *LogQuery) {
	if c.layout.Mode == host.User {
		q.User = true
	}
}

// timeForms are the ways of writing a time that do not depend on now (systemd.time(7)).
var timeForms = []string{
	"2006-01-02 15:04:05.999999", "2006-01-02T15:04:05.999999", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02",
	"Mon 2006-01-02 15:04:05", "Mon 2006-01-02 15:04:05 MST", "Mon 2006-01-02", time.RFC3339Nano, "2006-01-02 15:04:05 MST",
}

// when reads a time as systemd.time(7) describes it: a date, a time of day, today, yesterday, tomorrow, now, @SECONDS,
// -SPAN, +SPAN, "SPAN ago". Empty is no time.
func (c *command) when(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	now := c.Now()
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch {
	case s == "":
		return time.Time{}, nil
	case s == "now":
		return now, nil
	case s == "today":
		return day, nil
	case s == "yesterday":
		return day.AddDate(0, 0, -1), nil
	case s == "tomorrow":
		return day.AddDate(0, 0, 1), nil
	case s[0] == '@':
		if f, err := strconv.ParseFloat(s[1:], 64); err == nil {
			return time.UnixMicro(int64(f * 1e6)), nil
		}
	case s[0] == '-' || s[0] == '+':
		if d, ok := span(s[1:]); ok {
			if s[0] == '-' {
				d = -d
			}
			return now.Add(d), nil
		}
	case strings.HasSuffix(s, " ago"):
		if d, ok := span(strings.TrimSuffix(s, " ago")); ok {
			return now.Add(-d), nil
		}
	}
	return clockTime(s, now, day)
}

func clockTime(s string, now, day time.Time) (time.Time, error) {
	for _, form := range timeForms {
		if t, err := time.ParseInLocation(form, s, now.Location()); err == nil {
			return t, nil
		}
	}
	for _, form := range []string{"15:04:05.999999", "15:04"} {
		if t, err := time.Parse(form, s); err == nil {
			return day.Add(t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))), nil
		}
	}
	return time.Time{}, failed("Failed to parse timestamp: %s", s)
}

// spanUnits are the units of systemd.time(7), in microseconds.
var spanUnits = map[string]float64{
	"us": 1, "µs": 1, "usec": 1, "ms": 1e3, "msec": 1e3, "": 1e6, "s": 1e6, "sec": 1e6, "second": 1e6, "seconds": 1e6,
	"m": 60e6, "min": 60e6, "minute": 60e6, "minutes": 60e6, "h": 3600e6, "hr": 3600e6, "hour": 3600e6, "hours": 3600e6,
	"d": 86400e6, "day": 86400e6, "days": 86400e6, "w": 604800e6, "week": 604800e6, "weeks": 604800e6,
	"M": 2629800e6, "month": 2629800e6, "months": 2629800e6, "y": 31557600e6, "year": 31557600e6, "years": 31557600e6,
}

// span reads a length of time such as "2h 30min".
func span(s string) (time.Duration, bool) {
	var sum float64
	read := false
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		i := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		if i < 0 {
			i = len(s)
		}
		n, err := strconv.ParseFloat(s[:i], 64)
		if err != nil {
			return 0, false
		}
		s = strings.TrimSpace(s[i:])
		j := strings.IndexFunc(s, func(r rune) bool { return r >= '0' && r <= '9' || r == ' ' })
		if j < 0 {
			j = len(s)
		}
		unit, ok := spanUnits[s[:j]]
		if !ok {
			return 0, false
		}
		sum += n * unit
		s, read = s[j:], true
	}
	return time.Duration(sum * 1e3), read
}
