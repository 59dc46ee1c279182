package socketact

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

func pipe(t *testing.T) (int, int) {
	t.Helper()
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	return p[0], p[1]
}

func isOpen(fd int) bool {
	_, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	return err == nil
}

func TestStoreKeepsUpToItsLimitAndOneOfEach(t *testing.T) {
	var s Store
	a, b := pipe(t)
	c, d := pipe(t)
	same, _ := unix.Dup(a)
	for _, step := range []struct {
		k    Kept
		want error
		size int
	}{
		{Kept{Unit: "x.service", FD: a}, nil, 1},
		{Kept{Unit: "x.service", Name: "two", FD: same}, nil, 1},
		{Kept{Unit: "x.service", Name: "in:valid", FD: b}, ErrName, 1},
		{Kept{Unit: "x.service", Name: "two", FD: c}, nil, 2},
		{Kept{Unit: "x.service", Name: "three", FD: d}, ErrFull, 2},
	} {
		if err := s.Add(step.k, 2); !errors.Is(err, step.want) || len(s.Of("x.service")) != step.size {
			t.Errorf("%+v: %v, %d kept", step.k, err, len(s.Of("x.service")))
		}
		if step.want != nil && isOpen(step.k.FD) {
			t.Errorf("%+v: refused and left open", step.k)
		}
	}
	if isOpen(same) {
		t.Log("the kernel cannot compare open files: a duplicate was kept")
	}
	if s.Of("x.service")[0].Name != DefaultStoredName {
		t.Error(s.Of("x.service"))
	}
	if err := Inherit(s.All()); err != nil {
		t.Fatal(err)
	}
	text, err := Marshal(s.All())
	if err != nil {
		t.Fatal(err)
	}
	kept, err := Unmarshal(text)
	if err != nil {
		t.Fatal(err)
	}
	var next Store
	next.Restore(kept)
	if n := next.Remove("x.service", "two"); n != 1 || isOpen(c) {
		t.Errorf("%d removed", n)
	}
	if n := next.Drop("x.service"); n != 1 || isOpen(a) || len(next.All()) != 0 {
		t.Errorf("%d dropped, %v left", n, next.All())
	}
}
