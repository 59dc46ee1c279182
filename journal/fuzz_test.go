package journal

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// realFiles are what systemd-journald 252 wrote of the same 63 messages: with its defaults (compact), without compact
// mode, and without keyed hashes either. Fields from 512 bytes on are compressed with zstd.
func realFiles(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("testdata/*.journal.gz")
	if err != nil || len(names) != 3 {
		t.Fatalf("real files: %v %v", names, err)
	}
	all := map[string][]byte{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if all[strings.TrimSuffix(filepath.Base(name), ".gz")], err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// FuzzReader gives the reader damaged files. It must answer, and soon. The input is not the file, which would be too long to
// be changed with sense, but what is changed in one of the real ones: where it is cut, and which words are different; base 0 is
// none, the words are all of the file.
func FuzzReader(f *testing.F) {
	bases := [][]byte{nil, sample(f)}
	for _, name := range []string{"compact.journal", "keyed.journal", "unkeyed.journal"} {
		bases = append(bases, bytes.TrimRight(realFiles(f)[name], "\x00"))
	}
	f.Add(uint8(0), uint32(0), bases[1][:headerSize])
	for i := range bases {
		f.Add(uint8(i), uint32(1<<30), []byte{})
		f.Add(uint8(i), uint32(9000), []byte{})
		f.Add(uint8(i), uint32(1<<30), []byte{104, 0, 0, 104, 0, 0, 0, 0, 0, 0, 0, 176, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	}
	f.Fuzz(func(t *testing.T, base uint8, cut uint32, words []byte) {
		text := append([]byte(nil), bases[int(base)%len(bases)]...)
		if len(text) == 0 {
			text = words
		}
		text = text[:min(uint64(cut), uint64(len(text)))]
		for ; len(words) >= 11; words = words[11:] { // where, in three bytes, and eight bytes of what
			if at := int(words[0]) | int(words[1])<<8 | int(words[2])<<16; at < len(text) {
				copy(text[at:], words[3:11])
			}
		}
		fd, err := unix.MemfdCreate("journal", unix.MFD_CLOEXEC)
		if err != nil {
			t.Fatal(err)
		}
		file := os.NewFile(uintptr(fd), "journal")
		defer file.Close()
		if _, err := file.Write(text); err != nil {
			t.Fatal(err)
		}
		exercise(fmt.Sprintf("/proc/self/fd/%d", fd))
	})
}

// TestRealFiles reads what the real journald wrote, as the real journalctl does.
func TestRealFiles(t *testing.T) {
	for name, text := range realFiles(t) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			r := open(t, dir)
			if n := len(cursors(t, r)); n != 63 {
				t.Errorf("%d entries, want 63", n)
			}
			for _, c := range []struct {
				q    Query
				args []string
			}{
				{Query{Lines: All}, nil},
				{Query{Lines: 20, Reverse: true}, []string{"-r", "-n", "20"}},
				{Query{Lines: All, Levels: []int{2, 3}}, []string{"-p", "2..3"}},
				{Query{Lines: All, Matches: []string{"NO=1", "PRIORITY=4"}}, []string{"NO=1", "PRIORITY=4"}},
				{Query{Lines: All, Identifiers: []string{"systemd-journald"}}, []string{"-t", "systemd-journald"}},
			} {
				for _, output := range []string{"short-precise", "verbose", "export", "cat"} {
					var got bytes.Buffer
					if err := r.Show(t.Context(), &got, c.q, Format{Output: output, Location: time.UTC}, false); err != nil {
						t.Fatal(err)
					}
					want := journalctlAny(t, append([]string{"-D", dir, "-o", output}, c.args...)...)
					if got.String() != want {
						compareLines(t, got.String(), want)
					}
				}
			}
		})
	}
}
