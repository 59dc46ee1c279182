package cgroup

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// ours is a real tree with a root of its own, which is removed at the end with whatever the test left in it.
func ours(t *testing.T) *Tree {
	t.Helper()
	tree, err := Detect(Options{Name: "davit-test-" + strconv.Itoa(os.Getpid()) + "-" + strconv.FormatInt(time.Now().UnixNano()%1e9, 36)})
	if err != nil {
		t.Fatal(err)
	}
	if tree.Mode() == None {
		t.Skip("SKIP: " + tree.Reason())
	}
	t.Cleanup(func() {
		tree.Kill("", syscall.SIGKILL)
		settle(t, func() bool { p, _ := tree.Populated(""); return !p })
		if err := tree.Close(); err != nil {
			t.Error(err)
		}
	})
	return tree
}

// limited is ours where limits can be had; elsewhere the test is skipped.
func limited(t *testing.T, directives ...string) *Tree {
	t.Helper()
	tree := ours(t)
	for _, d := range directives {
		if how, why := tree.Supports(d); how != Enforced {
			t.Skip("SKIP: " + d + "=: " + why)
		}
	}
	return tree
}

// settle polls the kernel until a condition holds; where there is an event to wait for, await is used.
func settle(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); {
		if time.Now().After(deadline) {
			t.Fatal("it never happened")
		}
		unix.Poll(nil, 5) // not more often: an emulated machine has other things to do
	}
}

// await blocks on the tree's descriptor until an event of a group arrives.
func await(t *testing.T, tree *Tree, path string, want Event) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		seen := false
		tree.Read(func(p string, ev Event) { seen = seen || p == path && ev == want })
		if seen {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("no event %d of %s", want, path)
		}
		unix.Poll([]unix.PollFd{{Fd: int32(tree.FD()), Events: unix.POLLIN}}, 1000)
	}
}

// spawn runs a shell script in a group, entering version 1 like a service's child does. It is killed and reaped at the end.
func spawn(t *testing.T, tree *Tree, path, script string) *exec.Cmd {
	t.Helper()
	fd, err := tree.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	var join strings.Builder
	for _, file := range tree.V1Procs(path) {
		join.WriteString("echo 0 > " + file + "; ")
	}
	cmd := exec.Command("/bin/sh", "-c", join.String()+script)
	cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: fd, Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		tree.Kill(path, syscall.SIGKILL)
		cmd.Wait()
	})
	return cmd
}

func TestRealizeMakesTheChainAndRemoveTakesIt(t *testing.T) {
	tree := ours(t)
	path := GroupPath("system-web.slice", "nginx.service")
	if path != "system.slice/system-web.slice/nginx.service" {
		t.Fatal(path)
	}
	for range 2 { // twice is once
		if err := tree.Realize(path, Limits{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(tree.Dir(path) + "/cgroup.procs"); err != nil {
		t.Fatal(err)
	}
	if len(tree.slices) != 3 {
		t.Errorf("%d descriptors kept, want one per slice and the root's", len(tree.slices))
	}
	if got, err := tree.List(); err != nil || !slices.Equal(got, []string{"system.slice", "system.slice/system-web.slice", path}) {
		t.Errorf("List() = %v, %v", got, err)
	}
	if err := tree.Remove("system.slice"); err != nil {
		t.Fatal(err)
	}
	if got, _ := tree.List(); len(got) != 0 {
		t.Errorf("left: %v", got)
	}
	if err := tree.Remove("system.slice"); err != nil {
		t.Errorf("removing what is gone: %v", err)
	}
}

func TestASliceRemovedBehindOurBackIsMadeAgain(t *testing.T) {
	tree := ours(t)
	if err := tree.Realize("a.slice/one.service", Limits{}); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"a.slice/one.service", "a.slice"} {
		if err := os.Remove(tree.Dir(dir)); err != nil {
			t.Fatal(err)
		}
	}
	if err := tree.Realize("a.slice/two.service", Limits{}); err != nil {
		t.Fatal(err)
	}
	if err := tree.Realize("a.slice/three.service", Limits{}); err != nil {
		t.Fatal(err)
	}
	os.Remove(tree.Dir("a.slice/three.service"))
	fd, err := tree.Open("a.slice/three.service")
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(fd)
	if _, err := tree.Open("nothing.service"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("opening what nobody made: %v", err)
	}
}

func TestEmptyIsReportedWhenTheLastProcessIsGone(t *testing.T) {
	tree := ours(t)
	const path = "system.slice/a.service"
	if err := tree.Realize(path, Limits{}); err != nil {
		t.Fatal(err)
	}
	if err := tree.Watch(path); err != nil {
		t.Fatal(err)
	}
	cmd := spawn(t, tree, path, "exec sleep 1000")
	settle(t, func() bool { p, _ := tree.Procs(path); return slices.Equal(p, []int{cmd.Process.Pid}) })
	if unit, ok := tree.UnitOf(cmd.Process.Pid); unit != path || !ok {
		t.Errorf("UnitOf = %q, %v", unit, ok)
	}
	if _, ok := tree.UnitOf(os.Getpid()); ok {
		t.Error("the test itself is attributed to a unit")
	}
	if err := tree.Remove(path); !errors.Is(err, unix.EBUSY) {
		t.Errorf("removing a populated group: %v", err)
	}
	if err := tree.Kill(path, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	await(t, tree, path, Empty)
	if err := tree.Remove(path); err != nil {
		t.Error(err)
	}
	if len(tree.watches) != 0 {
		t.Errorf("%d watches left", len(tree.watches))
	}
}

func TestKillReachesSubgroupsAndSparesWhatIsSkipped(t *testing.T) {
	tree := ours(t)
	for _, path := range []string{"x.service", "x.service/sub"} {
		if err := tree.Realize(path, Limits{}); err != nil {
			t.Fatal(err)
		}
	}
	one := spawn(t, tree, "x.service", "exec sleep 1000")
	two := spawn(t, tree, "x.service/sub", "exec sleep 1000")
	if unit, _ := tree.UnitOf(two.Process.Pid); unit != "x.service" {
		t.Errorf("a process of a sub-group belongs to %q", unit)
	}
	if n, err := tree.Signal("x.service", []syscall.Signal{syscall.SIGKILL}, []int{one.Process.Pid}); n != 1 || err != nil {
		t.Errorf("Signal = %d, %v", n, err)
	}
	two.Wait()
	if p, _ := tree.Procs("x.service"); !slices.Equal(p, []int{one.Process.Pid}) {
		t.Errorf("left: %v", p)
	}
	if err := tree.Kill("x.service", syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	one.Wait()
	if err := tree.Kill("gone.service", syscall.SIGKILL); err != nil {
		t.Errorf("killing in no group: %v", err)
	}
}

func TestKillEndsAForkBomb(t *testing.T) {
	tree := limited(t, "TasksMax")
	if _, err := exec.LookPath("perl"); err != nil {
		t.Skip("SKIP: no perl, whose fork bomb survives a failing fork")
	}
	if err := tree.Realize("bomb.service", Limits{TasksMax: Of(40)}); err != nil {
		t.Fatal(err)
	}
	spawn(t, tree, "bomb.service", "exec perl -e 'fork while 1'")
	settle(t, func() bool { p, _ := tree.Procs("bomb.service"); return len(p) > 10 })
	u, err := tree.Stat("bomb.service")
	if err != nil || u.TasksCurrent > 40 {
		t.Errorf("%d tasks, %v", u.TasksCurrent, err)
	}
	if err := tree.Kill("bomb.service", syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	settle(t, func() bool { p, _ := tree.Populated("bomb.service"); return !p })
}

func TestFreezeAndThaw(t *testing.T) {
	tree := ours(t)
	if err := tree.Realize("f.service", Limits{}); err != nil {
		t.Fatal(err)
	}
	if err := tree.Watch("f.service"); err != nil {
		t.Fatal(err)
	}
	cmd := spawn(t, tree, "f.service", "exec sleep 1000")
	if err := tree.Freeze("f.service"); err != nil {
		t.Fatal(err)
	}
	await(t, tree, "f.service", Frozen)
	if err := tree.Thaw("f.service"); err != nil {
		t.Fatal(err)
	}
	tree.Kill("f.service", syscall.SIGTERM)
	cmd.Wait()
	await(t, tree, "f.service", Empty)
}

func TestALaterManagerAdopts(t *testing.T) {
	tree := limited(t, "TasksMax")
	if err := tree.Realize("system.slice/a.service", Limits{TasksMax: Of(50)}); err != nil {
		t.Fatal(err)
	}
	cmd := spawn(t, tree, "system.slice/a.service", "exec sleep 1000")
	place := tree.Place()
	next, err := Detect(Options{Place: &place})
	if err != nil || next.Mode() != tree.Mode() {
		t.Fatal(err, next.Reason())
	}
	if list, err := next.List(); err != nil || !slices.Contains(list, "system.slice/a.service") {
		t.Fatalf("List() = %v, %v", list, err)
	}
	if err := next.Realize("system.slice/a.service", Limits{}); err != nil {
		t.Fatal(err)
	}
	if err := next.Watch("system.slice/a.service"); err != nil {
		t.Fatal(err)
	}
	if max, _ := next.Attribute("system.slice/a.service", "pids.max"); next.Mode() == Hybrid && max != "max" {
		t.Errorf("a limit of the earlier manager stands: %s", max)
	}
	next.Kill("system.slice/a.service", syscall.SIGKILL)
	cmd.Wait()
	await(t, next, "system.slice/a.service", Empty)
	if err := next.Remove("system.slice"); err != nil {
		t.Error(err)
	}
	place.Created, next.created = false, false
	if err := next.Close(); err != nil {
		t.Error(err)
	}
}

func TestAttachMovesIntoEveryHierarchy(t *testing.T) {
	tree := limited(t, "TasksMax")
	for path, lim := range map[string]Limits{"a.service": {}, "b.scope": {TasksMax: Of(9)}} {
		if err := tree.Realize(path, lim); err != nil {
			t.Fatal(err)
		}
	}
	cmd := spawn(t, tree, "a.service", "exec sleep 1000")
	if err := tree.Attach("b.scope", cmd.Process.Pid, 1<<22-1); err != nil {
		t.Fatal(err)
	}
	if unit, _ := tree.UnitOf(cmd.Process.Pid); unit != "b.scope" {
		t.Errorf("it is in %q", unit)
	}
	if n, _ := tree.Attribute("b.scope", "pids.current"); tree.Mode() == Hybrid && n != "1" {
		t.Errorf("%s tasks in the scope's version 1 group", n)
	}
	tree.Kill("b.scope", syscall.SIGKILL)
}

func TestDelegateGivesTheGroupAndNotItsLimits(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIP: giving files away needs root")
	}
	tree := ours(t)
	if err := tree.Realize("a.service", Limits{}); err != nil {
		t.Fatal(err)
	}
	if err := tree.Delegate("a.service", 1234, 5678); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]uint32{"": 1234, "/cgroup.procs": 1234, "/cgroup.subtree_control": 1234, "/cgroup.freeze": 0} {
		var st unix.Stat_t
		if err := unix.Stat(tree.Dir("a.service")+file, &st); err != nil || st.Uid != want {
			t.Errorf("%q belongs to %d, %v", file, st.Uid, err)
		}
	}
}

// TestProcessesAreCountedBeyondAPage reads a list that the kernel hands out in more than one piece.
func TestProcessesAreCountedBeyondAPage(t *testing.T) {
	dir := t.TempDir()
	var text strings.Builder
	for pid := 100_000; pid < 103_000; pid++ {
		text.WriteString(strconv.Itoa(pid) + "\n")
	}
	if err := os.WriteFile(dir+"/cgroup.procs", []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := readAttr(unix.AT_FDCWD, dir+"/cgroup.procs", make([]byte, 0, 4096))
	if err != nil || string(got) != text.String() {
		t.Errorf("%d bytes of %d, %v", len(got), text.Len(), err)
	}
}

func TestManyProcessesAreAllListed(t *testing.T) {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil || info.Totalram*uint64(info.Unit) < 2<<30 {
		t.Skip("SKIP: too little memory for 900 processes")
	}
	tree := ours(t)
	if err := tree.Realize("many.service", Limits{}); err != nil {
		t.Fatal(err)
	}
	const count = 900 // more than a page of cgroup.procs
	cmd := spawn(t, tree, "many.service", "i=0; while [ $i -lt "+strconv.Itoa(count)+" ]; do sleep 1000 & i=$((i+1)); done; wait")
	settle(t, func() bool { p, _ := tree.Procs("many.service"); return len(p) == count+1 })
	if n, err := tree.Signal("many.service", []syscall.Signal{syscall.SIGKILL}, nil); n < count+1 || err != nil {
		t.Errorf("killed %d, %v", n, err)
	}
	cmd.Wait()
	settle(t, func() bool { p, _ := tree.Populated("many.service"); return !p })
}

func TestNothingIsLeftInVersion1(t *testing.T) {
	tree := limited(t, "MemoryMax", "TasksMax", "CPUWeight")
	if len(tree.v1) == 0 {
		t.Skip("SKIP: no version 1 controllers here")
	}
	lim := Limits{MemoryMax: Of(64 << 20), TasksMax: Of(100), CPUWeight: Of(50)}
	if err := tree.Realize("a.slice/b.service", lim); err != nil {
		t.Fatal(err)
	}
	for _, h := range tree.v1 {
		_, err := os.Stat(h.dir("a.slice/b.service"))
		if wanted := lim.Needs()&h.bit != 0; (err == nil) != wanted {
			t.Errorf("%s: there: %v, wanted: %v", h.name, err == nil, wanted)
		}
	}
	if err := tree.Remove("a.slice"); err != nil {
		t.Fatal(err)
	}
	for _, h := range tree.v1 {
		left, _ := filepath.Glob(h.dir("") + "/*.slice")
		if len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	}
}

// bench measures what a service costs that is realized, maybe watched, and opened for its first process.
func bench(b *testing.B, each func(tree *Tree, path string) error) {
	tree, err := Detect(Options{Name: "davit-bench-" + strconv.Itoa(os.Getpid())})
	if err != nil || tree.Mode() == None {
		b.Skip("SKIP: ", err, tree.Reason())
	}
	defer tree.Close()
	if _, err := tree.slice("system.slice"); err != nil {
		b.Fatal(err)
	}
	var paths []string
	for i := range b.N {
		paths = append(paths, "system.slice/"+strconv.Itoa(i)+".service")
	}
	b.ReportAllocs()
	b.ResetTimer()
	for _, path := range paths {
		if err := each(tree, path); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	if err := tree.Remove("system.slice"); err != nil {
		b.Fatal(err)
	}
}

func openAndClose(fd int, err error) error {
	if err == nil {
		unix.Close(fd)
	}
	return err
}

func BenchmarkRealizeOpen(b *testing.B) {
	bench(b, func(tree *Tree, path string) error {
		return errors.Join(tree.Realize(path, Limits{}), openAndClose(tree.Open(path)))
	})
}

func BenchmarkRealizeWatchOpen(b *testing.B) {
	bench(b, func(tree *Tree, path string) error {
		return errors.Join(tree.Realize(path, Limits{}), tree.Watch(path), openAndClose(tree.Open(path)))
	})
}

func BenchmarkPopulated(b *testing.B) {
	bench(b, func(tree *Tree, _ string) error {
		_, err := tree.Populated("system.slice")
		return err
	})
}

// BenchmarkFloor is BenchmarkRealizeWatchOpen without a Tree: what the kernel takes.
func BenchmarkFloor(b *testing.B) {
	bench(b, func(tree *Tree, path string) error {
		dir, name := tree.slices["system.slice"].fd, path[len("system.slice/"):]
		err := unix.Mkdirat(dir, name, 0o755)
		if err == nil {
			_, err = unix.InotifyAddWatch(tree.inotify, tree.mountPoint+tree.root+"/"+path+"/cgroup.events", unix.IN_MODIFY)
		}
		return errors.Join(err, openAndClose(openDir(dir, name)))
	})
}
