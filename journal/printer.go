package journal

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Format says how entries look, in the words of journalctl(1).
type Format struct {
	Output     string   // --output=, empty: short
	Fields     []string // --output-fields=, for verbose, export, json and cat
	Location   *time.Location
	All        bool // --all: fields that are long or not printable in full
	NoHostname bool
	Color      bool
	Width      int  // cut lines to so many columns, 0: do not
	Quiet      bool // no lines between boots, and none if there are no entries
}

// Outputs are the names that Format.Output may have.
var Outputs = []string{
	"short", "short-full", "short-iso", "short-iso-precise", "short-precise", "short-monotonic", "short-delta", "short-unix",
	"verbose", "export", "json", "json-pretty", "json-sse", "json-seq", "cat", "with-unit",
}

// Printer writes entries one after the other in a format.
type Printer struct {
	w     *bufio.Writer
	f     Format
	print func(e *Entry)
	boot  ID
	mono  uint64 // of the entry before
	count int
}

// NewPrinter returns a printer to w. It writes nothing before Flush.
func NewPrinter(w io.Writer, f Format) (*Printer, error) {
	if f.Output == "" {
		f.Output = "short"
	}
	if !slices.Contains(Outputs, f.Output) {
		return nil, fmt.Errorf("cannot write the format %q: it is not known", f.Output)
	}
	if f.Location == nil {
		f.Location = time.Local
	}
	p := &Printer{w: bufio.NewWriterSize(w, 16<<10), f: f}
	switch f.Output {
	case "verbose":
		p.print = p.verbose
	case "export":
		p.print = p.export
	case "json", "json-pretty", "json-sse", "json-seq":
		p.print = p.json
	case "cat":
		p.print = p.cat
	default:
		p.print = p.short
	}
	return p, nil
}

// Print writes an entry. An error of the writer shows at Flush.
func (p *Printer) Print(e *Entry) {
	if p.count > 0 && p.boot != e.Boot && !p.f.Quiet && (p.isShort() || p.f.Output == "verbose") {
		p.colored(ansiHighlight, "-- Boot "+e.Boot.String()+" --")
		p.w.WriteByte('\n')
	}
	p.boot = e.Boot
	p.print(e)
	p.mono = e.Monotonic
	p.count++
}

// Count returns how many entries were printed.
func (p *Printer) Count() int { return p.count }

// Flush writes out what has been printed.
func (p *Printer) Flush() error {
	if err := p.w.Flush(); err != nil {
		return fmt.Errorf("cannot write the entries: %w", err)
	}
	return nil
}

func (p *Printer) isShort() bool {
	return strings.HasPrefix(p.f.Output, "short") || p.f.Output == "with-unit"
}

// wanted says whether a field is to be shown.
func (p *Printer) wanted(name string) bool {
	return len(p.f.Fields) == 0 || slices.Contains(p.f.Fields, name)
}

// wallTime is when the entry was made, as far as that can be trusted, else when it was received.
func (p *Printer) wallTime(e *Entry) time.Time {
	us := e.Realtime
	if v, ok := decimal(e.Get("_SOURCE_REALTIME_TIMESTAMP")); ok {
		us = v
	}
	return time.UnixMicro(int64(us)).In(p.f.Location)
}

func decimal(s string) (n uint64, ok bool) {
	if s == "" || len(s) > 18 {
		return 0, false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, true
}

// printable reports whether text can be shown as it is: UTF-8 without control characters other than tabs and, if it may
// have more than one line, newlines.
func printable(s string, lines bool) bool {
	for i, r := range s {
		switch {
		case r == '\n' && lines || r == '\t':
		case r < ' ' || r >= 0x7f && r < 0xa0:
			return false
		case r == '\uFFFD' && (i+3 > len(s) || s[i:i+3] != "\uFFFD"):
			return false
		}
	}
	return true
}

// size is a number of bytes the way systemd writes it.
func size(n int) string {
	for i, unit := range []string{"E", "P", "T", "G", "M", "K"} {
		if factor := 1 << (10 * (6 - i)); n >= factor {
			return fmt.Sprintf("%d.%d%s", n/factor, n%factor*10/factor, unit)
		}
	}
	return fmt.Sprintf("%dB", n)
}

// The colors of journalctl.
const (
	ansiRed       = "\x1b[0;1;31m"
	ansiYellow    = "\x1b[0;1;38;5;185m"
	ansiHighlight = "\x1b[0;1;39m"
	ansiGrey      = "\x1b[0;38;5;245m"
	ansiNormal    = "\x1b[0m"
)

// levelColor returns how lines of a level are colored, empty for ordinary ones.
func levelColor(priority string) string {
	if len(priority) != 1 {
		return ""
	}
	switch priority[0] {
	case '0', '1', '2', '3':
		return ansiRed
	case '4':
		return ansiYellow
	case '5':
		return ansiHighlight
	case '7':
		return ansiGrey
	}
	return ""
}

func (p *Printer) colored(color, text string) {
	if !p.f.Color || color == "" || text == "" {
		p.w.WriteString(text)
		return
	}
	p.w.WriteString(color)
	p.w.WriteString(text)
	p.w.WriteString(ansiNormal)
}
