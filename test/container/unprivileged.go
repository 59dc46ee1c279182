package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The ordinary user that starts unprivileged machines and is root in them, and the base of the other ids, which it may
// map. Neither is known outside the mount namespace of such a machine.
const (
	plainUser = 59999
	idBase    = 1_900_000
)

// Ids says which user and group ids an unprivileged machine has.
type Ids int

// The two kinds of id maps.
const (
	ManyIds  Ids = 65536 // ids 0 to 65535, by newuidmap
	SingleID Ids = 1     // id 0 alone, setgroups(2) denied
)

// outside returns what an id of the image is on the host; one that the machine lacks becomes its only one.
func (ids Ids) outside(id uint32) int {
	if id == 0 || ids == SingleID {
		return plainUser
	}
	return idBase + int(id)
}

// ranges are the arguments of newuidmap and newgidmap.
func (ids Ids) ranges() string {
	if ids == SingleID {
		return fmt.Sprintf("0 %d 1", plainUser)
	}
	return fmt.Sprintf("0 %d 1 1 %d %d", plainUser, idBase+1, ids-1)
}

// BootUnprivileged starts cfg in user, mount, pid and network namespaces that an ordinary user made: nobody in there has a
// capability outside, the root is read-only but for the given volumes (copies in memory), /run and /tmp, and no cgroup
// tree is mounted. Config.Args does not apply.
func BootUnprivileged(t testing.TB, cfg Config, ids Ids, volumes ...string) *Machine {
	t.Helper()
	name := fmt.Sprintf("davit-test-%d-%d", os.Getpid(), serial.Add(1))
	group, err := NewCgroup(name)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	m := &Machine{t: t, Cgroup: group, ended: make(chan struct{}), console: filepath.Join(dir, "console")}
	t.Cleanup(m.Close)
	image, err := shifted(cfg.Image, ids)
	if err != nil {
		t.Fatal(err)
	}
	layer := filepath.Join(dir, "layer")
	if err := errors.Join(writeLayer(layer, cfg), shift(layer, ids)); err != nil {
		t.Fatal(err)
	}
	if err := m.startUnprivileged(dir, layer, image, cfg, ids, volumes); err != nil {
		t.Fatal(err)
	}
	Wait(t, 30*time.Second, "PID 1 of the machine", m.findPID1)
	return m
}

// shifted returns a cached copy of an image whose owners are what a machine's ids are outside.
func shifted(image string, ids Ids) (string, error) {
	return Cached(fmt.Sprintf("%s-ids-%d-%d", filepath.Base(image), idBase, ids), func(path string) error {
		if out, err := exec.Command("cp", "-a", image, path).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return shift(path, ids)
	})
}

// shift changes the owners of a tree to what the machine's ids are outside; ids that it lacks become its only one.
func shift(dir string, ids Ids) error {
	return filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Lstat(name)
		if err != nil {
			return err
		}
		owner := info.Sys().(*syscall.Stat_t)
		if err := os.Lchown(name, ids.outside(owner.Uid), ids.outside(owner.Gid)); err != nil {
			return err
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			return nil
		}
		return os.Chmod(name, info.Mode()) // chown took the set-uid bits away
	})
}

// Three scripts, one inside the other: root prepares what it alone can (an overlay, the user's entry in the files that
// newuidmap reads), the ordinary user makes the namespaces, and the machine's root enters the new root.
const (
	rootScript = `
mount -t tmpfs -o mode=755 tmpfs "$MNT"
mkdir "$MNT/root" "$MNT/own"
mount -t overlay -o "lowerdir=$LAYER:$IMAGE" overlay "$MNT/root"
chown "$PLAIN" "$MNT/own"
for file in passwd subuid subgid; do
	[ -e /etc/$file ] || { mount -t tmpfs tmpfs /etc; }
	mount --bind "$DIR/$file" /etc/$file
done
printf '%s' "$USER_SCRIPT" >"$MNT/user"
printf '%s' "$MACHINE_SCRIPT" >"$MNT/setup-of-the-machine"
exec setpriv --reuid="$PLAIN" --regid="$PLAIN" --clear-groups --inh-caps=-all -- sh "$MNT/user"
`
	userScript = `set -e
cd "$MNT/own"
mkfifo ready go
unshare --user -- sh -c 'echo $$ >ready; read -r go <go; exec unshare --mount --pid --net --fork --kill-child=KILL --propagation=private sh "$MNT/setup-of-the-machine"' &
read -r pid <ready
newuidmap "$pid" $RANGES
newgidmap "$pid" $RANGES
echo go >go
wait
`
	machineScript = `set -e
mount --rbind "$MNT/root" "$MNT/root" # a mount of one's own: pivot_root takes no inherited one
cd "$MNT/root"
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
for node in null zero full random urandom tty; do
	: >dev/$node
	mount --bind /dev/$node dev/$node
done
ln -s /proc/self/fd dev/fd
mkdir dev/shm run/volumes
for volume in $VOLUMES; do
	kept=run/volumes/$(echo "$volume" | tr / -)
	cp -a "./$volume" "$kept"
	mount --bind "$kept" "./$volume"
done
mount -t proc proc proc
ip link set lo up
pivot_root . mnt
cd /
chroot /mnt umount -l /
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin container=test $INIT
`
)

// machineScriptName is on the command line of a PID 1 that has not become the machine's yet.
const machineScriptName = "/setup-of-the-machine"

// startUnprivileged runs the scripts.
func (m *Machine) startUnprivileged(dir, layer, image string, cfg Config, ids Ids, volumes []string) error {
	mnt := filepath.Join(dir, "root")
	files := map[string]string{
		"passwd": fmt.Sprintf("root:x:0:0::/:/bin/sh\ndavit-test:x:%d:%d::/:/bin/sh\n", plainUser, plainUser),
		"subuid": fmt.Sprintf("davit-test:%d:%d\n", idBase, ManyIds),
		"subgid": fmt.Sprintf("davit-test:%d:%d\n", idBase, ManyIds),
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	for parent := dir; parent != os.TempDir() && parent != "/"; parent = filepath.Dir(parent) {
		if err := os.Chmod(parent, 0o755); err != nil { // the ordinary user has to get there
			return err
		}
	}
	if err := os.Mkdir(mnt, 0o755); err != nil {
		return err
	}
	console, err := os.OpenFile(m.console, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o666)
	if err != nil {
		return err
	}
	defer console.Close()
	m.outer = exec.Command("sh", "-c", "set -e\n"+m.Cgroup.join()+rootScript)
	m.outer.Env = append(
		os.Environ(), "MNT="+mnt, "DIR="+dir, "LAYER="+layer, "IMAGE="+image, fmt.Sprint("PLAIN=", plainUser),
		"RANGES="+ids.ranges(), "VOLUMES="+strings.Join(volumes, " "), "INIT="+cfg.Init,
		"USER_SCRIPT="+userScript, "MACHINE_SCRIPT="+machineScript,
	)
	m.outer.Stdout, m.outer.Stderr = console, console
	m.outer.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if err := m.outer.Start(); err != nil {
		return fmt.Errorf("cannot start the machine: %w", err)
	}
	go func() { _ = m.outer.Wait(); close(m.ended) }()
	return nil
}
