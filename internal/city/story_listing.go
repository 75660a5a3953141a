package city

import (
	"context"
	"math/rand/v2"
	"slices"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
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
	if len(black) > 0 && b.n%3 == 1 {
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

// chosen picks n candidates of a side: the best of the red and the worst of the
// black, those of the sign-in enterprises first in the last batch, and at most
// two black ones that stood in the batch before.
func (dr *driver) chosen(ctx context.Context, tx *db.Tx, who authz.Actor, b *batchStory, side listing.Side, n int) ([]listing.Entry, error) {
	all, err := dr.Listing.Entries(ctx, tx, who, listing.Query{Batch: b.batch, Side: side, State: listing.Candidate, Sort: "score", Desc: side == listing.Red, Limit: 500})
	if err != nil {
		return nil, err
	}
	if b.last {
		first := map[code.USCC]bool{}
		for _, e := range dr.biggest()[:min(4, len(dr.plan.Enterprises))] {
			first[dr.plan.Enterprises[e].USCC] = true
		}
		slices.SortStableFunc(all, func(x, y listing.Entry) int { return order(first[x.Enterprise], first[y.Enterprise]) })
	}
	var out, again []listing.Entry
	for _, e := range all {
		standing, err := listing.StandingOf(ctx, tx, e.Kind, e.Subject)
		if err != nil {
			return nil, err
		}
		if len(standing) > 0 {
			again = append(again, e)
		} else {
			out = append(out, e)
		}
	}
	repeat := 0
	if side == listing.Black {
		repeat = min(2, len(again), max(n-1, 0))
	}
	fresh := out[:min(len(out), n-repeat)]
	return slices.Concat(again[:min(len(again), n-len(fresh))], fresh), nil
}

// least is how many of a side the last batch takes in the smallest city.
func (dr *driver) least(b *batchStory) int {
	if b.last {
		return 3
	}
	return 0
}

func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// name has the districts of the largest enterprises name one project of each,
// with a paper that proves it, so that those who sign in have something to answer.
func (dr *driver) name(ctx context.Context, tx *db.Tx, b *batchStory) error {
	order := dr.biggest()
	for i, firm := range order[:min(2, len(order))] {
		at := dr.first(func(p *Project) bool { return p.Owner == firm })
		if at < 0 {
			continue
		}
		p := &dr.plan.Projects[at]
		who, err := dr.people.body(ctx, tx, authz.DistrictBureau, authz.Scope{Division: p.Division.Up(code.District)}, 1)
		if err != nil {
			return err
		}
		file, err := dr.Files.Put(ctx, tx, "现场检查记录.png", scan(i))
		if err != nil {
			return err
		}
		side, reason := listing.Black, "连续两次降雪后主路积雪没有清除，业主反映集中"
		if i%2 == 1 {
			side, reason = listing.Red, "降雪当夜清出主路和坡道，街道书面表扬"
		}
		n := listing.Nomination{Batch: b.batch, Side: side, Kind: listing.OfProject, Subject: string(p.Code), Reason: reason, Files: []db.ID{file.ID}}
		if err := dr.try(ctx, tx, task{"list-name", func(ctx context.Context, tx *db.Tx) error {
			_, err := dr.Listing.NominateIn(ctx, tx, who, n)
			return err
		}}); err != nil {
			return err
		}
	}
	return nil
}

// nameAgain has a district name a project that the batch before put on the black
// list and that has not mended since.
func (dr *driver) nameAgain(ctx context.Context, tx *db.Tx, b *batchStory) error {
	batches, err := dr.Listing.Batches(ctx, tx, authz.System("demo"), listing.Published, 0, 1)
	if err != nil || len(batches) == 0 {
		return err
	}
	before, err := dr.Listing.Entries(ctx, tx, authz.System("demo"), listing.Query{Batch: batches[0].ID, Side: listing.Black, State: listing.Listed, Sort: "score", Limit: 1})
	if err != nil || len(before) == 0 {
		return err
	}
	e := before[0]
	who, err := dr.districtOf(ctx, tx, e, 1)
	if err != nil {
		return err
	}
	file, err := dr.Files.Put(ctx, tx, "回头看记录.png", scan(9))
	if err != nil {
		return err
	}
	n := listing.Nomination{Batch: b.batch, Side: listing.Black, Kind: e.Kind, Subject: e.Subject, Reason: "上一批列入黑榜后仍未整改，回头看发现同类问题", Files: []db.ID{file.ID}}
	return dr.try(ctx, tx, task{"list-name", func(ctx context.Context, tx *db.Tx) error {
		_, err := dr.Listing.NominateIn(ctx, tx, who, n)
		return err
	}})
}

// collectNext begins the batch after the last one: candidates wait to be taken.
func (dr *driver) collectNext(ctx context.Context, tx *db.Tx) error {
	who, err := dr.clerk(ctx, tx, 1)
	if err != nil {
		return err
	}
	today := tx.Today()
	b, err := dr.Listing.OpenIn(ctx, tx, who, listing.Opening{Sides: listing.Both, Theme: "DAILY", From: today.AddMonths(-2), To: today, Media: "市住建局网站"})
	if err != nil {
		return err
	}
	_, err = dr.Listing.CollectIn(ctx, tx, who, b.ID)
	return err
}

// nominate has the subject's district stand behind a candidate.
func (dr *driver) nominate(ctx context.Context, tx *db.Tx, b *batchStory, e listing.Entry) error {
	who, err := dr.districtOf(ctx, tx, e, 1)
	if err != nil {
		return err
	}
	_, err = dr.Listing.NominateIn(ctx, tx, who, listing.Nomination{Batch: b.batch, Side: e.Side, Kind: e.Kind, Subject: e.Subject, Reason: "区县日常检查多次发现同类问题，业主反映集中"})
	return err
}

func (dr *driver) districtOf(ctx context.Context, tx *db.Tx, e listing.Entry, nth int) (authz.Actor, error) {
	return dr.people.body(ctx, tx, authz.DistrictBureau, authz.Scope{Division: e.Division.Up(code.District)}, nth)
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

func (dr *driver) approveBatch(ctx context.Context, tx *db.Tx, b *batchStory) error {
	who, err := dr.clerk(ctx, tx, 1)
	if err != nil {
		return err
	}
	t, err := takeOf(ctx, tx, listing.BatchMachine, b.batch, "")
	if err != nil {
		return err
	}
	_, err = dr.Listing.ApproveIn(ctx, tx, who, t)
	return err
}

// publishBatch is the second person's act; afterwards districts do what repeated
// listing calls for, and an enterprise asks to be taken off the black list.
func (dr *driver) publishBatch(ctx context.Context, tx *db.Tx, b *batchStory) error {
	who, err := dr.clerk(ctx, tx, 2)
	if err != nil {
		return err
	}
	t, err := takeOf(ctx, tx, listing.BatchMachine, b.batch, "")
	if err != nil {
		return err
	}
	out, err := dr.Listing.PublishIn(ctx, tx, who, t)
	if err != nil {
		return err
	}
	dr.say("  %s  公布 %s", tx.Today(), out.Number)
	dr.later(tx.Today().AddDays(18), "list-follow", func(ctx context.Context, tx *db.Tx) error { return dr.followUp(ctx, tx, b) })
	switch b.n {
	case 1:
		dr.later(tx.Today().AddMonths(2).AddDays(6), "list-repair", func(ctx context.Context, tx *db.Tx) error { return dr.repairOne(ctx, tx, b, true) })
	case 5:
		dr.later(dr.opt.Until.AddDays(-3), "list-repair", func(ctx context.Context, tx *db.Tx) error { return dr.repairOne(ctx, tx, b, false) })
	}
	return nil
}

// followUp has the districts report what they did about half of what waits.
func (dr *driver) followUp(ctx context.Context, tx *db.Tx, b *batchStory) error {
	open, err := dr.Listing.Follows(ctx, tx, authz.System("demo"), listing.FollowOpen, 0, 200)
	if err != nil {
		return err
	}
	for i, f := range open {
		if (i+b.n)%2 == 0 {
			continue
		}
		who, err := dr.people.body(ctx, tx, authz.DistrictBureau, authz.Scope{Division: f.Division.Up(code.District)}, 1)
		if err != nil {
			return err
		}
		t, err := takeOf(ctx, tx, listing.FollowMachine, f.ID, "已约谈企业负责人，企业书面承诺限期整改，社区每周回访。")
		if err != nil {
			return err
		}
		if _, err := dr.Listing.FollowIn(ctx, tx, who, t); err != nil {
			return err
		}
	}
	return nil
}

// repairOne has the first enterprise that may do so ask to be taken off the
// black list; a second official of the city decides it, or it waits.
func (dr *driver) repairOne(ctx context.Context, tx *db.Tx, b *batchStory, decide bool) error {
	all, err := dr.entriesIn(ctx, tx, b.batch, listing.Listed)
	if err != nil {
		return err
	}
	for _, e := range all {
		why, err := dr.Listing.MayRepair(ctx, tx, e)
		if err != nil {
			return err
		}
		if why != "" {
			continue
		}
		who, err := dr.firmOf(ctx, tx, e)
		if err != nil {
			return err
		}
		file, err := dr.Files.Put(ctx, tx, "整改前后对照.png", scan(len(e.Name)))
		if err != nil {
			return err
		}
		t, err := takeOf(ctx, tx, listing.EntryMachine, e.ID, "问题已全部整改，两个月内没有再发生，社区和业主委员会已签字确认，申请移出黑榜。")
		if err != nil {
			return err
		}
		if _, err := dr.Listing.ApplyRepairIn(ctx, tx, who, t, []db.ID{file.ID}); err != nil || !decide {
			return err
		}
		dr.later(tx.Today().AddDays(5), "list-decide", func(ctx context.Context, tx *db.Tx) error {
			who, err := dr.clerk(ctx, tx, 2)
			if err != nil {
				return err
			}
			t, err := takeOf(ctx, tx, listing.EntryMachine, e.ID, "经现场复查，整改属实，准予移出。")
			if err != nil {
				return err
			}
			_, err = dr.Listing.DecideRepairIn(ctx, tx, who, t, true)
			return err
		})
		return nil
	}
	return nil
}
