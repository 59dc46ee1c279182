//go:build linux && (amd64 || arm64)

package host

import "syscall"

// signalEntries returns the addresses of the handler and of what it returns to.
func signalEntries() (handler, restorer uintptr)

func catchSignal(n syscall.Signal) error {
	handler, restorer := signalEntries()
	a := &sigaction{handler: handler, flags: saInfo | saOnStack | saRestart | saNoChildStop, mask: ^uint64(0)}
	if restorer != 0 {
		a.restorer = restorer
		a.flags |= saRestorer
	}
	return setAction(n, a)
}
