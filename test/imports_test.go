package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows says which packages of this module each room of the house may import (docs/architecture.md). A package below a
// room follows the room's rules and may import the room's other packages.
var arrows = map[string][]string{
	"unit":      {},
	"graph":     {"unit"},
	"engine":    {"graph", "unit"},
	"process":   {"unit"},
	"cgroup":    {"unit"},
	"socketact": {"unit"},
	"host":      {"unit"},
	"journal":   {},
	"dbus":      {"engine", "graph", "unit"},
	"manager":   {"engine", "graph", "unit", "process", "cgroup", "socketact", "host", "journal", "dbus"},
	"cmd":       {"manager", "dbus", "journal", "unit", "host", "process"}, // process: the executor is a role of the binary
	"test":      {"engine", "graph", "unit", "process", "cgroup", "socketact", "host", "journal", "dbus", "manager"},
}

// pure lists the rooms that decide, and impure what they may not import directly, with all below it. The exceptions are
// values: an address.
var (
	pure       = []string{"unit", "graph", "engine"}
	impure     = []string{"os", "net", "sync", "syscall", "golang.org/x/sys", "math/rand", "path/filepath", "io/ioutil", "crypto/rand", "runtime"}
	exceptions = []string{"net/netip"}
)

// clockReads lists the functions of time that read a clock, seeded the names of math/rand/v2 that leave its hidden
// generator alone; nothing else of it may be used.
var (
	clockReads = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}
	seeded     = []string{"PCG", "NewPCG", "ChaCha8", "NewChaCha8", "New", "Rand", "Source"}
)

// homes says where a dependency lives, and nowhere else (docs/dependencies.md).
var homes = map[string]string{
	"github.com/godbus/dbus":        "dbus",
	"gonum.org/v1/gonum":            "graph",
	"github.com/containerd/cgroups": "cgroup",
}

// source is one parsed Go file of the repository.
type source struct {
	path string // relative to the repository, with slashes
	room string // first element of path
	test bool
	file *ast.File
	fset *token.FileSet
}

// sources parses every Go file of the repository.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	root := ".."
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if entry.IsDir() && rel != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(rel, ".go") {
			return nil
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		room, _, _ := strings.Cut(rel, "/")
		all = append(all, source{rel, room, strings.HasSuffix(rel, "_test.go"), file, fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// imports returns what a file imports.
func (s source) imports() []string {
	var all []string
	for _, spec := range s.file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err == nil {
			all = append(all, name)
		}
	}
	return all
}

// within says whether the import name is the module or package prefix, or lies below it ("/v5" included).
func within(name, prefix string) bool {
	return name == prefix || strings.HasPrefix(name, prefix+"/")
}

func TestRooms(t *testing.T) {
	for _, s := range sources(t) {
		if _, known := arrows[s.room]; !known {
			t.Errorf("%s: %s is no room of the house (docs/architecture.md)", s.path, s.room)
		}
		if depth := strings.Count(path.Dir(s.path), "/") + 1; depth > 2 {
			t.Errorf("%s: lies %d directories deep, at most 2", s.path, depth)
		}
	}
}

func TestArrows(t *testing.T) {
	for _, s := range sources(t) {
		for _, name := range s.imports() {
			ours, ok := strings.CutPrefix(name, "davit/")
			if !ok || s.test {
				continue
			}
			room, _, _ := strings.Cut(ours, "/")
			if room != s.room && !slices.Contains(arrows[s.room], room) {
				t.Errorf("%s imports %s: there is no arrow from %s to %s", s.path, name, s.room, room)
			}
		}
	}
}

func TestHomesOfDependencies(t *testing.T) {
	for _, s := range sources(t) {
		for _, name := range s.imports() {
			for prefix, home := range homes {
				if within(name, prefix) && s.room != home {
					t.Errorf("%s imports %s, which lives in %s only", s.path, name, home)
				}
			}
		}
	}
}

func TestPurity(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || !slices.Contains(pure, s.room) {
			continue
		}
		for _, name := range s.imports() {
			for _, prefix := range impure {
				if within(name, prefix) && !slices.Contains(exceptions, name) {
					t.Errorf("%s imports %s, but %s is pure", s.path, name, s.room)
				}
			}
		}
		ast.Inspect(s.file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.GoStmt:
				t.Errorf("%s: a goroutine in %s, which is pure", s.fset.Position(node.Pos()), s.room)
			case *ast.SelectorExpr:
				pkg, ok := node.X.(*ast.Ident)
				if !ok {
					break
				}
				read := pkg.Name == "time" && slices.Contains(clockReads, node.Sel.Name)
				random := pkg.Name == "rand" && !slices.Contains(seeded, node.Sel.Name)
				if read || random {
					t.Errorf("%s: %s.%s in %s, which is pure", s.fset.Position(node.Pos()), pkg.Name, node.Sel.Name, s.room)
				}
			}
			return true
		})
	}
}
