package inherited_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"davit/process/inherited"
)

// The limit is the one that the shell set, not the one that Go raised it to.
func TestOpenFiles(t *testing.T) {
	if os.Getenv("INHERITED_CHILD") != "" {
		soft, _, ok := inherited.OpenFiles()
		if !ok || soft != 321 {
			t.Fatalf("inherited soft limit of open files is %d, %v; want 321", soft, ok)
		}
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/bin/sh", "-c", "ulimit -Sn 321; exec "+self+" -test.run=^TestOpenFiles$")
	cmd.Env = append(os.Environ(), "INHERITED_CHILD=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, strings.TrimSpace(string(out)))
	}
}
