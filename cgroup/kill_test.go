package cgroup

import "testing"

// TestAKilledGroupCanBeUsedAgain: the next process of a service whose group was killed at once has to live.
func TestAKilledGroupCanBeUsedAgain(t *testing.T) {
	tree := ours(t)
	const path = "again.service"
	if err := tree.Realize(path, Limits{}); err != nil {
		t.Fatal(err)
	}
	first := spawn(t, tree, path, "exec sleep 1000")
	if err := tree.killAtOnce(path); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	settle(t, func() bool { up, err := tree.Populated(path); return err == nil && !up })
	if err := tree.Realize(path, Limits{}); err != nil {
		t.Fatal(err)
	}
	if err := spawn(t, tree, path, "exit 7").Wait(); err == nil || err.Error() != "exit status 7" {
		t.Errorf("the next process ended with %v", err)
	}
}
