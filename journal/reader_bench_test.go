package journal

import (
	"fmt"
	"path/filepath"
	"testing"
)

// library is 40 files of 5,000 entries.
func library(b *testing.B) string {
	dir := b.TempDir()
	path := filepath.Join(dir, "system.journal")
	opt := Options{Machine: testMachine, Boot: testBoot}
	s := &Store{cfg: StoreConfig{Name: "system"}, dir: dir}
	var sets []*Set
	for i := range 50 {
		sets = append(sets, NewSet(testSet(), fmt.Sprintf("_SYSTEMD_UNIT=u%d.service", i)))
	}
	for part := range 40 {
		w, err := Create(path, opt)
		if err != nil {
			b.Fatal(err)
		}
		for i := range 5000 {
			n := part*5000 + i
			if err := w.Append(stamp(n), sets[n%50], fmt.Appendf(nil, "MESSAGE=line %d", n), fmt.Appendf(nil, "PRIORITY=%d", n%8)); err != nil {
				b.Fatal(err)
			}
		}
		opt = w.Next()
		s.put(w, archivedName(dir, "system", w))
	}
	s.syncing.Wait()
	return dir
}

func BenchmarkReader(b *testing.B) {
	dir := library(b)
	for _, c := range []struct {
		name string
		q    Query
	}{
		{"all", Query{Lines: All}},
		{"unit", Query{Lines: All, Units: []string{"u7.service"}}},
		{"last10", Query{Lines: 10, Units: []string{"u7.service"}}},
		{"grep", Query{Lines: All, Grep: "line 77777$"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				r, err := Open(dir)
				if err != nil {
					b.Fatal(err)
				}
				for range r.Entries(c.q) {
					n++
				}
				r.Close()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(max(n, 1)), "ns/entry")
		})
	}
}
