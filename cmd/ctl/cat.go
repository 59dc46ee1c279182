package ctl

import (
	"net/netip"
	"os"
	"strings"

	"davit/unit"
)

// addressText shows an address of 4 or 16 bytes.
func addressText(b []byte) string {
	a, ok := netip.AddrFromSlice(b)
	if !ok {
		return "n/a"
	}
	return a.String()
}

// file is one file of a unit, for cat --json.
type file struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

// runCat prints the files of units: the fragment, then the drop-ins, each after a comment with its path.
func runCat(c *command, args []string) error {
	names, err := c.expand(args, ".service")
	if err != nil {
		return err
	}
	objects := []any{}
	for _, name := range names {
		p, err := c.properties(unitPath(name), unitIface)
		if err != nil {
			return failedTo(err, "Failed to get properties")
		}
		if p.str("LoadState") == "not-found" {
			c.fail(&failure{code: exitFailure, name: "org.freedesktop.systemd1.NoSuchUnit", unit: name, text: "No files found for " + name + "."})
			continue
		}
		if c.sheets++; c.sheets > 1 {
			c.printf("\n")
		}
		files, err := c.catFiles(name, p)
		if err != nil {
			return err
		}
		objects = append(objects, map[string]any{"unit": name, "files": files})
	}
	c.result = objects
	return nil
}

func (c *command) catFiles(name string, p props) ([]file, error) {
	paths := p.list("DropInPaths")
	if f := p.str("FragmentPath"); f != "" {
		paths = append([]string{f}, paths...)
	} else if !c.opt.json {
		c.say("%s is built in: it has no file.", name)
	}
	files := []file{}
	for i, path := range paths {
		if strings.HasPrefix(path, unit.Embedded) {
			c.printf("%s\n", c.paint("\x1b[34m", "# "+path+" (built into davit)"))
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, failedTo(root(err), "Failed to cat %s", path)
		}
		if i > 0 {
			c.printf("\n")
		}
		files = append(files, file{path, string(b)})
		c.printf("%s\n%s", c.paint("\x1b[34m", "# "+path), b)
		if len(b) > 0 && !strings.HasSuffix(string(b), "\n") {
			c.printf("\n")
		}
	}
	if p.bool("NeedDaemonReload") && !c.opt.quiet {
		c.say("Warning: %s changed on disk, the version the manager has loaded is outdated.\nRun '%s daemon-reload' to reload units.",
			name, c.Name+c.layoutFlag())
	}
	return files, nil
}
