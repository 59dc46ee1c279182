//go:build !linux || !(amd64 || arm64)

package process

import (
	"syscall"
	"unsafe"
)

// hasInterpreter says that this architecture has no assembly for the direct performer: the executor runs every list.
const hasInterpreter = false

func cloneVersion3(_ unsafe.Pointer, _ uintptr, _, _ unsafe.Pointer) int64 {
	return -int64(syscall.ENOSYS)
}

func cloneVersion1(_, _ uintptr, _, _, _, _ unsafe.Pointer) int64 { return -int64(syscall.ENOSYS) }
