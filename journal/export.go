package journal

import (
	"encoding/binary"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// export writes the journal export format: https://systemd.io/JOURNAL_EXPORT_FORMATS/.
func (p *Printer) export(e *Entry) {
	p.w.WriteString("__CURSOR=" + e.Cursor())
	p.w.WriteString("\n__REALTIME_TIMESTAMP=" + strconv.FormatUint(e.Realtime, 10))
	p.w.WriteString("\n__MONOTONIC_TIMESTAMP=" + strconv.FormatUint(e.Monotonic, 10))
	p.w.WriteString("\n_BOOT_ID=" + e.Boot.String() + "\n")
	for i := range e.Fields {
		f := &e.Fields[i]
		if f.Name == "_BOOT_ID" || !p.wanted(f.Name) {
			continue
		}
		p.w.WriteString(f.Name)
		if printable(f.Value, false) {
			p.w.WriteByte('=')
		} else {
			p.w.WriteByte('\n')
			p.w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(f.Value))))
		}
		p.w.WriteString(f.Value)
		p.w.WriteByte('\n')
	}
	p.w.WriteByte('\n')
}

// longField is from where on a field is null in JSON, unless all is wanted.
const longField = 4096

// json writes one object per entry. Values that are not UTF-8 are arrays of bytes, several of one name an array.
func (p *Printer) json(e *Entry) {
	pretty := p.f.Output == "json-pretty"
	switch p.f.Output {
	case "json-sse":
		p.w.WriteString("data: ")
	case "json-seq":
		p.w.WriteByte(0x1e)
	}
	p.w.WriteByte('{')
	first := true
	member := func(name string, values []any) {
		if !first {
			p.w.WriteByte(',')
		}
		first = false
		var v any = values
		if len(values) == 1 {
			v = values[0]
		}
		if pretty {
			p.w.WriteString("\n\t")
			p.value(name, "\t")
			p.w.WriteString(" : ")
			p.value(v, "\t")
			return
		}
		p.value(name, "")
		p.w.WriteByte(':')
		p.value(v, "")
	}
	member("__CURSOR", []any{e.Cursor()})
	member("__REALTIME_TIMESTAMP", []any{strconv.FormatUint(e.Realtime, 10)})
	member("__MONOTONIC_TIMESTAMP", []any{strconv.FormatUint(e.Monotonic, 10)})
	member("_BOOT_ID", []any{e.Boot.String()})
	for i := range e.Fields {
		name := e.Fields[i].Name
		if name == "_BOOT_ID" || !p.wanted(name) || before(e, i) {
			continue
		}
		var values []any
		for j := i; j < len(e.Fields); j++ {
			if e.Fields[j].Name == name {
				values = append(values, p.jsonValue(name, e.Fields[j].Value))
			}
		}
		member(name, values)
	}
	if len(e.Unreadable) > 0 {
		member("__UNREADABLE", []any{e.Unreadable})
	}
	if pretty {
		p.w.WriteByte('\n')
	}
	p.w.WriteString("}\n")
	if p.f.Output == "json-sse" {
		p.w.WriteByte('\n')
	}
}

// before reports whether an earlier field of the entry has the same name as the i-th.
func before(e *Entry, i int) bool {
	for j := range i {
		if e.Fields[j].Name == e.Fields[i].Name {
			return true
		}
	}
	return false
}

func (p *Printer) jsonValue(name, v string) any {
	if !p.f.All && len(name)+1+len(v) >= longField {
		return nil
	}
	if utf8.ValidString(v) && printable(v, true) {
		return v
	}
	bytes := make([]int, len(v))
	for i := range len(v) {
		bytes[i] = int(v[i])
	}
	return bytes
}

// value writes a value; the encoder's escaping of HTML is undone, which journalctl does not do.
func (p *Printer) value(v any, indent string) {
	var text []byte
	if indent != "" {
		text, _ = json.MarshalIndent(v, indent, indent)
	} else {
		text, _ = json.Marshal(v)
	}
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+5 < len(text) && text[i+1] == 'u' && text[i+2] == '0' && text[i+3] == '0' {
			if c, err := strconv.ParseUint(string(text[i+2:i+6]), 16, 8); err == nil && (c == '<' || c == '>' || c == '&') {
				p.w.WriteByte(byte(c))
				i += 5
				continue
			}
		}
		if text[i] == '\\' && i+1 < len(text) {
			p.w.WriteByte(text[i])
			i++
		}
		p.w.WriteByte(text[i])
	}
}
