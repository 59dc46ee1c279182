#include "textflag.h"

// The kernel calls signalHandler with the signal in DI and its siginfo in SI, on the thread's signal stack. It changes no
// register that the interrupted code would miss: the kernel restores them all.
TEXT signalHandler<>(SB), NOSPLIT|NOFRAME, $0
	MOVL ·signalPipe(SB), DI
	MOVL $128, DX
	MOVL $1, AX // write
	SYSCALL
	RET

TEXT signalReturn<>(SB), NOSPLIT|NOFRAME, $0
	MOVL $15, AX // rt_sigreturn
	SYSCALL
	INT $3

// func signalEntries() (handler, restorer uintptr)
TEXT ·signalEntries(SB), NOSPLIT, $0-16
	LEAQ signalHandler<>(SB), AX
	MOVQ AX, handler+0(FP)
	LEAQ signalReturn<>(SB), AX
	MOVQ AX, restorer+8(FP)
	RET
