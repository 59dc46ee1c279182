package journal

import (
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// copyDir copies the journal files of a directory.
func copyDir(to, from string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	names, err := filepath.Glob(filepath.Join(from, "*.journal"))
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(name)), text, 0o600); err != nil {
			return err
		}
	}
	return err
}

// exercise asks a damaged journal all there is to ask. What it answers does not matter, only that it answers.
func exercise(path string) (entries int) {
	r, err := Open(path)
	if err != nil {
		return 0
	}
	defer r.Close()
	r.Boots()
	for _, q := range []Query{
		{Lines: All},
		{Lines: All, Reverse: true},
		{Lines: 5, Units: []string{"*.service"}, Levels: []int{3, 4, 5}},
		{Lines: All, Units: []string{"a.service"}, Since: time.UnixMicro(testStart + 9000), Reverse: true},
		{Lines: All, Matches: []string{"PRIORITY=3", "PRIORITY=2", "_PID=7"}, Until: time.UnixMicro(testStart + 99000), Grep: "line"},
		{Lines: 9, Cursor: "t=6000000000000;i=3"},
	} {
		for e, err := range r.Entries(q) {
			if err == nil && e != nil && q.Lines == All && !q.Reverse {
				entries++
			}
		}
	}
	for _, output := range []string{"short", "verbose", "export", "json"} {
		_ = r.Show(context.Background(), io.Discard, Query{Lines: 20}, Format{Output: output}, false)
	}
	return entries
}

// sample returns a small sound file: its bytes up to the end of the last object, the hash tables short.
func sample(t testing.TB) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "system.journal")
	w, err := Create(path, Options{Machine: testMachine, Boot: testBoot, MaxSize: minFileSize})
	if err != nil {
		t.Fatal(err)
	}
	set := testSet()
	for n := range 60 {
		err := w.Append(stamp(n), set, []byte("MESSAGE=line "+string(rune('a'+n%26))), []byte{'P', 'R', 'I', 'O', 'R', 'I', 'T', 'Y', '=', '0' + byte(n%8)})
		if err != nil {
			t.Fatal(err)
		}
	}
	w.archive()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestFilesCutAnywhere cuts a file at every byte of its first part and at random places behind.
func TestFilesCutAnywhere(t *testing.T) {
	text := sample(t)
	path := filepath.Join(t.TempDir(), "system.journal")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	whole := exercise(path)
	if whole < 60 {
		t.Fatalf("%d entries before the cut", whole)
	}
	cut := func(n int) {
		if err := os.Truncate(path, int64(n)); err != nil {
			t.Fatal(err)
		}
		if got := exercise(path); got > whole {
			t.Errorf("cut at %d: %d entries, want at most %d", n, got, whole)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	places := make([]int, 300)
	for i := range places {
		places[i] = 8192 + random.IntN(len(text)-8192)
	}
	// The later ones first: a file is cut shorter and shorter.
	for n := len(text) - 1; n > len(text)-64; n-- {
		cut(n)
	}
	for _, n := range places {
		if err := os.WriteFile(path, text[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		cut(n)
	}
	if err := os.WriteFile(path, text[:8192], 0o600); err != nil {
		t.Fatal(err)
	}
	for n := 8192; n >= 0; n-- {
		cut(n)
	}
}

// TestDamagedFiles changes numbers in a file, at random, but always the same ones.
func TestDamagedFiles(t *testing.T) {
	text := sample(t)
	path := filepath.Join(t.TempDir(), "system.journal")
	rounds := 1000
	if testing.Short() {
		rounds = 200
	}
	for seed := range uint64(rounds) {
		random := rand.New(rand.NewPCG(seed, 0))
		bad := append([]byte(nil), text...)
		for range 1 + random.IntN(8) {
			at := random.IntN(len(bad)/8) * 8
			if random.IntN(2) == 0 {
				at = random.IntN(headerSize/8) * 8
			}
			n := uint64(1) << random.IntN(64)
			if random.IntN(2) == 0 {
				n = uint64(random.IntN(len(bad)))
			}
			for i := range 8 {
				bad[at+i] = byte(n >> (8 * i))
			}
		}
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		exercise(path)
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("seed %d took %v", seed, took)
		}
	}
}

// TestFileCutWhileItIsRead takes the ground away under a reader.
func TestFileCutWhileItIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "system.journal")
	if err := os.WriteFile(path, sample(t), 0o600); err != nil {
		t.Fatal(err)
	}
	r := open(t, path)
	n := 0
	for _, err := range r.Entries(Query{Lines: All}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 10 {
			if err := os.Truncate(path, 100); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n > 60 || len(r.Problems()) == 0 {
		t.Errorf("%d entries and the problems %v", n, r.Problems())
	}
}
