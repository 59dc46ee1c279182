package ctl

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCompletionInBash completes a verb, an option and a unit in a real shell.
func TestCompletionInBash(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("SKIP: there is no bash")
	}
	dir := t.TempDir()
	fake := "#!/bin/sh\n[ \"$1 $2 $3\" = \"--directory /d list-units\" ] && printf 'web.service loaded\\nweb.socket loaded\\ndb.service x\\n'\n"
	if err := os.WriteFile(filepath.Join(dir, "davitctl"), []byte(fake), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ words, want string }{
		{"davitctl rest", "restart"},
		{"davitctl --rev", "--reverse"},
		{"davitctl logs --inv", "--invocation="},
		{"davitctl --directory /d start web", "web.service web.socket"},
		{"davitctl daemon-reload web", ""},
	} {
		words := strings.Fields(tt.words)
		script := bashCompletion() + "COMP_WORDS=(" + tt.words + "); COMP_CWORD=" + string(rune('0'+len(words)-1)) + "; _davitctl; echo \"${COMPREPLY[*]}\"\n"
		c := exec.Command(bash, "--norc", "-c", script)
		c.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
		out, err := c.Output()
		if got := strings.TrimSpace(string(out)); err != nil || got != tt.want {
			t.Errorf("%s: %q, %v; want %q", tt.words, got, err, tt.want)
		}
	}
}

// TestCompletionKnowsEveryVerb in each shell's script.
func TestCompletionKnowsEveryVerb(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		s := newSession()
		if code := s.run("completion", shell); code != 0 {
			t.Errorf("%s: exit %d", shell, code)
		}
		eachVerb(func(v verb) { mustContain(t, s.out.String(), v.name) })
	}
	s := newSession()
	if code := s.run("completion", "tcsh"); code != 1 {
		t.Errorf("exit %d", code)
	}
}
