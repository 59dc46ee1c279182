package journal

import (
	"context"
	"io"
)

// Show writes the entries that a query selects to w. With follow it goes on until ctx ends, and writes each entry at
// once.
func (r *Reader) Show(ctx context.Context, w io.Writer, q Query, f Format, follow bool) error {
	p, err := NewPrinter(w, f)
	if err != nil {
		return err
	}
	entries := r.Entries(q)
	if follow {
		entries = r.Follow(ctx, q)
	}
	for e, err := range entries {
		if err != nil {
			_ = p.Flush()
			return err
		}
		p.Print(e)
		if follow {
			if err := p.Flush(); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			break
		}
	}
	if p.Count() == 0 && !f.Quiet && !follow && (p.isShort() || f.Output == "verbose") {
		p.w.WriteString("-- No entries --\n")
	}
	return p.Flush()
}
