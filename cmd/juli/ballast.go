package main

// ballastBytes is address space that is never touched and so takes no memory.
const ballastBytes = 64 << 20

// ballast makes the collector wait until there is as much garbage as the ballast
// is large, beside what lives: a city's server lives in some ten megabytes, and
// every page of fifty rows would otherwise pay for clearing up after few others.
// Whoever serves keeps it alive to the end.
func ballast() []byte { return make([]byte, ballastBytes) }
