package journal

import "testing"

// TestHashes uses the vectors that the hashes' authors publish.
func TestHashes(t *testing.T) {
	var key, in [16]byte
	for i := range in {
		key[i], in[i] = byte(i), byte(i)
	}
	if got := siphash24(0x0706050403020100, 0x0f0e0d0c0b0a0908, in[:15]); got != 0xa129ca6149be45e5 {
		t.Errorf("siphash24: %#x", got)
	}
	if got := siphash24(0x0706050403020100, 0x0f0e0d0c0b0a0908, nil); got != 0x726fdb47dd0e0e31 {
		t.Errorf("siphash24 of nothing: %#x", got)
	}
	if got := jenkins64(nil); got != 0xdeadbeefdeadbeef {
		t.Errorf("jenkins64 of nothing: %#x", got)
	}
	if got := jenkins64([]byte("Four score and seven years ago")); got != 0x17770551ce7226e6 {
		t.Errorf("jenkins64: %#x", got)
	}
}

func BenchmarkHash(b *testing.B) {
	line := make([]byte, 100)
	for b.Loop() {
		siphash24(1, 2, line)
		jenkins64(line)
	}
}
