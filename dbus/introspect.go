package dbus

import (
	"strconv"
	"strings"
)

const introspectHead = `<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
"https://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
<node>
`

// introspect describes the object to the caller in D-Bus's XML.
func introspect(k *call) error {
	var b strings.Builder
	b.WriteString(introspectHead)
	for _, i := range k.object.ifaces {
		i.describe(&b)
	}
	for _, n := range k.s.children(k.m.path) {
		b.WriteString(" <node name=\"" + n + "\"/>\n")
	}
	b.WriteString("</node>\n")
	k.out.string(b.String())
	return nil
}

func (i *iface) describe(b *strings.Builder) {
	b.WriteString(" <interface name=\"" + i.name + "\">\n")
	for n := range i.methods {
		i.methods[n].describe(b)
	}
	for n := range i.properties {
		i.properties[n].describe(b)
	}
	for _, s := range i.signals {
		b.WriteString("  <signal name=\"" + s.name + "\">\n")
		describeArgs(b, s.sig, strings.Fields(s.args), "")
		b.WriteString("  </signal>\n")
	}
	b.WriteString(" </interface>\n")
}

func (m *method) describe(b *strings.Builder) {
	b.WriteString("  <method name=\"" + m.name + "\">\n")
	in, out, _ := strings.Cut(m.args, ">")
	describeArgs(b, m.in, strings.Fields(in), "in")
	describeArgs(b, m.out, strings.Fields(out), "out")
	if m.noReply {
		annotate(b, "org.freedesktop.DBus.Method.NoReply", "true")
	}
	b.WriteString("  </method>\n")
}

func describeArgs(b *strings.Builder, sig string, names []string, direction string) {
	for i := 0; sig != ""; i++ {
		var first string
		first, sig = next(sig)
		b.WriteString("   <arg type=\"" + first + "\"")
		if i < len(names) {
			b.WriteString(" name=\"" + names[i] + "\"")
		}
		if direction != "" {
			b.WriteString(" direction=\"" + direction + "\"")
		}
		b.WriteString("/>\n")
	}
}

var emitsNames = [...]string{"true", "invalidates", "false", "const"}

func (p *property) describe(b *strings.Builder) {
	access := "read"
	if p.set {
		access = "readwrite"
	}
	b.WriteString("  <property name=\"" + p.name + "\" type=\"" + p.sig + "\" access=\"" + access + "\">\n")
	if p.emits != changes {
		annotate(b, "org.freedesktop.DBus.Property.EmitsChangedSignal", emitsNames[p.emits])
	}
	b.WriteString("  </property>\n")
}

func annotate(b *strings.Builder, name, value string) {
	b.WriteString("   <annotation name=\"" + name + "\" value=\"" + value + "\"/>\n")
}

// children are the names of the nodes right below a path.
func (s *Server) children(path string) []string {
	switch path {
	case "/":
		return []string{"org"}
	case "/org":
		return []string{"freedesktop"}
	case "/org/freedesktop":
		return []string{"LogControl1", "systemd1"}
	case managerPath:
		return []string{"unit", "job"}
	case managerPath + "/unit":
		var list []string
		for _, u := range s.backend.Engine().Units() {
			list = append(list, strings.TrimPrefix(UnitPath(u.ID), unitPrefix))
		}
		return list
	case managerPath + "/job":
		var list []string
		for _, j := range s.backend.Engine().Jobs() {
			list = append(list, strconv.FormatUint(uint64(j.ID), 10))
		}
		return list
	}
	return nil
}
