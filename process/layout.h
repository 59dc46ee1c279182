// The layout of a block's header and of a call in it, as block.go states it (the test compares them).
#define header_failed 0
#define header_errno 4
#define header_progress 8
#define header_tid 12
#define header_mask 24

#define call_nr 0
#define call_a0 8
#define call_a1 16
#define call_a2 24
#define call_a3 32
#define call_a4 40
#define call_a5 48
#define call_result 56
#define call_ignore 64
#define call_index 72
#define call_skip 74
#define call_status 76
#define call_flags 78
#define call_size 80
