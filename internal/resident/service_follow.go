package resident

import (
	"context"
	"slices"

	"juli/internal/audit"
	"juli/internal/authz"
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
	Spot   string   // its own: where exactly, as who reported said
	Added  []Saying // its own
	Photos []FollowedPhoto
}

// A FollowedPhoto is a photo that a voice may open: one of its own report, of an answer
// that was reviewed, or released.
type FollowedPhoto struct {
	Photo
	Report db.ID
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
		f.Words, f.Spot = f.Own.Body, f.Own.Spot
	}
	if f.Added, err = s.additions(ctx, tx, "voice = $1", f.Voice.ID); err != nil {
		return f, err
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
	f.Photos, err = f.photos(ctx, tx)
	return f, err
}

// photos are those that the voice may open: others' only once they were released.
func (f *Followed) photos(ctx context.Context, tx *db.Tx) (list []FollowedPhoto, err error) {
	add := func(report db.ID, may func(Photo) bool) error {
		all, err := PhotosOf(ctx, tx, report)
		for _, p := range all {
			if p.Released || may(p) {
				list = append(list, FollowedPhoto{p, report})
			}
		}
		return err
	}
	passed, own := reviewed(f.Steps), func(p Photo) bool { return f.First && p.Side == "report" }
	if f.Own.ID != f.Report.ID {
		if err := add(f.Own.ID, own); err != nil {
			return nil, err
		}
	}
	return list, add(f.Report.ID, func(p Photo) bool {
		return p.Side == "answer" && passed || f.Own.ID == f.Report.ID && own(p)
	})
}

// FollowedPhotoIn is the file of a photo that the secret of a voice opens.
func (s *Reports) FollowedPhotoIn(ctx context.Context, tx *db.Tx, secret string, photo db.ID) (db.ID, error) {
	f, err := s.Follow(ctx, tx, secret)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(f.Photos, func(p FollowedPhoto) bool { return p.ID == photo && p.State == "ready" })
	if i < 0 {
		return 0, noReport()
	}
	return f.Photos[i].File, audit.Append(ctx, tx, authz.System("resident"), "file.read", f.Report.object(), map[string]any{"photo": photo})
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
