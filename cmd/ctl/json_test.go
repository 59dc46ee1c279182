package ctl

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestEveryVerbSpeaksJSON gives each verb arguments that are right, wrong and missing: standard output is one JSON
// document, standard error stays empty, an error is an object with a name and a message.
func TestEveryVerbSpeaksJSON(t *testing.T) {
	right := map[string]string{
		"plan": "start web", "completion": "bash", "cancel": "7", "set-environment": "A=b", "unset-environment": "A", "import-environment": "HOME",
		"exit": "3", "log-level": "", "log-target": "", "service-watchdogs": "", "link": "/x/a.service", "add-wants": "x.target web",
		"add-requires": "x.target web", "isolate": "multi-user", "set-default": "multi-user", "help": "start",
	}
	eachVerb(func(v verb) {
		args, ok := right[v.name]
		if !ok && v.max != 0 {
			args = "web"
		}
		for _, line := range []string{args, "nope", "--bogus", "a b c d"} {
			checkJSON(t, v.name, line)
		}
	})
}

func checkJSON(t *testing.T, verb, args string) {
	t.Helper()
	s := newSession()
	code := s.run(append([]string{verb, "--json"}, strings.Fields(args)...)...)
	out := s.out.String()
	if verb == "logs" && code == 0 {
		return // lines of the journal's own JSON
	}
	if strings.Contains(out, "! ") && !strings.Contains(out, "{\"shell\"") {
		t.Errorf("%s %s: standard error says something:\n%s", verb, args, out)
	}
	var doc any
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Errorf("%s %s: exit %d, no JSON (%v): %q", verb, args, code, err, out)
		return
	}
	o, _ := doc.(map[string]any)
	e, failed := o["error"].(map[string]any)
	if failed && (e["name"] == "" || e["message"] == "" || code == 0) {
		t.Errorf("%s %s: exit %d with error %v", verb, args, code, e)
	}
}
