package city

import (
	"context"
	"math/rand/v2"
	"slices"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/listing"
)

// An issue is one batch of the lists: when the city begins it, on what, and how
// many of the candidates its officials take in a city of Harbin's size.
type issue struct {
	on         day.Date
	theme      string
	red, black int
}

// issues are the seven batches of 2021, as the city report counts them: 148 red
// and 71 black entries.
var issues = []issue{
	{day.MustParse("2021-01-11"), "SNOW", 18, 9},
	{day.MustParse("2021-02-22"), "DAILY", 20, 10},
	{day.MustParse("2021-04-12"), "SANITATION", 22, 10},
	{day.MustParse("2021-06-07"), "FLOOD", 24, 11},
	{day.MustParse("2021-07-19"), "FLOOD", 22, 10},
	{day.MustParse("2021-09-06"), "DAILY", 20, 10},
	{day.MustParse("2021-11-01"), "SNOW", 22, 11},
}

// share is how many of n a city of this size takes of its ith batch.
func (dr *driver) share(n int) int {
	return max(1, (n*dr.opt.Scale.Projects+City.Projects/2)/City.Projects)
}

// lists tells the story of the red and black lists: terms run out every day,
// batches begin on their days, and the last one still waits for replies when
// the story ends.
func (dr *driver) lists(ctx context.Context, tx *db.Tx, r *rand.Rand, today day.Date) error {
	if today.Year() < 2021 {
		return nil
	}
	if _, _, err := dr.Listing.AdvanceIn(ctx, tx); err != nil {
		return err
	}
	if today == dr.opt.Until.AddDays(-1) {
		return dr.try(ctx, tx, task{"list-collect", dr.collectNext})
	}
	last := issue{dr.opt.Until.AddDays(-7), "SNOW", 12, 8}
	for i, x := range append(slices.Clone(issues), last) {
		if x.on != today {
			continue
		}
		b := &batchStory{issue: x, n: i, last: i == len(issues), r: rand.New(rand.NewPCG(r.Uint64(), 11))}
		if err := dr.try(ctx, tx, task{"list-open", func(ctx context.Context, tx *db.Tx) error { return dr.beginBatch(ctx, tx, b) }}); err != nil {
			return err
		}
	}
	return nil
}

// A batchStory is one batch on its way.
type batchStory struct {
	issue
	n    int // place among the issues
	last bool
	r    *rand.Rand

	batch   db.ID
	dropped db.ID // the one entry that its district does not agree to
}

func (dr *driver) clerk(ctx context.Context, tx *db.Tx, nth int) (authz.Actor, error) {
	return dr.people.body(ctx, tx, authz.CityBureau, authz.Scope{Division: dr.City}, nth)
}

// beginBatch opens a batch, has a district nominate one candidate, and takes as
// many as the issue says.
func (dr *driver) beginBatch(ctx context.Context, tx *db.Tx, b *batchStory) error {
	who, err := dr.clerk(ctx, tx, 1)
	if err != nil {
		return err
	}
	opened, err := dr.Listing.OpenIn(ctx, tx, who, listing.Opening{Sides: listing.Both, Theme: b.theme, From: b.on.AddMonths(-2), To: b.on, Media: "哈尔滨日报、市住建局网站"})
	if err != nil {
		return err
	}
	b.batch = opened.ID
	if _, err := dr.Listing.CollectIn(ctx, tx, who, b.batch); err != nil {
		return err
	}
	switch {
	case b.last:
		err = dr.name(ctx, tx, b)
	case b.n == 3:
		err = dr.nameAgain(ctx, tx, b)
	}
	if err != nil {
		return err
	}
	red, err := dr.chosen(ctx, tx, who, b, listing.Red, max(dr.share(b.red), dr.least(b)))
	if err != nil {
		return err
	}
	more := 0
	if b.n%2 == 1 && !b.last { // one of them will not convince its district
		more = 1
	}
	black, err := dr.chosen(ctx, tx, who, b, listing.Black, max(dr.share(b.black), dr.least(b))+more)
	if err != nil {
		return err
	}
	if more == 1 && len(black) > dr.share(b.black) {
		b.dropped = black[len(black)-1].ID
	}
	if len(black) > 0 && b.n%3 == 1 && !b.last { // of the last, districts have named theirs
		if err := dr.nominate(ctx, tx, b, black[0]); err != nil {
			return err
		}
	}
	var ids []db.ID
	for _, e := range slices.Concat(red, black) {
		ids = append(ids, e.ID)
	}
	if err := dr.Listing.TakeIn(ctx, tx, who, b.batch, ids); err != nil {
		return err
	}
	dr.say("  %s  %s：候选选定红榜 %d、黑榜 %d", b.on, opened.Title, len(red), len(black))
	dr.later(b.on.AddDays(1), "list-send", func(ctx context.Context, tx *db.Tx) error { return dr.sendBatch(ctx, tx, b) })
	review := 3
	if b.last {
		review = 4
	}
	dr.later(b.on.AddDays(review), "list-review", func(ctx context.Context, tx *db.Tx) error { return dr.reviewBatch(ctx, tx, b) })
	if !b.last {
		dr.later(b.on.AddDays(15), "list-approve", func(ctx context.Context, tx *db.Tx) error { return dr.approveBatch(ctx, tx, b) })
		dr.later(b.on.AddDays(16), "list-publish", func(ctx context.Context, tx *db.Tx) error { return dr.publishBatch(ctx, tx, b) })
	}
	return nil
}

func (dr *driver) sendBatch(ctx context.Context, tx *db.Tx, b *batchStory) error {
	who, err := dr.clerk(ctx, tx, 1)
	if err != nil {
		return err
	}
	t, err := takeOf(ctx, tx, listing.BatchMachine, b.batch, "")
	if err != nil {
		return err
	}
	if _, err := dr.Listing.ScoreIn(ctx, tx, who, t); err != nil {
		return err
	}
	t.Version++
	_, err = dr.Listing.SendIn(ctx, tx, who, t)
	return err
}

func takeOf(ctx context.Context, tx *db.Tx, m *casework.Machine, id db.ID, note string) (listing.Take, error) {
	c, err := casework.Find(ctx, tx, m, id)
	return listing.Take{ID: id, Version: c.Version, Note: note}, err
}

// entriesIn are the entries of a batch in a state.
func (dr *driver) entriesIn(ctx context.Context, tx *db.Tx, batch db.ID, state string) ([]listing.Entry, error) {
	return dr.Listing.Entries(ctx, tx, authz.System("demo"), listing.Query{Batch: batch, State: state, Sort: "score", Limit: 500})
}

// reviewBatch has another person of each district look at its entries; then some
// enterprises answer, each on a day of its own.
func (dr *driver) reviewBatch(ctx context.Context, tx *db.Tx, b *batchStory) error {
	all, err := dr.entriesIn(ctx, tx, b.batch, listing.InReview)
	if err != nil {
		return err
	}
	for _, e := range all {
		who, err := dr.districtOf(ctx, tx, e, 2)
		if err != nil {
			return err
		}
		t, err := takeOf(ctx, tx, listing.EntryMachine, e.ID, "")
		if err != nil {
			return err
		}
		if e.ID == b.dropped {
			t.Note = "问题已在检查次日整改，同类问题没有再发生，建议不列入。"
		}
		if _, err := dr.Listing.ReviewIn(ctx, tx, who, t, e.ID != b.dropped); err != nil {
			return err
		}
		if e.ID != b.dropped && e.Side == listing.Black && !b.last && b.r.IntN(3) == 0 {
			dr.later(tx.Today().AddDays(1+b.r.IntN(3)), "list-reply", func(ctx context.Context, tx *db.Tx) error { return dr.replyList(ctx, tx, e) })
		}
	}
	return nil
}

func (dr *driver) firmOf(ctx context.Context, tx *db.Tx, e listing.Entry) (authz.Actor, error) {
	return dr.people.body(ctx, tx, authz.Enterprise, authz.Scope{Enterprise: e.Enterprise}, 1)
}

var replies = []string{
	"情况属实。检查当日正值保洁队伍更换，现已补齐人员，请继续监督。",
	"部分问题由开发遗留的管线造成，我公司已报维修资金方案，正在征求业主意见。",
	"我公司已在三日内整改并经社区复查，请在公布时注明已整改。",
}

func (dr *driver) replyList(ctx context.Context, tx *db.Tx, e listing.Entry) error {
	who, err := dr.firmOf(ctx, tx, e)
	if err != nil {
		return err
	}
	t, err := takeOf(ctx, tx, listing.EntryMachine, e.ID, replies[int(e.ID)%len(replies)])
	if err != nil {
		return err
	}
	_, err = dr.Listing.ReplyIn(ctx, tx, who, t, nil)
	return err
}
