package credit

import (
	"context"
	"encoding/hex"
	"slices"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/notify"
)

// The states of a publication. A published result is never changed: what was
// wrong is put right by a correction, a publication of its own (PC-50).
const (
	PublishProposed = "proposed"
	Published       = "published"
	PublishRefused  = "refused"
)

// A Release is the official act that makes an evaluation known: proposed by
// one person and decided by another (AZ-5), with its document number.
type Release struct {
	ID         db.ID
	Evaluation db.ID
	Period     string
	AsOf       day.Date
	Number     string // 文号, once published
	State      string
	ProposedBy db.ID // account
	ProposedAt int64
	DecidedBy  db.ID
	DecidedAt  int64
	Why        string
	Corrects   db.ID // the publication that this one corrects
}

const releaseSelect = `
	SELECT id, evaluation, period, as_of, number, state, proposed_by, proposed_at, decided_by, decided_at, why, corrects
	FROM credit_publication `

func scanRelease(row db.Scanner) (p Release, err error) {
	return p, row.Scan(&p.ID, &p.Evaluation, &p.Period, &p.AsOf, &p.Number, &p.State, &p.ProposedBy, &p.ProposedAt, &p.DecidedBy, &p.DecidedAt, &p.Why, &p.Corrects)
}

// series is the city's document series for published results.
const series = "信用评价公告"

// ProposePublication puts an evaluation up for a second person's decision.
func (s *Evaluations) ProposePublication(ctx context.Context, tx *db.Tx, who authz.Actor, evaluation db.ID, why string) (Release, error) {
	if err := authz.Require(who, authz.CreditPublishPropose, s.place()); err != nil {
		return Release{}, err
	}
	e, err := evaluationOf(ctx, tx, evaluation)
	if err != nil {
		return Release{}, err
	}
	if e.Purpose == ForTrial {
		return Release{}, fault.New(fault.Conflict, "credit.publish-trial", "试算结果不能公布，请先运行本期正式评价。")
	}
	p := Release{ID: tx.NewID(), Evaluation: e.ID, Period: e.Period.Name, AsOf: e.AsOf, State: PublishProposed, ProposedBy: who.Account, ProposedAt: db.Millis(tx.Now), Why: why}
	if p.Corrects, err = s.mayPublish(ctx, tx, e); err != nil {
		return Release{}, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO credit_publication (id, evaluation, period, as_of, number, state, proposed_by, proposed_at, decided_by, decided_at, why, corrects)
		VALUES ($1, $2, $3, $4, '', $5, $6, $7, NULL, 0, $8, $9)`,
		p.ID, p.Evaluation, p.Period, p.AsOf, p.State, p.ProposedBy, p.ProposedAt, p.Why, p.Corrects)
	if db.IsUnique(err) {
		return Release{}, fault.New(fault.Conflict, "credit.publish-twice", "这次评价已经提请公布。")
	}
	if err != nil {
		return Release{}, err
	}
	return p, audit.Append(ctx, tx, who, "credit.publish-proposed", "credit_publication:"+p.ID.String(), map[string]any{"evaluation": e.ID, "period": e.Period.Name, "digest": hex.EncodeToString(e.Digest)})
}

// DecidePublication publishes or refuses what somebody else proposed.
func (s *Evaluations) DecidePublication(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, publish bool, why string) (Release, error) {
	p, err := s.releaseOf(ctx, tx, id)
	if err != nil {
		return p, err
	}
	act := authz.CreditPublishApprove
	if p.Corrects != 0 {
		act = authz.CreditCorrect
	}
	if err := authz.Require(who, act, s.place()); err != nil {
		return p, err
	}
	if err := lockReleases(ctx, tx); err != nil {
		return p, err
	}
	if p, err = s.releaseOf(ctx, tx, id); err != nil {
		return p, err
	}
	if p.State != PublishProposed {
		return p, fault.New(fault.Conflict, "credit.publish-decided", "这次公布已经办理，不能重复办理。")
	}
	if who.Account != 0 && who.Account == p.ProposedBy {
		return p, fault.New(fault.Forbidden, "authz.same-person", "提请公布的人不能自己批准，请由另一人办理。")
	}
	maker, err := proposedBy(ctx, tx, p)
	if err != nil {
		return p, err
	}
	if err := authz.RequireOther(who, act, maker); err != nil {
		return p, err
	}
	p.State, p.DecidedBy, p.DecidedAt = PublishRefused, who.Account, db.Millis(tx.Now)
	kind := "credit.publish-refused"
	if publish {
		if err := s.stillPublishable(ctx, tx, p); err != nil {
			return p, err
		}
		p.State, kind = Published, "credit.published"
		if p.Number, err = notify.NextNumber(ctx, tx, series, tx.Today().Year()); err != nil {
			return p, err
		}
	} else if why == "" {
		return p, fault.New(fault.Invalid, "credit.publish-why", "请写明不同意公布的理由。").With("why", "请写明理由。")
	}
	if why != "" {
		p.Why = why
	}
	_, err = tx.Exec(ctx, `UPDATE credit_publication SET state = $1, number = $2, decided_by = $3, decided_at = $4, why = $5 WHERE id = $6`,
		p.State, p.Number, p.DecidedBy, p.DecidedAt, p.Why, p.ID)
	if db.IsUnique(err) {
		err = fault.New(fault.Conflict, "credit.published", "%s 的结果已经公布，变动请用更正公布。", p.Period)
	}
	if err != nil {
		return p, err
	}
	return p, audit.Append(ctx, tx, who, kind, "credit_publication:"+p.ID.String(), map[string]any{"evaluation": p.Evaluation, "period": p.Period, "number": p.Number, "corrects": p.Corrects})
}

// proposedBy is the natural person who proposed, from the audit trail.
func proposedBy(ctx context.Context, tx *db.Tx, p Release) (db.ID, error) {
	events, err := audit.History(ctx, tx, "credit_publication:"+p.ID.String(), 10)
	if err != nil {
		return 0, err
	}
	for _, e := range events {
		if e.Kind == "credit.publish-proposed" {
			return e.Person, nil
		}
	}
	return 0, nil
}

func (s *Evaluations) releaseOf(ctx context.Context, tx *db.Tx, id db.ID) (Release, error) {
	p, ok, err := db.One(ctx, tx, scanRelease, releaseSelect+`WHERE id = $1`, id)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "credit.no-publication", "没有找到这次公布。")
	}
	return p, err
}

// Publications lists publications in a state ("" any), newest first.
func (s *Evaluations) Publications(ctx context.Context, tx *db.Tx, state string) ([]Release, error) {
	return db.All(ctx, tx, scanRelease, releaseSelect+`WHERE ($1 = '' OR state = $1) ORDER BY as_of DESC, id DESC LIMIT 200`, state)
}

// Cycles lists the publications in force, one per period, newest first: a
// published correction stands in for what it corrects.
func (s *Evaluations) Cycles(ctx context.Context, tx *db.Tx) ([]Release, error) {
	list, err := keptCycles.Get(ctx, tx, struct{}{}, func() ([]Release, error) {
		return db.All(ctx, tx, scanRelease, releaseSelect+`
			WHERE state = 'published' AND NOT EXISTS (
				SELECT 1 FROM credit_publication c WHERE c.corrects = credit_publication.id AND c.state = 'published')
			ORDER BY as_of DESC, id DESC LIMIT 200`)
	})
	return slices.Clone(list), err
}

// PublishedOn is the newest result whose cut-off lies on or before a day; false:
// nothing was published yet.
func (s *Evaluations) PublishedOn(ctx context.Context, tx *db.Tx, on day.Date) (Release, bool, error) {
	cycles, err := s.Cycles(ctx, tx)
	if err != nil {
		return Release{}, false, err
	}
	for _, p := range cycles {
		if p.AsOf <= on && day.FromTime(db.FromMillis(p.DecidedAt)) <= on {
			return p, true, nil
		}
	}
	return Release{}, false, nil
}
