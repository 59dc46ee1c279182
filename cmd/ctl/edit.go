package ctl

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// edit is one file that is being edited: a copy beside its place, which takes the place when the editor is done.
type edit struct {
	unit, path, temp string
	original         string
}

// runEdit opens an editor on a drop-in of each unit, or with --full on a copy of its file, and reloads the manager.
func runEdit(c *command, args []string) error {
	if c.Width == 0 && c.Env("SYSTEMD_EDITOR") == "" && c.Env("EDITOR") == "" && c.Env("VISUAL") == "" {
		return failed("Cannot edit units if not on a tty.")
	}
	var edits []*edit
	defer func() {
		for _, e := range edits {
			os.Remove(e.temp)
		}
	}()
	for _, name := range c.fileNames(args, "edit") {
		e, err := c.beginEdit(name)
		if err != nil {
			return err
		}
		edits = append(edits, e)
	}
	if err := c.runEditor(edits); err != nil {
		return err
	}
	done := []string{}
	for _, e := range edits {
		changed, err := e.finish()
		if err != nil {
			return failed("Failed to edit %s: %v", e.unit, err)
		}
		if !changed {
			c.say("Editing \"%s\" canceled: temporary file is empty.", e.path)
			continue
		}
		done = append(done, e.path)
	}
	c.result = map[string]any{"files": done}
	if len(done) > 0 && !c.opt.noReload {
		return runReload(c, nil)
	}
	return nil
}

// beginEdit writes the copy that the editor is to open.
func (c *command) beginEdit(name string) (*edit, error) {
	p, err := c.properties(unitPath(name), unitIface)
	if err != nil {
		return nil, failedTo(err, "Failed to get properties of %s", name)
	}
	fragment := p.str("FragmentPath")
	if fragment == "" && c.opt.force == 0 {
		return nil, failed("No files found for %s.\nRun '%s edit%s --force --full %s' to create a new unit.", name, c.Name, c.layoutFlag(), name)
	}
	base := c.layout.Config
	if c.opt.runtime {
		base = c.layout.ConfigRun
	}
	e := &edit{unit: name, path: filepath.Join(base, name+".d", "override.conf")}
	text := ""
	if c.opt.full {
		e.path = filepath.Join(base, name)
		b, err := os.ReadFile(fragment)
		if err != nil && fragment != "" {
			return nil, failed("Failed to read %s: %v", fragment, err)
		}
		text = string(b)
	} else {
		if b, err := os.ReadFile(e.path); err == nil {
			e.original = string(b)
		}
		text = dropInText(e.path, e.original, append([]string{fragment}, p.list("DropInPaths")...))
	}
	return e, e.write(text)
}

const (
	editBelow = "### Lines below this comment will be discarded"
	editAbove = "### Anything between here and the comment below will become the new contents of the file"
)

// dropInText is what the editor shows of a drop-in: its text, and below it as comments what the unit's files say.
func dropInText(path, text string, files []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### Editing %s\n%s\n\n%s\n\n%s\n", path, editAbove, strings.TrimRight(text, "\n"), editBelow)
	for _, f := range files {
		content, err := os.ReadFile(f)
		if err != nil || f == path {
			continue
		}
		fmt.Fprintf(&b, "\n### %s\n", f)
		for line := range strings.Lines(string(content)) {
			b.WriteString("# " + line)
		}
	}
	return b.String()
}

func (e *edit) write(text string) error {
	if err := os.MkdirAll(filepath.Dir(e.path), 0o755); err != nil {
		return failed("Failed to create directories for %s: %v", e.path, err)
	}
	f, err := os.CreateTemp(filepath.Dir(e.path), ".#"+filepath.Base(e.path))
	if err != nil {
		return failed("Failed to create temporary file for %s: %v", e.path, err)
	}
	e.temp = f.Name()
	_, err = f.WriteString(text)
	return errors.Join(err, f.Chmod(0o644), f.Close())
}

// finish puts the edited text in its place; false means that nothing is left of it.
func (e *edit) finish() (bool, error) {
	b, err := os.ReadFile(e.temp)
	if err != nil {
		return false, err
	}
	text := string(b)
	if _, rest, ok := strings.Cut(text, editAbove+"\n"); ok {
		text, _, _ = strings.Cut(rest, editBelow)
	}
	text = strings.TrimSpace(text)
	if text == "" {
		if err := os.Remove(filepath.Dir(e.path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, nil // other drop-ins are there
		}
		return false, nil
	}
	if err := os.WriteFile(e.temp, []byte(text+"\n"), 0o644); err != nil {
		return false, err
	}
	return true, os.Rename(e.temp, e.path)
}

// runEditor opens all files at once with the first editor that can be run.
func (c *command) runEditor(edits []*edit) error {
	files := make([]string, len(edits))
	for i, e := range edits {
		files[i] = e.temp
	}
	candidates := []string{}
	for _, v := range []string{"SYSTEMD_EDITOR", "EDITOR", "VISUAL"} {
		if s := c.Env(v); s != "" {
			candidates = append(candidates, s)
			break
		}
	}
	candidates = append(candidates, "editor", "nano", "vim", "vi")
	for _, s := range candidates {
		words := strings.Fields(s)
		err := c.Run(words[0], slices.Concat(words[1:], files)...)
		if err == nil {
			return nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return failed("Failed to edit: %s: %v", s, err)
		}
	}
	return failed("Cannot edit units, no editor available. Please set either $SYSTEMD_EDITOR, $EDITOR or $VISUAL.")
}
