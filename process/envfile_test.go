package process

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"davit/unit"
)

func TestParseEnvironmentFile(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"A=b\nC=d", []string{"A=b", "C=d"}},
		{"# comment\n; comment\n  # indented\n\nA=b\n", []string{"A=b"}},
		{"no assignment\nA=b\n", []string{"A=b"}},
		{"A=b # no comment\n", []string{"A=b # no comment"}},
		{" A = b  c \t\r\n", []string{"A=b  c"}},
		{"A=\n", []string{"A="}},
		{"A=b\\\nc\n", []string{"A=bc"}},
		{`A=b\c\\d`, []string{`A=bc\d`}},
		{"A='b  \\n\nc'\n", []string{"A=b  \\n\nc"}},
		{"A=\"b\\\"\\\\\\$\\x\\\nc\n\" \n", []string{"A=b\"\\$\\xc\n"}},
		{"A='b' \"c\"\n", []string{"A=bc"}},
		{"A=b'c'\n", []string{"A=b'c'"}},
		{"A=b\\ \n", []string{"A=b "}},
		{"1A=b\nB-C=d\nE=f\n", []string{"E=f"}},
		{"A=\xff\nB=c\n", []string{"B=c"}},
		{"\ufeffA=b\n", []string{"A=b"}},
		{"# comment \\\nA=b\n", []string{"A=b"}},
		{"A=$B ${C}\n", []string{"A=$B ${C}"}},
		{"A='unfinished\nB=c", []string{"A=unfinished\nB=c"}},
	} {
		if got, _ := ParseEnvironmentFile(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%q gives %q, want %q", c.text, got, c.want)
		}
	}
	_, warnings := ParseEnvironmentFile("A=b\n1A=b\n")
	if !slices.Equal(warnings, []string{`2: "1A" is no name of a variable`}) {
		t.Errorf("warnings: %q", warnings)
	}
}

func FuzzParseEnvironmentFile(f *testing.F) {
	f.Add("A=b\n'\"\\\n#x\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, _ := ParseEnvironmentFile(text)
		for _, a := range got {
			v := variables{}
			if v.set(a); len(v.list) != 1 {
				t.Errorf("%q is no assignment", a)
			}
		}
	})
}

func TestReadEnvironmentFiles(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"1.env": "A=1\n", "2.env": "A=2\n?=x\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	missing := filepath.Join(dir, "missing")
	got, warnings, err := ReadEnvironmentFiles([]unit.EnvironmentFile{{Path: dir + "/*.env"}, {Path: missing, Optional: true}})
	if err != nil || !slices.Equal(got, []string{"A=1", "A=2"}) || len(warnings) != 1 {
		t.Errorf("%q, %q, %v", got, warnings, err)
	}
	if _, _, err := ReadEnvironmentFiles([]unit.EnvironmentFile{{Path: missing}}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
	if _, _, err := ReadEnvironmentFiles([]unit.EnvironmentFile{{Path: dir + "/*.none"}}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a pattern without match gives %v", err)
	}
}
