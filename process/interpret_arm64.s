#include "textflag.h"
#include "layout.h"

// func clone3(args unsafe.Pointer, size uintptr, header unsafe.Pointer, first unsafe.Pointer) int64
//
// The child never returns: it runs the calls from first on, touching nothing but registers and the block.
TEXT ·clone3(SB), NOSPLIT, $0-40
	MOVD args+0(FP), R0
	MOVD size+8(FP), R1
	MOVD header+16(FP), R20
	MOVD first+24(FP), R19
	MOVD $435, R8 // clone3
	SVC
	CBZ  R0, child
	MOVD R0, ret+32(FP)
	RET

child:
	JMP ·interpret(SB)

// func clone(flags, stack uintptr, pidfd, tid, header, first unsafe.Pointer) int64
//
// For kernels and sandboxes without clone3. All signals are blocked meanwhile, so that none of Go's signal handlers can run in the
// child before its list has reset them.
TEXT ·clone(SB), NOSPLIT, $0-56
	MOVD header+32(FP), R20
	MOVD first+40(FP), R19

	MOVD $135, R8 // rt_sigprocmask(SIG_SETMASK, all, saved, 8)
	MOVD $2, R0
	MOVD $·everySignal(SB), R1
	ADD  $header_mask, R20, R2
	MOVD $8, R3
	SVC

	MOVD $220, R8 // clone
	MOVD flags+0(FP), R0
	MOVD stack+8(FP), R1
	MOVD pidfd+16(FP), R2
	MOVD $0, R3
	MOVD tid+24(FP), R4
	SVC
	CBZ  R0, child
	MOVD R0, ret+48(FP)

	MOVD $135, R8
	MOVD $2, R0
	ADD  $header_mask, R20, R1
	MOVD $0, R2
	MOVD $8, R3
	SVC
	RET

child:
	JMP ·interpret(SB)

// interpret runs the calls from R19 on, with the block's header in R20. It uses no stack.
TEXT ·interpret(SB), NOSPLIT|NOFRAME, $0-0
loop:
	MOVHU call_index(R19), R9
	MOVW R9, header_progress(R20)
	MOVD call_nr(R19), R8
	MOVD call_a0(R19), R0
	MOVHU call_flags(R19), R9
	TBZ  $0, R9, loaded // args[0] is the address of the value
	MOVD (R0), R0

loaded:
	TBNZ $63, R8, pid
	MOVD call_a1(R19), R1
	MOVD call_a2(R19), R2
	MOVD call_a3(R19), R3
	MOVD call_a4(R19), R4
	MOVD call_a5(R19), R5
	SVC
	CMN  $4095, R0
	BCS  failed
	MOVD call_result(R19), R9
	CBZ  R9, next
	MOVD R0, (R9)

next:
	ADD $call_size, R19
	JMP loop

failed:
	NEG  R0, R0
	MOVD R0, R9
	CMP  $63, R9 // bit 63 stands for all errors from 63 on
	BLS  small
	MOVD $63, R9

small:
	MOVD call_ignore(R19), R10
	LSR  R9, R10, R10
	TBNZ $0, R10, ignored
	MOVW R0, header_errno(R20)
	MOVHU call_index(R19), R9
	ADD  $1, R9
	MOVW R9, header_failed(R20)
	MOVHU call_status(R19), R0
	MOVD $94, R8 // exit_group
	SVC
	UNDEF

ignored:
	MOVHU call_skip(R19), R9
	MOVD $call_size, R10
	MADD R10, R19, R9, R19
	JMP  next

// pid writes the own process id to the address in R0, in decimal, with a zero byte behind.
pid:
	MOVD R0, R11
	MOVD $172, R8 // getpid
	SVC
	MOVD $10, R10
	MOVD $10, R9

width:
	ADD  $1, R11
	CMP  R9, R0
	BLO  digits
	MUL  R10, R9, R9
	JMP  width

digits:
	MOVB ZR, (R11)

digit:
	UDIV R10, R0, R12
	MSUB R10, R0, R12, R13
	ADD  $0x30, R13
	SUB  $1, R11
	MOVB R13, (R11)
	MOVD R12, R0
	CBNZ R0, digit
	JMP  next

DATA ·everySignal(SB)/8, $0xffffffffffffffff
GLOBL ·everySignal(SB), RODATA|NOPTR, $8
