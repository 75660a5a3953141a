package api

// NewRate counts the requests of each address for another interface for
// programs, at the same modest rate, and says whether one more may come.
func NewRate() func(addr string) bool { return newEdge().allow }
