#include "textflag.h"

// The kernel calls signalHandler with the signal in R0, its siginfo in R1 and the way back in R30.
TEXT signalHandler<>(SB), NOSPLIT|NOFRAME, $0
	MOVW ·signalPipe(SB), R0
	MOVD $128, R2
	MOVD $64, R8 // write
	SVC
	RET

// func signalEntries() (handler, restorer uintptr)
TEXT ·signalEntries(SB), NOSPLIT, $0-16
	MOVD $signalHandler<>(SB), R0
	MOVD R0, handler+0(FP)
	MOVD ZR, restorer+8(FP)
	RET
