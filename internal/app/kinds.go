package app

import (
	"juli/internal/campaign"
	"juli/internal/credit"
	"juli/internal/rulebook"
)

// Kinds are the kinds of rulebooks that the city knows, one per feature.
func Kinds() rulebook.Kinds { return rulebook.KindsOf(credit.Kind(), campaign.Kind()) }
