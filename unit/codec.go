package unit

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// A codec reads and writes the values of one Go type in unit file syntax. The type of a field and its tag as:"…" choose it.
type codec struct {
	// parse reads a value into the field that p points to. Lists are appended to. The empty value does not come here, as it
	// means the default, unless empty says so.
	parse func(p any, a *assign) error
	// format writes the field that p points to: the values of the assignments that make it from nothing.
	format func(p any) []string
	empty  bool
}

// assign is one assignment on its way into a field.
type assign struct {
	l     *loader
	d     *Directive
	key   string // as written
	value string
	line  int
}

// at is where the assignment stands.
func (a *assign) at() Position { return Position{a.l.path, a.line} }

// expand replaces specifiers and makes the result independent of the file's text.
func (a *assign) expand(s string) (string, error) {
	s, err := a.l.spec.Expand(s, a.l.u.Name, a.l.u.Fragment)
	return strings.Clone(s), err
}

// warn complains about a part of the value; the rest of it counts.
func (a *assign) warn(format string, args ...any) {
	a.l.warn(a.line, a.d.Section, a.key, fmt.Sprintf(format, args...))
}

type codecKey struct {
	typ reflect.Type
	as  string
}

// codecs is filled by the registrations in the codec_*.go files.
var codecs = func() map[codecKey]*codec {
	m := map[codecKey]*codec{}
	textCodecs(m)
	numberCodecs(m)
	unitCodecs(m)
	execCodecs(m)
	fileSystemCodecs(m)
	resourceCodecs(m)
	return m
}()

func codecOf(t reflect.Type, as string) *codec {
	if c := codecs[codecKey{t, as}]; c != nil {
		return c
	}
	if n := enums[t]; n != nil {
		return enumCodec(n)
	}
	if low, high, ok := strings.Cut(as, ".."); ok && t == reflect.TypeFor[OptInt]() {
		return rangeCodec(low, high)
	}
	panic("unit: no codec for " + t.String() + " as " + as)
}

// register adds the codec of T, for each form of as.
func register[T any](m map[codecKey]*codec, c *codec, as ...string) {
	if len(as) == 0 {
		as = []string{""}
	}
	for _, s := range as {
		m[codecKey{reflect.TypeFor[T](), s}] = c
	}
}

// scalar makes the codec of a type with one value.
func scalar[T any](parse func(s string, a *assign) (T, error), format func(T) string) *codec {
	return &codec{
		parse: func(p any, a *assign) error {
			v, err := parse(a.value, a)
			if err == nil {
				*p.(*T) = v
			}
			return err
		},
		format: func(p any) []string {
			if s := format(*p.(*T)); s != "" {
				return []string{s}
			}
			return nil
		},
	}
}

// list makes the codec of a list: each assignment adds to it.
func list[T any](parse func(have []T, a *assign) ([]T, error), format func(T) string) *codec {
	return &codec{
		parse: func(p any, a *assign) error {
			have := p.(*[]T)
			v, err := parse(*have, a)
			*have = v
			return err
		},
		format: func(p any) []string {
			var lines []string
			for _, v := range *p.(*[]T) {
				lines = append(lines, format(v))
			}
			return lines
		},
	}
}

// perWord makes a list's parse from one for a word. A bad word is a warning, the others count.
func perWord[T any](mode escapes, one func(word string, a *assign) (T, error)) func([]T, *assign) ([]T, error) {
	return func(have []T, a *assign) ([]T, error) {
		for rest := a.value; ; {
			word, next, ok, err := nextWord(rest, mode)
			if err != nil || !ok {
				return have, err
			}
			rest = next
			if v, err := one(word, a); err != nil {
				if _, bad := err.(fatal); bad {
					return have, err
				}
				a.warn("cannot read %s: %v, ignored", quoted(word), err)
			} else {
				have = append(have, v)
			}
		}
	}
}

func enumCodec(n *names) *codec {
	return &codec{
		parse: func(p any, a *assign) error {
			i, ok := n.value(a.value)
			if !ok {
				return fmt.Errorf("must be one of %s", n.choices())
			}
			reflect.ValueOf(p).Elem().SetUint(uint64(i))
			return nil
		},
		format: func(p any) []string {
			if s := n.name(int(reflect.ValueOf(p).Elem().Uint())); s != "" {
				return []string{s}
			}
			return nil
		},
	}
}

// choices lists the names for a message.
func (n *names) choices() string {
	var list []string
	for _, s := range n.first {
		if s != "" {
			list = append(list, s)
		}
	}
	return strings.Join(list, ", ")
}

func rangeCodec(low, high string) *codec {
	lo, err1 := strconv.Atoi(low)
	hi, err2 := strconv.Atoi(high)
	if err1 != nil || err2 != nil {
		panic("unit: bad range " + low + ".." + high)
	}
	return scalar(func(s string, _ *assign) (OptInt, error) {
		n, err := parseInt(s, 32)
		if err == nil && (n < int64(lo) || n > int64(hi)) {
			err = fmt.Errorf("not between %d and %d", lo, hi)
		}
		return OptInt{int32(n), true}, err
	}, formatOptInt)
}

func formatOptInt(n OptInt) string {
	if !n.Set {
		return ""
	}
	return itoa(int64(n.Value))
}

func formatBool(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func fromBase64(s string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		return nil, fmt.Errorf("not base64")
	}
	return b, nil
}

func fromHex(s string) ([]byte, error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) == 0 {
		return nil, fmt.Errorf("not hexadecimal")
	}
	return b, nil
}
