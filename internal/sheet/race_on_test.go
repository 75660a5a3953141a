//go:build race

package sheet_test

// slower is what the race detector costs: INP-3's ten seconds are for the real program.
const slower = 5
