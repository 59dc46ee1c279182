package dbus

import "strings"

// Bounds of match rules of one connection.
const (
	maxRules      = 512
	maxRuleLength = 1024
)

// rule is a match rule of the D-Bus specification, as far as the manager's signals can be told apart by it; what else it
// asks for (arguments) is left to the client, which filters anyway. Empty fields match everything.
type rule struct {
	text                           string
	path, namespace, iface, member string
	never                          bool // it asks for what is no signal of the manager's
}

// parseRule reads key='value' pairs with commas between them.
func parseRule(text string) (rule, bool) {
	r := rule{text: text}
	for rest := text; rest != ""; {
		key, after, ok := strings.Cut(rest, "=")
		if !ok {
			return r, false
		}
		var value string
		if value, rest, ok = ruleValue(after); !ok {
			return r, false
		}
		if !r.set(strings.TrimSpace(key), value) {
			return r, false
		}
	}
	return r, true
}

// ruleValue reads a value up to the comma after it: text in apostrophes is taken as it is, outside of them \' is one.
func ruleValue(s string) (value, rest string, ok bool) {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
			b.WriteByte(c)
		case c == ',':
			return b.String(), s[i+1:], true
		case c == '\\' && i+1 < len(s) && s[i+1] == '\'':
			b.WriteByte('\'')
			i++
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), "", !quoted
}

func (r *rule) set(key, value string) bool {
	switch key {
	case "type":
		r.never = r.never || value != "signal"
	case "sender":
		r.never = r.never || !isManager(value)
	case "interface":
		r.iface = value
	case "member":
		r.member = value
	case "path":
		r.path = value
	case "path_namespace":
		r.namespace = value
	case "destination", "eavesdrop":
	default:
		return strings.HasPrefix(key, "arg")
	}
	return true
}

func (r *rule) matches(path, iface, member string) bool {
	return !r.never && (r.path == "" || r.path == path) && (r.iface == "" || r.iface == iface) &&
		(r.member == "" || r.member == member) && (r.namespace == "" || below(path, r.namespace))
}

// below says whether a path is another one or below it.
func below(path, namespace string) bool {
	rest, ok := strings.CutPrefix(path, strings.TrimSuffix(namespace, "/"))
	return ok && (rest == "" || rest[0] == '/')
}

// wants says whether a signal goes to the connection. Clients of a private socket get all; those that said Hello, as to
// a bus, get what they asked for.
func (c *conn) wants(path, iface, member string) bool {
	if c.hs.phase != connected {
		return false
	}
	if !c.bus {
		return true
	}
	for i := range c.rules {
		if c.rules[i].matches(path, iface, member) {
			return true
		}
	}
	return false
}

// wanted says whether a signal goes to anybody.
func (s *Server) wanted(path, iface, member string) bool {
	for _, c := range s.conns {
		if c.wants(path, iface, member) {
			return true
		}
	}
	return false
}

func hello(k *call) error {
	if k.c.bus {
		return errorf(errFailed, "Already handled an Hello message")
	}
	k.c.bus = true
	k.out.string(uniqueName(k.c.id))
	return nil
}

func addMatch(k *call) error {
	text := k.in.string()
	r, ok := parseRule(text)
	switch {
	case !ok || len(text) > maxRuleLength:
		return errorf(busError+"MatchRuleInvalid", "Invalid match rule %q", text)
	case len(k.c.rules) >= maxRules:
		return errorf(busError+"LimitsExceeded", "There are %d match rules already.", maxRules)
	}
	k.c.rules = append(k.c.rules, r)
	return nil
}

func removeMatch(k *call) error {
	text := k.in.string()
	for i := range k.c.rules {
		if k.c.rules[i].text == text {
			k.c.rules = append(k.c.rules[:i], k.c.rules[i+1:]...)
			return nil
		}
	}
	return errorf(busError+"MatchRuleNotFound", "The match rule is not known.")
}
