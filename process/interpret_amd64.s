#include "textflag.h"
#include "layout.h"

// func clone3(args unsafe.Pointer, size uintptr, header unsafe.Pointer, first unsafe.Pointer) int64
//
// The child never returns: it runs the calls from first on, touching nothing but registers and the block.
TEXT ·clone3(SB), NOSPLIT, $0-40
	MOVQ args+0(FP), DI
	MOVQ size+8(FP), SI
	MOVQ header+16(FP), R13
	MOVQ first+24(FP), R12
	MOVQ $435, AX // clone3
	SYSCALL
	TESTQ AX, AX
	JZ   child
	MOVQ AX, ret+32(FP)
	RET

child:
	JMP ·interpret(SB)

// func clone(flags, stack uintptr, pidfd, tid, header, first unsafe.Pointer) int64
//
// For kernels and sandboxes without clone3. All signals are blocked meanwhile, so that none of Go's signal handlers can run in the
// child before its list has reset them.
TEXT ·clone(SB), NOSPLIT, $0-56
	MOVQ header+32(FP), R13
	MOVQ first+40(FP), R12

	MOVQ $14, AX // rt_sigprocmask(SIG_SETMASK, all, saved, 8)
	MOVQ $2, DI
	LEAQ ·everySignal(SB), SI
	LEAQ header_mask(R13), DX
	MOVQ $8, R10
	SYSCALL

	MOVQ $56, AX // clone
	MOVQ flags+0(FP), DI
	MOVQ stack+8(FP), SI
	MOVQ pidfd+16(FP), DX
	MOVQ tid+24(FP), R10
	MOVQ $0, R8
	SYSCALL
	TESTQ AX, AX
	JZ   child
	MOVQ AX, ret+48(FP)

	MOVQ $14, AX
	MOVQ $2, DI
	LEAQ header_mask(R13), SI
	MOVQ $0, DX
	MOVQ $8, R10
	SYSCALL
	RET

child:
	JMP ·interpret(SB)

// interpret runs the calls from R12 on, with the block's header in R13. It uses no stack.
TEXT ·interpret(SB), NOSPLIT|NOFRAME, $0-0
loop:
	MOVWLZX call_index(R12), AX
	MOVL AX, header_progress(R13)
	MOVQ call_nr(R12), AX
	MOVQ call_a0(R12), DI
	MOVWLZX call_flags(R12), CX
	TESTL $1, CX // args[0] is the address of the value
	JZ   loaded
	MOVQ (DI), DI

loaded:
	TESTQ AX, AX
	JMI  pid
	MOVQ call_a1(R12), SI
	MOVQ call_a2(R12), DX
	MOVQ call_a3(R12), R10
	MOVQ call_a4(R12), R8
	MOVQ call_a5(R12), R9
	SYSCALL
	CMPQ AX, $0xfffffffffffff001
	JCC  failed
	MOVQ call_result(R12), CX
	TESTQ CX, CX
	JZ   next
	MOVQ AX, (CX)

next:
	ADDQ $call_size, R12
	JMP  loop

failed:
	NEGQ AX
	MOVQ AX, CX
	CMPQ CX, $63 // bit 63 stands for all errors from 63 on
	JLS  small
	MOVQ $63, CX

small:
	MOVQ call_ignore(R12), DX
	BTQ  CX, DX
	JCS  ignored
	MOVL AX, header_errno(R13)
	MOVWLZX call_index(R12), CX
	INCL CX
	MOVL CX, header_failed(R13)
	MOVWLZX call_status(R12), DI
	MOVQ $231, AX // exit_group
	SYSCALL
	UNDEF

ignored:
	MOVWLZX call_skip(R12), CX
	IMULQ $call_size, CX
	ADDQ CX, R12
	JMP  next

// pid writes the own process id to the address in DI, in decimal, with a zero byte behind.
pid:
	MOVQ DI, R8
	MOVQ $39, AX // getpid
	SYSCALL
	MOVQ $10, SI
	MOVQ $10, CX

width:
	INCQ R8
	CMPQ AX, CX
	JCS  digits
	IMULQ $10, CX
	JMP  width

digits:
	MOVB $0, (R8)

digit:
	XORL DX, DX
	DIVQ SI
	ADDL $0x30, DX
	DECQ R8
	MOVB DX, (R8)
	TESTQ AX, AX
	JNZ  digit
	JMP  next

DATA ·everySignal(SB)/8, $0xffffffffffffffff
GLOBL ·everySignal(SB), RODATA|NOPTR, $8
