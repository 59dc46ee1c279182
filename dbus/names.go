package dbus

// Strings up to keptName bytes are shared, at most keptNames of them.
const (
	keptName  = 128
	keptNames = 4096
)

// names keeps one copy of strings that recur in messages (paths, interfaces, members), so that decoding a call
// allocates nothing. A nil *names keeps none.
type names struct{ all map[string]string }

func newNames() *names { return &names{all: make(map[string]string)} }

func (n *names) keep(b []byte) string {
	if n == nil || len(b) > keptName {
		return string(b)
	}
	if s, ok := n.all[string(b)]; ok {
		return s
	}
	if len(n.all) >= keptNames {
		clear(n.all)
	}
	s := string(b)
	n.all[s] = s
	return s
}
