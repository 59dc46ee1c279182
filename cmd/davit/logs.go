package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"davit/cmd/ctl"
	"davit/host"
	"davit/journal"
)

// logs is the journal of a manager as the control command wants it.
type logs struct{ reader *journal.Reader }

// openLogs finds the journal of a manager. One that has not written anything yet is empty.
func openLogs(l host.Layout) (ctl.Logs, error) {
	r, err := journal.Open(l.JournalDirs...)
	if errors.Is(err, fs.ErrNotExist) {
		return logs{}, nil
	}
	if err != nil {
		return nil, err
	}
	return logs{r}, nil
}

func (l logs) Show(w io.Writer, q ctl.LogQuery, stop <-chan os.Signal) error {
	if l.reader == nil {
		if q.Follow {
			return errors.New("there is none yet")
		}
		return nil
	}
	defer l.reader.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if q.Follow {
		go func() {
			select {
			case <-stop:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	return l.reader.Show(ctx, w, query(q), format(q), q.Follow)
}

// query is what the journal is asked.
func query(q ctl.LogQuery) journal.Query {
	out := journal.Query{
		Units: q.Units, UID: os.Getuid(), Invocation: q.Invocation, Identifiers: q.Identifiers, Matches: q.Matches, Boot: q.Boot,
		Since: q.Since, Until: q.Until, Cursor: q.Cursor, AfterCursor: q.AfterCursor, Grep: q.Grep, Lines: q.Lines, Reverse: q.Reverse,
	}
	if q.User {
		out.Units, out.UserUnits = nil, q.Units
	}
	if q.Priorities != [2]int{0, 7} {
		for n := q.Priorities[0]; n <= q.Priorities[1]; n++ {
			out.Levels = append(out.Levels, n)
		}
	}
	return out
}

// format is how the entries look.
func format(q ctl.LogQuery) journal.Format {
	f := journal.Format{
		Output: q.Output, Fields: q.Fields, All: q.All, NoHostname: q.NoHostname, Color: q.Color, Width: q.Width, Quiet: q.Quiet,
		Location: time.Local,
	}
	if q.UTC {
		f.Location = time.UTC
	}
	return f
}
