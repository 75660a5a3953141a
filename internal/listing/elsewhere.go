package listing

import (
	"context"
	"strconv"
	"strings"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
)

// An Other is another batch in which a subject stands too: one that is not
// published yet, or one of the same days.
type Other struct {
	Kind    SubjectKind
	Subject string
	Side    Side
	Batch   Batch
}

// String says which and how far it is: 2021年第8批红黑榜（黑榜），待公布.
func (o Other) String() string {
	state := o.Batch.StateTitle()
	if !o.Batch.Public() && o.Batch.State != Approved {
		state += "，待公布"
	}
	return o.Batch.Title + "（" + o.Side.Title() + "），" + state
}

// othersMax bounds the subjects asked about at once.
const othersMax = 200

// Others finds, for who works on the lists, where subjects of a batch stand in
// other batches: taken into one that is not published, or listed for days that
// overlap; the oldest first. What was dropped, annulled or abandoned does not count.
func (s *Service) Others(ctx context.Context, tx *db.Tx, who authz.Actor, b Batch, entries []Entry) ([]Other, error) {
	if len(entries) == 0 || !worksOn(who) {
		return nil, nil
	}
	args := []any{b.ID, b.From, b.To, Abandoned}
	var in []string
	for _, e := range entries[:min(len(entries), othersMax)] {
		args = append(args, string(e.Kind), e.Subject)
		in = append(in, "(e.kind = $"+strconv.Itoa(len(args)-1)+" AND e.subject = $"+strconv.Itoa(len(args))+")")
	}
	return db.All(ctx, tx, func(row db.Scanner) (o Other, err error) {
		return o, row.Scan(&o.Kind, &o.Subject, &o.Side, &o.Batch.ID, &o.Batch.Title, &o.Batch.State, &o.Batch.PublishedOn)
	}, `
		SELECT e.kind, e.subject, e.side, b.id, b.title, b.state, b.published_on
		FROM listing_entry e JOIN listing_batch b ON b.id = e.batch
		WHERE e.batch <> $1 AND e.state NOT IN ('candidate', 'dropped', 'annulled') AND b.state <> $4
			AND (b.published_on IS NULL OR b.period_from <= $3 AND b.period_to >= $2)
			AND (`+strings.Join(in, " OR ")+`)
		ORDER BY b.id, e.id LIMIT 400`, args...)
}

// Optional lists the red entries that wait for a word of the actor's enterprise:
// it may say something or leave it, and nothing is lost if it does. The nearest
// last day first.
func Optional(ctx context.Context, tx *db.Tx, who authz.Actor) ([]Entry, error) {
	var in []string
	args := []any{string(Red), InReply}
	for _, h := range casework.Bodies(who) {
		args = append(args, h.Key())
		in = append(in, "$"+strconv.Itoa(len(args)))
	}
	if len(in) == 0 {
		return nil, nil
	}
	return db.All(ctx, tx, scanEntry, `SELECT `+entryColumns+` FROM listing_entry e JOIN casework_case c ON c.id = e.id
		WHERE e.side = $1 AND e.state = $2 AND c.holder IN (`+strings.Join(in, ", ")+`) ORDER BY c.due, e.id LIMIT 200`, args...)
}
