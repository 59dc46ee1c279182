package process

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if os.Args[0] == ExecutorName {
		os.Exit(ExecutorMain())
	}
	os.Exit(m.Run())
}
