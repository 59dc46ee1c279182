package dbus

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"strings"
	"testing"

	godbus "github.com/godbus/dbus/v5"
)

// callMessage builds a method call with our encoder.
func callMessage(t testing.TB, path, iface, member, sig string, args ...any) []byte {
	t.Helper()
	var e encoder
	e.begin(&header{typ: godbus.TypeMethodCall, path: path, iface: iface, member: member, sig: sig}, 7)
	rest := sig
	for _, a := range args {
		var first string
		first, rest = next(rest)
		if err := e.value(reflect.ValueOf(a), first); err != nil {
			t.Fatal(err)
		}
	}
	e.finish()
	return e.buf
}

// TestGodbusReadsOurMessages takes godbus's decoder as a witness that the encoding is D-Bus.
func TestGodbusReadsOurMessages(t *testing.T) {
	const sig = "sa(st)a{sv}aay"
	buf := callMessage(t, "/a", "x.y", "M", sig, "text", []struct {
		A string
		B uint64
	}{{"x", 1}, {"y", 1 << 40}}, map[string]godbus.Variant{"k": godbus.MakeVariant([]int32{1, -2})}, [][]byte{{1}, {2, 3}})
	theirs, err := godbus.DecodeMessage(bytes.NewReader(buf))
	if err != nil {
		t.Fatal("godbus cannot read it:", err)
	}
	var m message
	if err := m.parse(buf, newNames()); err != nil {
		t.Fatal(err)
	}
	d := m.decoder()
	if got := d.values(m.sig); d.err != nil || !reflect.DeepEqual(got, theirs.Body) {
		t.Errorf("\n got %#v\nwant %#v (%v)", got, theirs.Body, d.err)
	}
}

// TestWeReadGodbus reads messages of godbus in both byte orders.
func TestWeReadGodbus(t *testing.T) {
	args := []any{
		"text", uint32(7), true,
		[]string{"a", "b"},
		godbus.ObjectPath("/a/b"), int16(-3), 1.5,
		[]byte{1, 2, 3},
		map[string]godbus.Variant{"k": godbus.MakeVariant([]int32{1, -2})},
		godbus.ParseSignatureMust("a{sv}"), byte(9), int64(-5),
	}
	buf := callMessage(t, "/a", "x.y", "M", "subasondaya{sv}gyx", args...)
	theirs, err := godbus.DecodeMessage(bytes.NewReader(buf))
	if err != nil {
		t.Fatal("godbus cannot read it:", err)
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		var out bytes.Buffer
		if err := theirs.EncodeTo(&out, order); err != nil {
			t.Fatal(err)
		}
		var m message
		if err := m.parse(out.Bytes(), newNames()); err != nil {
			t.Fatal(order, err)
		}
		d := m.decoder()
		if got := d.values(m.sig); d.err != nil || !reflect.DeepEqual(got, args) {
			t.Errorf("%v:\n got %#v\nwant %#v (%v)", order, got, args, d.err)
		}
		if m.path != "/a" || m.iface != "x.y" || m.member != "M" || m.serial != 7 {
			t.Errorf("header %+v", m)
		}
	}
}

func TestDescriptorsAreCounted(t *testing.T) {
	var e encoder
	e.begin(&header{typ: godbus.TypeMethodReply, replySerial: 1, sig: "sh"}, 1)
	e.string("dump")
	e.fd(-1)
	e.finish()
	var m message
	if err := m.parse(e.buf, nil); err != nil {
		t.Fatal(err)
	}
	if m.nfds != 1 || m.replySerial != 1 {
		t.Errorf("message %+v", m)
	}
	e.fds = nil
}

func TestMalformedMessages(t *testing.T) {
	good := callMessage(t, "/a", "x.y", "M", "sb", "text", true)
	patch := func(at int, b ...byte) []byte {
		bad := append([]byte(nil), good...)
		copy(bad[at:], b)
		return bad
	}
	text := bytes.Index(good, []byte("text"))
	for name, bad := range map[string][]byte{
		"serial zero":             patch(8, 0, 0, 0, 0),
		"string with NUL":         patch(text, 0),
		"string not UTF-8":        patch(text, 0xff),
		"boolean of 2":            patch(len(good)-4, 2),
		"padding":                 patch(len(good)-5, 1),
		"string beyond the end":   patch(text-4, 200),
		"length of the body":      patch(4, 99),
		"message type 0":          patch(1, 0),
		"path not a path":         patch(bytes.Index(good, []byte("/a")), 'a'),
		"member not a member":     patch(bytes.Index(good, []byte("M\x00")), '-'),
		"interface without a dot": patch(bytes.Index(good, []byte("x.y")), []byte("xxy")...),
	} {
		var m message
		if err := m.parse(bad, nil); err == nil {
			t.Errorf("%s: accepted %+v", name, m)
		}
	}
	if _, err := messageSize(patch(3, 2), maxMessage); err == nil {
		t.Error("protocol version 2 accepted")
	}
	if _, err := messageSize(patch(0, 'x'), maxMessage); err == nil {
		t.Error("byte order x accepted")
	}
	if _, err := messageSize(patch(4, 0xff, 0xff, 0xff, 0x7f), maxMessage); err == nil {
		t.Error("a message of 2 GiB accepted")
	}
}

func TestSignatures(t *testing.T) {
	for sig, want := range map[string]bool{
		"": true, "a(ssssssouso)": true, "a{sv}": true, "a{s(ii)}": true, "v": true, "aay": true,
		"a": false, "()": false, "(s": false, "a{vs}": false, "{sv}": false, "a{s}": false, "z": false, ")": false,
		strings.Repeat("a", 32) + "y": true, strings.Repeat("a", 33) + "y": false,
		strings.Repeat("(", 32) + "y" + strings.Repeat(")", 32): true,
		strings.Repeat("(", 33) + "y" + strings.Repeat(")", 33): false,
		strings.Repeat("y", 256):                                false,
	} {
		if validSignature(sig) != want {
			t.Errorf("%q: valid is %v", sig, !want)
		}
	}
}

func TestNestedVariantsEnd(t *testing.T) {
	var e encoder
	e.begin(&header{typ: godbus.TypeMethodCall, path: "/", member: "M", sig: "v"}, 1)
	for range 100 {
		e.signature("v")
	}
	e.signature("y")
	e.byte(1)
	e.finish()
	var m message
	if err := m.parse(e.buf, nil); err == nil {
		t.Error("100 nested variants accepted")
	}
}

func TestUnitPaths(t *testing.T) {
	for name, label := range map[string]string{
		"a.service": "a_2eservice", "1.service": "_31_2eservice", "a-b_c.service": "a_2db_5fc_2eservice", "": "_",
		`a\x2db.mount`: "a_5cx2db_2emount", "é.service": "_c3_a9_2eservice", "a@1.service": "a_401_2eservice",
	} {
		if got := UnitPath(name); got != unitPrefix+label {
			t.Errorf("%q: %s", name, got)
		}
		if back, ok := unitOfPath(unitPrefix + label); !ok || back != name {
			t.Errorf("%q reads back as %q", name, back)
		}
	}
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"*", "a.service", true},
		{"*.service", "a.service", true},
		{"*.socket", "a.service", false},
		{"a?.service", "ab.service", true},
		{"[a-c]x", "bx", true},
		{"[!a-c]x", "bx", false},
		{"[a-c]x", "dx", false},
		{"a*b*c", "aXbYc", true},
		{"a*b*c", "aXcYb", false},
		{`a\x2db`, `a\x2db`, true},
		{"[", "[", true},
		{"a", "ab", false},
		{"[]]", "]", true},
		{"", "", true},
		{"**", "", true},
	} {
		if match(c.pattern, c.name) != c.want {
			t.Errorf("match(%q, %q) is %v", c.pattern, c.name, !c.want)
		}
	}
}
