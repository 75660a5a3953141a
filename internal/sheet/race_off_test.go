//go:build !race

package sheet_test

// slower is 1: the program as it runs.
const slower = 1
