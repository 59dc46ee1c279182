package journal

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
)

// texts are as different as compressors treat them: empty, short, equal, random, words, long.
func texts() [][]byte {
	random := rand.New(rand.NewPCG(3, 4))
	all := [][]byte{{}, []byte("a"), []byte("short"), bytes.Repeat([]byte("x"), 5000), bytes.Repeat([]byte("abc"), 30_000)}
	for _, n := range []int{100, 1000, 20_000, 60_000} {
		noise, words, skewed := make([]byte, n), []byte{}, make([]byte, n)
		for i := range noise {
			noise[i] = byte(random.Uint32())
			skewed[i] = 'a' + byte(min(random.ExpFloat64()*3, 25))
		}
		for len(words) < n {
			words = fmt.Appendf(words, "%s %d ", []string{"unit", "started", "the", "in", "failed with exit status"}[random.IntN(5)], random.IntN(1000))
		}
		all = append(all, noise, words, skewed, append(append(words, noise...), words...))
	}
	return all
}

// TestZstd decodes what the real compressor makes, at every level.
func TestZstd(t *testing.T) {
	path, err := exec.LookPath("zstd")
	if err != nil {
		t.Skip("SKIP: zstd is not installed")
	}
	for _, level := range []string{"-1", "-3", "-19", "--fast=5", "-3 --no-check"} {
		for i, text := range texts() {
			cmd := exec.Command(path, append([]string{"-q", "-c"}, strings.Fields(level)...)...)
			cmd.Stdin = bytes.NewReader(text)
			packed, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if got, err := decodeZstd(packed, maxField); err != nil || !bytes.Equal(got, text) {
				t.Errorf("level %s, text %d of %d bytes: %d bytes, %v", level, i, len(text), len(got), err)
			}
			if got, err := decodeZstd(packed, max(len(text)-1, 0)); err == nil && len(text) > 0 {
				t.Errorf("level %s, text %d: the limit is exceeded: %d bytes", level, i, len(got))
			}
		}
	}
}

func TestLZ4(t *testing.T) {
	for _, c := range []struct{ block, text string }{
		{"5061626364 65", "abcde"},
		{"1b61 0100 50 6262626262", "a" + strings.Repeat("a", 15) + "bbbbb"},
		{"3f616263 0300 05 50 7a7a7a7a7a", "abc" + strings.Repeat("abc", 8) + "zzzzz"},
	} {
		block, err := hex.DecodeString(strings.ReplaceAll(c.block, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		packed := append(binary.LittleEndian.AppendUint64(nil, uint64(len(c.text))), block...)
		if got, err := decodeLZ4(packed, maxField); err != nil || string(got) != c.text {
			t.Errorf("%s: %q, %v, want %q", c.block, got, err, c.text)
		}
		for n := range packed {
			if got, err := decodeLZ4(packed[:n], maxField); err == nil {
				t.Errorf("%s cut at %d: %q", c.block, n, got)
			}
		}
	}
}

// FuzzCompressed gives the decoders anything. They must not take more than their limit.
func FuzzCompressed(f *testing.F) {
	for _, text := range realFiles(f) {
		for at := 0; ; at++ {
			i := bytes.Index(text[at:], []byte{0x28, 0xb5, 0x2f, 0xfd})
			if i < 0 {
				break
			}
			at += i
			f.Add(bytes.Clone(text[at : at+300]))
		}
	}
	f.Add(append(binary.LittleEndian.AppendUint64(nil, 5), 0x50, 'a', 'b', 'c', 'd', 'e'))
	f.Fuzz(func(t *testing.T, p []byte) {
		for _, decode := range []func([]byte, int) ([]byte, error){decodeZstd, decodeLZ4} {
			if out, err := decode(p, 1<<20); err == nil && len(out) > 1<<20 {
				t.Errorf("%d bytes", len(out))
			}
		}
	})
}
