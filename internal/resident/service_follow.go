package resident

import (
	"context"
	"slices"

	"juli/internal/casework"
	"juli/internal/db"
)

// followed finds the voice that a secret opens, and the report as it stands: for
// a merged report the one that it became part of.
func (s *Reports) followed(ctx context.Context, tx *db.Tx, secret string) (*Report, Voice, error) {
	v, ok, err := db.One(ctx, tx, scanVoice, `SELECT `+voiceCols+` FROM resident_voice WHERE follow = $1`, hashOf(secret))
	if err != nil {
		return nil, v, err
	}
	if !ok {
		return nil, v, noReport()
	}
	r, err := reportOf(ctx, tx, v.Report)
	if err == nil && r.MergedInto != 0 {
		r, err = reportOf(ctx, tx, r.MergedInto)
	}
	return r, v, err
}

// A Followed is a report as one of its voices sees it: with the voice's own words,
// and of everybody else's what was released. Report and Own hold no words.
type Followed struct {
	Report *Report
	Voice  Voice
	Own    *Report // as this voice reported it; the same unless it was merged
	First  bool    // it was this voice that reported, the others joined
	Words  string  // its own: of the report, or the note of who joined
	Public string  // what was released of the report's words
	Answer string  // once it was reviewed
	Steps  []casework.Step
	Photos []Photo
}

// Follow opens a report by the secret of a voice.
func (s *Reports) Follow(ctx context.Context, tx *db.Tx, secret string) (f Followed, err error) {
	if f.Report, f.Voice, err = s.followed(ctx, tx, secret); err != nil {
		return f, err
	}
	f.Own = f.Report
	if f.Voice.Report != f.Report.ID {
		if f.Own, err = reportOf(ctx, tx, f.Voice.Report); err != nil {
			return f, err
		}
	}
	first, err := db.Value[int64](ctx, tx, `SELECT COALESCE(MIN(id), 0) FROM resident_voice WHERE report = $1`, f.Own.ID)
	if err != nil {
		return f, err
	}
	if f.Steps, err = casework.History(ctx, tx, f.Report.Case); err != nil {
		return f, err
	}
	f.First, f.Words = first == int64(f.Voice.ID), f.Voice.Note
	if f.First {
		f.Words = f.Own.Body
	}
	if !f.Report.Released.IsZero() {
		f.Public = f.Report.PublicBody
	}
	switch {
	case reviewed(f.Steps):
		f.Answer = f.Report.Answer
	case !f.Report.Released.IsZero():
		f.Answer = f.Report.PublicAns
	}
	f.Own, f.Report = wordless(f.Own), wordless(f.Report)
	f.Photos, err = PhotosOf(ctx, tx, f.Report.ID)
	return f, err
}

// wordless is a report without what anybody wrote.
func wordless(r *Report) *Report {
	out := *r
	out.Body, out.Spot, out.Answer = "", "", ""
	return &out
}

// reviewed says whether the last answer passed its review.
func reviewed(steps []casework.Step) bool {
	for _, x := range slices.Backward(steps) {
		switch x.Act {
		case ActPass, actPassAuto:
			return true
		case ActAnswer, ActReviewBack:
			return false
		}
	}
	return false
}
