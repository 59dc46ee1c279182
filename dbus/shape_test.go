package dbus

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"davit/unit"
)

type xmlNode struct {
	Interfaces []struct {
		Name    string `xml:"name,attr"`
		Methods []struct {
			Name string   `xml:"name,attr"`
			Args []xmlArg `xml:"arg"`
		} `xml:"method"`
		Signals []struct {
			Name string   `xml:"name,attr"`
			Args []xmlArg `xml:"arg"`
		} `xml:"signal"`
		Properties []struct {
			Name        string `xml:"name,attr"`
			Type        string `xml:"type,attr"`
			Access      string `xml:"access,attr"`
			Annotations []struct {
				Name  string `xml:"name,attr"`
				Value string `xml:"value,attr"`
			} `xml:"annotation"`
		} `xml:"property"`
	} `xml:"interface"`
}

type xmlArg struct {
	Name      string `xml:"name,attr"`
	Type      string `xml:"type,attr"`
	Direction string `xml:"direction,attr"`
}

func signature(args []xmlArg, direction string) (sig string) {
	for _, a := range args {
		if a.Direction == direction || direction == "in" && a.Direction == "" {
			sig += a.Type + " " + a.Name + ","
		}
	}
	return sig
}

// members flattens introspection data to "interface.Member" and what it looks like.
func members(t *testing.T, text []byte) map[string]string {
	t.Helper()
	var node xmlNode
	if err := xml.Unmarshal(text, &node); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, i := range node.Interfaces {
		all[i.Name] = "interface"
		for _, m := range i.Methods {
			all[i.Name+"."+m.Name] = "method " + signature(m.Args, "in") + ">" + signature(m.Args, "out")
		}
		for _, s := range i.Signals {
			all[i.Name+"."+s.Name] = "signal " + signature(s.Args, "in")
		}
		for _, p := range i.Properties {
			emits := ""
			for _, a := range p.Annotations {
				if strings.HasSuffix(a.Name, "EmitsChangedSignal") {
					emits = a.Value
				}
			}
			all[i.Name+"."+p.Name] = "property " + p.Type + " " + p.Access + " " + emits
		}
	}
	return all
}

// TestShapeIsSystemds compares what every object says of itself with systemd 252: no member is missing or different.
func TestShapeIsSystemds(t *testing.T) {
	files, err := filepath.Glob("testdata/*.xml")
	if err != nil || len(files) != 13 {
		t.Fatal(files, err)
	}
	f := newFake()
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		kind := strings.TrimSuffix(filepath.Base(file), ".xml")
		ifaces := f.server.tree.units[unit.TypeOf("a."+kind)]
		switch kind {
		case "manager":
			ifaces = f.server.tree.manager
		case "job":
			ifaces = f.server.tree.job
		}
		var b strings.Builder
		b.WriteString("<node>")
		for _, i := range ifaces {
			i.describe(&b)
		}
		b.WriteString("</node>")
		ours := members(t, []byte(b.String()))
		for name, want := range members(t, text) {
			if got := ours[name]; got != want {
				t.Errorf("%s: %s is %q, want %q", kind, name, got, want)
			}
		}
	}
}

// TestOrderIsSystemds: systemctl show prints properties in the order in which they come.
func TestOrderIsSystemds(t *testing.T) {
	text, err := os.ReadFile("testdata/service.xml")
	if err != nil {
		t.Fatal(err)
	}
	var node xmlNode
	if err := xml.Unmarshal(text, &node); err != nil {
		t.Fatal(err)
	}
	for _, i := range node.Interfaces {
		if i.Name != "org.freedesktop.systemd1.Service" {
			continue
		}
		ours := theTree().units[unit.TypeService][4].properties
		for n, p := range i.Properties {
			if ours[n].name != p.Name {
				t.Fatalf("property %d is %s, want %s", n, ours[n].name, p.Name)
			}
		}
	}
}

// TestAbsentDirectives counts the properties that show a constant, because no directive stands behind them: the list may
// shrink, it must not grow in silence.
func TestAbsentDirectives(t *testing.T) {
	known := map[string]bool{}
	for _, name := range knownAbsent {
		known[name] = true
	}
	missing := map[string]bool{}
	for _, i := range typeInterfaces() {
		for _, p := range unbound(i) {
			missing[p] = true
			if !known[p] {
				t.Errorf("%s.%s has no directive, or one whose type has no codec", i.name, p)
			}
		}
	}
	for _, name := range knownAbsent {
		if !missing[name] {
			t.Errorf("%s has a directive now: take it from the list", name)
		}
	}
}

// unbound lists the properties of an interface that neither state nor a directive fills.
func unbound(i *iface) (list []string) {
	filled := map[string]directive{}
	for _, block := range blocks[i.name[strings.LastIndexByte(i.name, '.')+1:]] {
		for _, d := range settings(block) {
			if _, ok := filled[d.name]; !ok {
				filled[d.name] = d
			}
		}
	}
	for _, p := range i.properties {
		if d, ok := filled[p.name]; p.get == nil && (!ok || d.show(p.sig) == nil) {
			list = append(list, p.name)
		}
	}
	return list
}

// knownAbsent are state of unit kinds that the engine does not act on yet, and settings that davit does not know.
var knownAbsent = []string{
	"MemoryLimit", "CPUAffinityFromNUMA", "NonBlocking", "SameProcessGroup", "SysFSPath", "Controller",
	"ExecActivate", "ExecDeactivate", "ExecMount", "ExecUnmount", "ExecRemount",
	"NextElapseUSecRealtime", "NextElapseUSecMonotonic", "LastTriggerUSec", "LastTriggerUSecMonotonic",
}
