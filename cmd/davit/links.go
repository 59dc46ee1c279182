package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"davit/unit"
)

// changeLinks performs what enablement wants below a root directory, in order.
func changeLinks(root string, changes []unit.LinkChange) error {
	for _, c := range changes {
		path := filepath.Join(root, c.Path)
		var err error
		switch c.Kind {
		case unit.ChangeSymlink:
			err = replaceLink(path, c.Target)
		case unit.ChangeUnlink, unit.ChangeRmdir:
			err = removeLink(path)
		case unit.ChangeMasked, unit.ChangeAuxiliaryFailed, unit.ChangeDestination: // only told
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// replaceLink makes a link in place of whatever is there, without a moment in which there is nothing.
func replaceLink(path, target string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot make directory %s: %w", dir, err)
	}
	temp := filepath.Join(dir, ".#"+filepath.Base(path)+".davit")
	_ = os.Remove(temp)
	if err := os.Symlink(target, temp); err != nil {
		return fmt.Errorf("cannot make link %s: %w", path, err)
	}
	if err := os.Rename(temp, path); err != nil {
		_ = os.Remove(temp)
		return fmt.Errorf("cannot make link %s: %w", path, err)
	}
	return nil
}

// removeLink removes a link or file, and the directory of dependencies that it leaves empty.
func removeLink(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot remove %s: %w", path, err)
	}
	dir := filepath.Dir(path)
	for _, suffix := range []string{".wants", ".requires", ".upholds"} {
		if strings.HasSuffix(dir, suffix) {
			_ = os.Remove(dir) // stays when something is left in it
		}
	}
	return nil
}
