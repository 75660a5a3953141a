package app

import (
	"juli/internal/campaign"
	"juli/internal/credit"
	"juli/internal/deed"
	"juli/internal/listing"
	"juli/internal/resident"
	"juli/internal/rulebook"
	"juli/internal/supervision"
	"juli/internal/survey"
	"juli/internal/volunteer"
)

// Kinds are the kinds of rulebooks that the city knows, one per feature.
func Kinds() rulebook.Kinds {
	return rulebook.KindsOf(credit.Kind(), supervision.Kind(), survey.Kind(), resident.Kind(), campaign.Kind(), deed.Kind(), listing.Kind(), volunteer.Kind())
}
