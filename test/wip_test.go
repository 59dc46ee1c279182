//go:build wip

package test

import "testing"

// TestStockUnits boots Debian's unmodified services with davit as PID 1.
func TestStockUnits(t *testing.T) {
	testStock(t, true)
}
