package app

import (
	"juli/internal/credit"
	"juli/internal/deed"
	"juli/internal/rulebook"
	"juli/internal/supervision"
)

// Kinds are the kinds of rulebooks that the city knows, one per feature.
func Kinds() rulebook.Kinds { return rulebook.KindsOf(credit.Kind(), deed.Kind(), supervision.Kind()) }
