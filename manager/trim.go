package manager

import "runtime/debug"

// trimmer gives memory back once a busy time is over: a boot's garbage would otherwise stay resident for good.
type trimmer struct {
	steps int
	at    int64 // µs on the monotonic clock, 0: nothing to give back
}

const (
	trimSteps = 500       // a time with fewer steps leaves too little to be worth a collection
	trimQuiet = 1_000_000 // µs without a step that end a busy time
	gcPercent = 50        // the heap is small and lives long
)

// stepped counts a step at a time.
func (t *trimmer) stepped(mono int64) {
	if t.steps++; t.steps >= trimSteps {
		t.at = mono + trimQuiet
	}
}

// due trims when it is time.
func (t *trimmer) due(mono int64) {
	if t.at == 0 || mono < t.at {
		return
	}
	t.steps, t.at = 0, 0
	go debug.FreeOSMemory() // not in the loop: it takes milliseconds
}
