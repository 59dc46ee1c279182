package engine

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mutations are rules of the engine, each broken in one place. The simulation has to find every one of them.
var mutations = []struct{ rule, file, old, new string }{
	{
		"a job waits for the jobs that it is ordered after", "job.go",
		"return !a.stops()", "return false",
	},
	{
		"a finished job queues those that waited for it", "run.go",
		"e.requeue(u, j)\n\te.after", "e.after",
	},
	{
		"a process that comes to be while its service is being stopped is killed, too", "service_stop.go",
		"s.u.e.do(Kill{Unit: s.u.ID, Signal: sig, PIDs: []int{pid}, Cont: !last})", "_, _ = sig, last",
	},
	{
		"the failure of a required unit fails those that wait for it", "run.go",
		"e.failStarts(u, graph.RequiredBy)", "",
	},
	{
		"the state of a timer survives the cut", "unit.go",
		"Timer         int64  `json:\",omitempty\"`", "Timer         int64  `json:\"-\"`",
	},
}

// TestMutations breaks the rules one at a time and demands that the simulation fails.
func TestMutations(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: short")
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("SKIP: no go tool")
	}
	for _, m := range mutations {
		t.Run(strings.ReplaceAll(m.rule, " ", "_"), func(t *testing.T) {
			overlay := mutate(t, m.file, m.old, m.new)
			out, err := exec.Command(goTool, "test", "-overlay", overlay, "-run", "^TestSimulation$", "-sim.graphs=100", "-timeout=300s", ".").CombinedOutput()
			if err == nil {
				t.Fatalf("the simulation did not notice that this rule is broken: %s", m.rule)
			}
			if !strings.Contains(string(out), "--- FAIL: TestSimulation") {
				t.Fatalf("the simulation did not run: %s", out)
			}
		})
	}
}

// mutate writes a changed copy of a source file, and an overlay that puts it in the original's place.
func mutate(t *testing.T, file, old, changed string) string {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(source), old) != 1 {
		t.Fatalf("%s: the text to break is there %d times: %s", file, strings.Count(string(source), old), old)
	}
	dir := t.TempDir()
	broken := filepath.Join(dir, file)
	if err := os.WriteFile(broken, []byte(strings.Replace(string(source), old, changed, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": {here: broken}})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return overlay
}
