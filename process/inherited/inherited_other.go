//go:build !linux || !(amd64 || arm64)

package inherited

// readOpenFiles has no system call of its own here: the limit stays as the runtime has it.
func readOpenFiles() rlimit { return rlimit{} }
