package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"davit/unit"
)

// Change performs what enablement wants of the file system below root ("" for the machine itself), in order. Notes about
// what was found change nothing. It stops at the first change that fails.
func Change(root string, changes []unit.LinkChange) error {
	for _, c := range changes {
		var err error
		switch path := filepath.Join(root, c.Path); c.Kind {
		case unit.ChangeSymlink:
			err = makeLink(path, c.Target)
		case unit.ChangeUnlink:
			err = removeLink(path)
		case unit.ChangeRmdir:
			err = ignoreMissing(os.Remove(path))
		case unit.ChangeMasked, unit.ChangeAuxiliaryFailed, unit.ChangeDestination:
		}
		if err != nil {
			return fmt.Errorf("cannot change %s: %w", c.Path, err)
		}
	}
	return nil
}

// makeLink makes a link in place of what is there. The new one is made beside it and renamed, so that there is no moment
// without either.
func makeLink(path, target string) error {
	if have, err := os.Readlink(path); err == nil && have == target {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	beside := filepath.Join(filepath.Dir(path), ".#"+filepath.Base(path)+RandomID()[:16])
	if err := os.Symlink(target, beside); err != nil {
		return err
	}
	if err := os.Rename(beside, path); err != nil {
		_ = os.Remove(beside)
		return err
	}
	return nil
}

// removeLink removes a link or file, and the directory of dependencies that it leaves empty.
func removeLink(path string) error {
	if err := ignoreMissing(os.Remove(path)); err != nil {
		return err
	}
	dir := filepath.Dir(path)
	for _, suffix := range []string{".wants", ".requires", ".upholds"} {
		if strings.HasSuffix(dir, suffix) {
			_ = os.Remove(dir) // fails when something is left in it
		}
	}
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// WriteUnit writes a unit file or drop-in, with its directory, in one step: a reader sees the old text or the new one.
func WriteUnit(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	beside := filepath.Join(filepath.Dir(path), ".#"+filepath.Base(path)+RandomID()[:16])
	if err := os.WriteFile(beside, []byte(text), 0o644); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	if err := os.Rename(beside, path); err != nil {
		_ = os.Remove(beside)
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return nil
}
