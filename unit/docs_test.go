package unit

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const reference = "../docs/directives.md"

// TestReference makes docs/directives.md from the declarations and compares it with the one that is there; -update writes it.
func TestReference(t *testing.T) {
	got := makeReference(t)
	if *update {
		if err := os.WriteFile(reference, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what the declarations say; run go test ./unit -run TestReference -update", reference)
	}
}

// chapters are the parts of the reference: one per block, and the sections where its settings stand.
var chapters = []struct {
	title, manual string
	block         block
}{
	{"[Unit]", "systemd.unit(5)", blockCommon},
	{"[Unit]: dependencies", "systemd.unit(5)", noBlock},
	{"[Install]", "systemd.unit(5)", blockInstall},
	{"[Service]", "systemd.service(5)", blockService},
	{"[Socket]", "systemd.socket(5)", blockSocket},
	{"[Timer]", "systemd.timer(5)", blockTimer},
	{"[Path]", "systemd.path(5)", blockPath},
	{"[Mount]", "systemd.mount(5)", blockMount},
	{"[Automount]", "systemd.automount(5)", blockAutomount},
	{"[Swap]", "systemd.swap(5)", blockSwap},
	{"[Scope]", "systemd.scope(5)", blockScope},
	{"Execution environment: [Service], [Socket], [Mount], [Swap]", "systemd.exec(5)", blockExec},
	{"Killing: [Service], [Socket], [Mount], [Swap], [Scope]", "systemd.kill(5)", blockKill},
	{"Resource control: [Service], [Socket], [Mount], [Swap], [Slice], [Scope]", "systemd.resource-control(5)", blockResources},
	{"[X-Davit]", "davit's own; systemd ignores the section", blockDavit},
}

const preamble = `# Directives

Made from the declarations in package unit by ` + "`go test ./unit -run TestReference -update`" + `; do not edit.

A setting that is *read only* is parsed, checked and shown, but not enforced yet. Where the manual page is newer than systemd 252,
*since* names the version that brought the setting.

`

func makeReference(t *testing.T) string {
	comments := fieldComments(t)
	var b strings.Builder
	b.WriteString(preamble)
	counts(&b)
	for _, c := range chapters {
		fmt.Fprintf(&b, "\n## %s\n\nManual: %s.\n\n", c.title, c.manual)
		for _, row := range rowsOf(c.block) {
			writeRow(t, &b, row, comments)
		}
	}
	return b.String()
}

// rowsOf lists the first directive of every field of a block, in the order of declaration.
func rowsOf(b block) []*Directive {
	var rows []*Directive
	for _, d := range all {
		first := d.kind == 0 && d.block != noBlock || d.block == noBlock && d.Section == sectionUnit
		have := slices.ContainsFunc(rows, func(o *Directive) bool { return o.Key == d.Key })
		if d.block == b && first && !d.Alias && !have {
			rows = append(rows, d)
		}
	}
	return rows
}

func counts(b *strings.Builder) {
	enforced, ignored := 0, 0
	for _, c := range chapters {
		for _, d := range rowsOf(c.block) {
			if d.Status == "" {
				enforced++
			} else {
				ignored++
			}
		}
	}
	fmt.Fprintf(b, "%d settings: %d enforced, %d read only.\n", enforced+ignored, enforced, ignored)
}

func writeRow(t *testing.T, b *strings.Builder, d *Directive, comments map[string]string) {
	owner, field := "dependencies", d.Key
	keys := []string{d.Key}
	if d.block != noBlock {
		owner, field = blockTypes[d.block].typ.Name(), d.Field
		keys = keysOf(blockTypes[d.block].typ.Field(d.index).Tag.Get("unit"))
	}
	text := comments[owner+"."+field]
	if text == "" {
		t.Errorf("%s.%s has no doc comment", owner, field)
	}
	text = strings.TrimPrefix(strings.TrimPrefix(text, field+" is "), field+" ")
	if len(keys) > 12 {
		keys = []string{strings.TrimSuffix(keys[0], ConditionKind(0).String()) + "…"}
		text += " The kinds are " + strings.Join(conditionNames.first, ", ") + "."
	}
	for i, k := range keys {
		keys[i] = "`" + k + "=`"
	}
	fmt.Fprintf(b, "- %s: %s", strings.Join(keys, ", "), text)
	list := d.Choices()
	if slices.ContainsFunc(list, func(s string) bool { return !strings.Contains(text, s) }) {
		fmt.Fprintf(b, " One of %s.", strings.Join(list, ", "))
	}
	if also := aliasesOf(d); also != "" {
		fmt.Fprintf(b, " Also read as %s.", also)
	}
	if d.Since != "" {
		fmt.Fprintf(b, " Since %s.", d.Since)
	}
	if d.Status == "ignored" {
		b.WriteString(" *Read only.*")
	}
	b.WriteByte('\n')
}

func aliasesOf(d *Directive) string {
	var list []string
	for _, o := range all {
		same := o.Alias && (d.block != noBlock && o.block == d.block && o.index == d.index || d.block == noBlock && o.block == noBlock && o.kind == d.kind)
		name := "`" + o.Key + "=`"
		if same && o.Key != d.Key && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// fieldComments reads the doc comments of all struct fields of the package: "Service.Type" → text on one line.
func fieldComments(t *testing.T) map[string]string {
	comments := map[string]string{}
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if s, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range s.Fields.List {
					for _, name := range f.Names {
						comments[spec.Name.Name+"."+name.Name] = strings.Join(strings.Fields(f.Doc.Text()), " ")
					}
				}
			}
			return false
		})
	}
	return comments
}

// TestDirectives looks at the table itself.
func TestDirectives(t *testing.T) {
	for _, d := range Directives() {
		if table[d.Section][d.Key] != d {
			t.Errorf("[%s] %s= stands twice", d.Section, d.Key)
		}
		if cmp.Or(d.Status, "ignored") != "ignored" {
			t.Errorf("[%s] %s= has the status %q", d.Section, d.Key, d.Status)
		}
		if d.Default != "" && d.codec != nil {
			u := read(t, newLoader(&Specifiers{}), d, []Assignment{{d.Section, d.Key, d.Default, 1}})
			if got, want := d.field(u).Interface(), defaults[d.block].Elem().Field(d.index).Interface(); !reflect.DeepEqual(got, want) {
				t.Errorf("[%s] %s=: %q reads as %v, the default is %v", d.Section, d.Key, d.Default, got, want)
			}
		}
	}
	if SettingOf(TypeService, "MemoryMax") == nil || SettingOf(TypeTarget, "MemoryMax") != nil || FindDirective(TypeTimer, "Timer", "OnCalendar") == nil {
		t.Error("settings are not found where they belong")
	}
}
