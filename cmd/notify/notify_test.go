package notify

import (
	"net"
	"path/filepath"
	"syscall"
	"testing"
)

// listen is the manager's side: it returns the datagrams and closes the descriptors that come along.
func listen(t *testing.T) (string, <-chan string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	got := make(chan string, 4)
	go func() {
		defer close(got)
		text, oob := make([]byte, 4096), make([]byte, 64)
		for {
			n, m, _, _, err := conn.ReadMsgUnix(text, oob)
			if err != nil {
				return
			}
			got <- string(text[:n])
			messages, _ := syscall.ParseSocketControlMessage(oob[:m])
			for i := range messages {
				fds, _ := syscall.ParseUnixRights(&messages[i])
				for _, fd := range fds {
					_ = syscall.Close(fd)
				}
			}
		}
	}()
	return path, got
}

func TestReadyIsReadBeforeTheCommandEnds(t *testing.T) {
	path, got := listen(t)
	t.Setenv("NOTIFY_SOCKET", path)
	if status := Main([]string{"--ready", "--status=lifting", "EXTEND_TIMEOUT_USEC=5"}); status != 0 {
		t.Fatalf("exit status %d", status)
	}
	for _, want := range []string{"READY=1\nSTATUS=lifting\nEXTEND_TIMEOUT_USEC=5", "BARRIER=1"} {
		if text := <-got; text != want {
			t.Errorf("the manager got %q, want %q", text, want)
		}
	}
}

func TestNoBlockSendsNoBarrier(t *testing.T) {
	path, got := listen(t)
	if err := (message{lines: []string{"STOPPING=1"}, noBlock: true}).send(path); err != nil {
		t.Fatal(err)
	}
	if text := <-got; text != "STOPPING=1" || len(got) > 0 {
		t.Errorf("the manager got %q", text)
	}
}

func TestWrongCalls(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	for _, args := range [][]string{{}, {"word"}, {"--unknown=1"}, {"--ready"}} {
		if status := Main(args); status != 1 {
			t.Errorf("%q: exit status %d, want 1", args, status)
		}
	}
}
