package city

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/resident"
)

// requestEvery is on how many days one request comes over the open interface.
const requestEvery = 5

// A requested report is one that an invented client hands in for a resident.
type requested struct {
	plaint
	given   resident.Given
	added   string // what the client adds a day later
	rated   bool
	pleased bool
}

// requesters are invented people as foreign and Chinese clients write them.
var requesters = []resident.Given{
	{First: "明", Last: "试", Email: "shiming@example.cn"},
	{First: "Ada", Last: "Sample", Email: "ada@example.org", Device: "demo-device-1"},
	{First: "样例", Last: "张", Device: "demo-device-2"},
	{},
}

// open311 is a year of requests by a client of the open interface, who has its key
// from the system administrator: given with a point and a name, added to, answered,
// closed. They all are answered in time, so that no other story changes.
func (dr *driver) open311(ctx context.Context, tx *db.Tx, r *rand.Rand, today day.Date) error {
	if today < firstReport {
		return nil
	}
	left := dr.opt.Until - today
	if today.Time().YearDay()%requestEvery != 0 && left != 1 { // the last one waits on a desk
		return nil
	}
	q := &requested{plaint: plaint{project: dr.voiced(r), r: rand.New(rand.NewPCG(r.Uint64(), 17))}, given: requesters[r.IntN(len(requesters))]}
	for q.class == "" || q.class != "HELP" && q.class != "CONSULT" { // late complaints count for credit
		q.complaint = pickComplaint(r, today)
	}
	if left == 1 {
		q.project = 0
	}
	q.given.Text, q.given.Lat, q.given.Long = q.text, fmt.Sprintf("45.%04d", 6500+r.IntN(2000)), fmt.Sprintf("126.%04d", 5500+r.IntN(2000))
	q.given.Phone = q.phone(0)
	if r.IntN(3) == 0 {
		q.added = "今天还是这样，请尽快处理。"
	}
	q.rated, q.pleased = r.IntN(10) < 7, r.IntN(10) < 9
	return dr.try(ctx, tx, task{"open311", func(ctx context.Context, tx *db.Tx) error { return dr.requests(ctx, tx, q, today) }})
}

// client is the city's client of the open interface.
func (dr *driver) client(ctx context.Context, tx *db.Tx) (resident.Client, error) {
	return dr.Reports.ClientOf(ctx, tx, resident.Open311, dr.key)
}

// openInterface has the system administrator make the client's key.
func (dr *driver) openInterface(ctx context.Context, tx *db.Tx) error {
	who, err := dr.people.actor(ctx, tx, "sysadmin")
	if err != nil {
		return err
	}
	ask := resident.KeyAsk{Channel: resident.Open311, Name: "城市随手拍（演示客户端）", Contact: "open311@example.cn"}
	if _, dr.key, err = dr.Reports.MakeKeyIn(ctx, tx, who, ask); err != nil {
		return err
	}
	old, _, err := dr.Reports.MakeKeyIn(ctx, tx, who, resident.KeyAsk{Channel: resident.Open311, Name: "道里随手拍（试用已结束）", Contact: "trial@example.cn", Division: "230102"})
	if err != nil {
		return err
	}
	return dr.Reports.EndKeyIn(ctx, tx, who, resident.Open311, old)
}

// requests hands one request in and plans its way.
func (dr *driver) requests(ctx context.Context, tx *db.Tx, q *requested, today day.Date) error {
	c, err := dr.client(ctx, tx)
	if err != nil {
		return err
	}
	who := authz.System("open311")
	once := sha256.Sum256(fmt.Appendf(nil, "%s %d %s", today, q.project, q.text))
	out, err := dr.Reports.TakeRequestIn(ctx, tx, who, c, resident.Request{
		Submission: resident.Submission{Class: q.class, Topic: q.topic, Project: dr.plan.Projects[q.project].Code, Body: q.text}, Given: q.given, Once: once[:], Digest: once[:],
	})
	if err != nil {
		return err
	}
	q.id, q.follow = out.Report, out.Follow
	if q.added != "" {
		dr.later(today.AddDays(1), "open311-add", func(ctx context.Context, tx *db.Tx) error {
			_, err := dr.Reports.AddRequestIn(ctx, tx, who, c, resident.Addition{Report: q.id, Text: q.added, Status: "OPEN", Once: append(once[:], 1), Digest: once[:]})
			return err
		})
	}
	on := today
	state, err := casework.Find(ctx, tx, resident.Machine, q.id)
	if err != nil {
		return err
	}
	if state.State == resident.Submitted {
		on = today.AddDays(1)
		dr.later(on, "open311-sign", func(ctx context.Context, tx *db.Tx) error {
			t, _, who, err := dr.held(ctx, tx, &q.plaint, 1)
			if err != nil {
				return err
			}
			if err := dr.Reports.SignIn(ctx, tx, who, t); err != nil {
				return err
			}
			t.Version++
			return dr.Reports.DispatchIn(ctx, tx, who, t, "")
		})
	}
	dr.meets(q, on.AddDays(1))
	return nil
}

// meets plans the answer of the next day, its review, its release and the rating;
// a report that nobody rates is closed when the term for it is over.
func (dr *driver) meets(q *requested, on day.Date) {
	dr.later(on, "open311-answer", func(ctx context.Context, tx *db.Tx) error {
		t, _, who, err := dr.held(ctx, tx, &q.plaint, 1)
		if err != nil {
			return err
		}
		return dr.Reports.AnswerIn(ctx, tx, who, t, q.answer, nil)
	})
	dr.later(on.AddDays(1), "open311-review", func(ctx context.Context, tx *db.Tx) error {
		t, c, who, err := dr.held(ctx, tx, &q.plaint, 1)
		if err == nil && c.State == resident.Answered {
			if err := dr.Reports.PassIn(ctx, tx, who, t, false); err != nil {
				return err
			}
		}
		return dr.publishes(ctx, tx, &q.plaint)
	})
	if q.rated {
		dr.later(on.AddDays(3), "open311-rate", func(ctx context.Context, tx *db.Tx) error {
			return dr.Reports.RateIn(ctx, tx, authz.Anonymous, q.follow, resident.Rating{Solved: true, Satisfied: q.pleased})
		})
	}
}
