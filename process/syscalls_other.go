//go:build !amd64 && !arm64

package process

// nativeArch is 0: there are no filters for this architecture.
const nativeArch = 0

// systemCalls is empty: no filter can name one.
var systemCalls []systemCall
