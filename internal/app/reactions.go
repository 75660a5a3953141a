package app

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"juli/internal/audit"
	"juli/internal/campaign"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/feed"
	"juli/internal/hook"
	"juli/internal/tlog"
)

// A reaction is what happens after an event: at least once, idempotent, in the
// transaction that takes the event from the queue.
type reaction struct {
	kind     string // of the event
	consumer string
	do       func(a *App, ctx context.Context, tx *db.Tx, e audit.Event) error
}

// reactions is the whole table: read it to learn what follows from what.
var reactions = []reaction{
	{"credit.annulled", "evaluation", func(a *App, ctx context.Context, tx *db.Tx, e audit.Event) error {
		record, err := idOf(e.Object)
		if err != nil {
			return err
		}
		return a.Evaluations.OnAnnulled(ctx, tx, record, a.bookIn(ctx, tx))
	}},
	{"supervision.passed", "campaign-passed", onCase(campaign.OnCasePassed)},
	{"supervision.reopened", "campaign-reopened", onCase(campaign.OnCaseReopened)},
}

// onCase is a reaction that wants to know which case it was.
func onCase(do func(ctx context.Context, tx *db.Tx, id db.ID) error) func(a *App, ctx context.Context, tx *db.Tx, e audit.Event) error {
	return func(_ *App, ctx context.Context, tx *db.Tx, e audit.Event) error {
		id, err := idOf(e.Object)
		if err != nil {
			return err
		}
		return do(ctx, tx, id)
	}
}

// bookIn finds a rulebook by digest inside a transaction.
func (a *App) bookIn(ctx context.Context, tx *db.Tx) func(string) (*credit.Book, error) {
	return func(digest string) (*credit.Book, error) { return a.Books.ByDigest(ctx, tx, digest) }
}

func routes() audit.Routes {
	r := audit.Routes{}
	for _, x := range reactions {
		r[x.kind] = append(r[x.kind], x.consumer)
	}
	for _, kind := range credit.JournalEvents() {
		r[kind] = append(r[kind], credit.JournalConsumer)
	}
	for _, o := range officialActs {
		r[o.kind] = append(r[o.kind], tlog.Consumer)
	}
	for _, kind := range feed.Events() {
		r[kind] = append(r[kind], hook.Consumer)
	}
	return r
}

// idOf is the id of an object such as "credit_record:0ABC…".
func idOf(object string) (db.ID, error) {
	_, id, _ := strings.Cut(object, ":")
	return db.ParseID(id)
}

// eventsMax bounds one round of a consumer.
const eventsMax = 50

// Settle runs the reactions that wait, in one transaction each, and takes
// official acts into the public log and news to the webhooks.
func (a *App) Settle(ctx context.Context) error {
	for _, r := range reactions {
		var events []audit.Event
		err := a.DB.Read(ctx, func(tx *db.Tx) (err error) {
			events, err = audit.Pending(ctx, tx, r.consumer, eventsMax)
			return err
		})
		if err != nil {
			return err
		}
		for _, e := range events {
			if err := a.react(ctx, r, e); err != nil {
				return err
			}
		}
	}
	if _, err := a.Evaluations.KeepJournal(ctx, false); err != nil {
		return err
	}
	if err := a.sequence(ctx); err != nil {
		return err
	}
	return a.Hooks.Take(ctx)
}

// react handles one event; a failure is kept with it and tried again later.
func (a *App) react(ctx context.Context, r reaction, e audit.Event) error {
	err := a.DB.Write(ctx, func(tx *db.Tx) error { return a.reactIn(ctx, tx, r, e) })
	if err == nil || ctx.Err() != nil {
		return err
	}
	slog.Error("reaction failed", "kind", e.Kind, "consumer", r.consumer, "err", err)
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		return audit.Postpone(ctx, tx, r.consumer, e.ID, time.Minute, err)
	})
}

func (a *App) reactIn(ctx context.Context, tx *db.Tx, r reaction, e audit.Event) error {
	mine, err := audit.Take(ctx, tx, r.consumer, e.ID)
	if err != nil || !mine {
		return err
	}
	return r.do(a, ctx, tx, e)
}
