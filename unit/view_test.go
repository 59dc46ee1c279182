package unit

import (
	"os"
	"testing"
	"time"
)

func TestHostUnits(t *testing.T) {
	v, err := Scan(os.DirFS("/"), Options{Paths: SystemPaths("")})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	n := 0
	for name := range v.files {
		if IsTemplate(name) {
			name = Instantiate(name, "x")
		}
		u := v.Load(name)
		n++
		for _, w := range u.Warnings {
			t.Log(w)
		}
		if u.Load != Loaded {
			t.Log(u.Name, u.Load, u.LoadText)
		}
	}
	t.Log(n, time.Since(start))
}
