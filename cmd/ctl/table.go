package ctl

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// cell is one field of a table: its text and how it is coloured on a terminal.
type cell struct {
	text  string
	color string
}

// table is what lists print: columns as wide as their widest cell, the header underlined on a terminal.
type table struct {
	head []string
	rows [][]cell
	// soft are the columns that may be cut to fit the terminal, in the order in which they are.
	soft []int
}

func (t *table) add(cells ...cell) { t.rows = append(t.rows, cells) }

func plainCells(texts ...string) []cell {
	out := make([]cell, len(texts))
	for i, s := range texts {
		out[i].text = s
	}
	return out
}

// Colours of ECMA-48.
const (
	normal    = "\x1b[0m"
	red       = "\x1b[0;1;31m"
	green     = "\x1b[0;1;32m"
	yellow    = "\x1b[0;1;33m"
	highlight = "\x1b[0;1;39m"
	grey      = "\x1b[0;38;5;245m"
	underline = "\x1b[0;4m"
)

// paint colours a text on terminals.
func (c *command) paint(color, s string) string {
	if !c.Color || color == "" || s == "" {
		return s
	}
	return color + s + normal
}

// print writes a table. Without legend there is no header.
func (c *command) print(t *table) {
	widths := t.widths(!c.opt.noLegend)
	if c.Width > 0 && !c.opt.full {
		shrink(widths, t.soft, c.Width)
	}
	if !c.opt.noLegend {
		head := make([]cell, len(t.head))
		for i, h := range t.head {
			head[i] = cell{h, underline}
		}
		c.line(head, widths)
	}
	for _, row := range t.rows {
		c.line(row, widths)
	}
}

func (t *table) widths(header bool) []int {
	widths := make([]int, len(t.head))
	for i, h := range t.head {
		if header {
			widths[i] = utf8.RuneCountInString(h)
		}
		for _, row := range t.rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i].text))
		}
	}
	return widths
}

// shrink cuts the soft columns until the line fits; none gets narrower than ten.
func shrink(widths, soft []int, limit int) {
	total := len(widths) - 1
	for _, w := range widths {
		total += w
	}
	for _, i := range soft {
		if total <= limit {
			return
		}
		cut := min(total-limit, max(widths[i]-10, 0))
		widths[i] -= cut
		total -= cut
	}
}

// line writes one row; the last column is not padded.
func (c *command) line(row []cell, widths []int) {
	var b strings.Builder
	for i, f := range row {
		s := c.ellipsize(f.text, widths[i])
		pad := widths[i] - utf8.RuneCountInString(s)
		if i == len(row)-1 {
			pad = 0
		}
		if f.color == underline {
			s, pad = s+strings.Repeat(" ", pad), 0
		}
		b.WriteString(c.paint(f.color, s))
		b.WriteString(strings.Repeat(" ", pad))
		if i < len(row)-1 {
			b.WriteByte(' ')
		}
	}
	fmt.Fprintln(c.Out, strings.TrimRight(b.String(), " "))
}

// ascii is what stands for signs that a locale cannot show.
var ascii = strings.NewReplacer("●", "*", "○", "*", "×", "x", "↻", "*", "├─", "|-", "└─", "`-", "│", "|", "→", "->", "•", "*")

// glyph is a sign as the locale can show it.
func (c *command) glyph(s string) string {
	if c.ASCII {
		return ascii.Replace(s)
	}
	return s
}

// ellipsize cuts s in the middle, so that it is at most width columns wide.
func (c *command) ellipsize(s string, width int) string {
	n := utf8.RuneCountInString(s)
	if n <= width || width < 1 {
		return s
	}
	r := []rune(s)
	dots := []rune("…")
	if c.ASCII {
		dots = []rune("...")[:min(3, width)]
	}
	left := (width - len(dots)) * 2 / 3
	return string(r[:left]) + string(dots) + string(r[n-(width-len(dots)-left):])
}
