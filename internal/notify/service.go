package notify

import (
	"context"
	"slices"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

const pageMax = 100 // items of one page of the box

// Send puts a message into its recipients' boxes and queues a notice to every
// address they registered. It belongs to the sender's act, which has asked for
// permission already.
func Send(ctx context.Context, tx *db.Tx, who authz.Actor, m Message) (db.ID, error) {
	if err := m.check(); err != nil {
		return 0, err
	}
	id := tx.NewID()
	if err := insertMessage(ctx, tx, id, who.Account, m); err != nil {
		return 0, err
	}
	if err := queue(ctx, tx, id, m.To); err != nil {
		return 0, err
	}
	return id, audit.Append(ctx, tx, who, "notify.sent", "notify_message:"+id.String(), map[string]any{
		"kind": m.Kind, "object": m.Object, "number": m.Number, "recipients": len(m.To),
	})
}

// A Cursor is the place in a box after which the next page begins; its zero
// value is the top.
type Cursor struct {
	ID    db.ID
	Party string
}

// Inbox is one page of what the actor may open, newest first, without bodies.
func Inbox(ctx context.Context, tx *db.Tx, who authz.Actor, after Cursor, limit int) (items []Item, next Cursor, err error) {
	limit = min(max(limit, 1), pageMax)
	items, err = box(ctx, tx, Boxes(who), after, limit+1)
	if err != nil || len(items) <= limit {
		return items, Cursor{}, err
	}
	items = items[:limit]
	last := items[limit-1]
	return items, Cursor{last.ID, last.Party.Key()}, nil
}

// ByNumber finds messages by the beginning of their document number, whoever they
// are for: the caller shows only what the reader may see of their objects.
func ByNumber(ctx context.Context, tx *db.Tx, number string, limit int) ([]Message, error) {
	return db.All(ctx, tx, func(row db.Scanner) (m Message, err error) { return m, row.Scan(&m.Number, &m.Object) }, `
		SELECT number, object FROM notify_message
		WHERE number <> '' AND number >= $1 AND number < $2 ORDER BY number LIMIT $3`, number, number+"\U0010FFFF", min(max(limit, 1), pageMax))
}

// Unopened lists messages that nobody has opened yet in the actor's boxes, the
// oldest first, at most limit.
func Unopened(ctx context.Context, tx *db.Tx, who authz.Actor, limit int) ([]Item, error) {
	return unopened(ctx, tx, Boxes(who), limit)
}

// Unread counts what nobody has opened yet in the actor's boxes.
func Unread(ctx context.Context, tx *db.Tx, who authz.Actor) (int64, error) {
	return unread(ctx, tx, Boxes(who))
}

// Open reads a message and leaves the receipt: who opened it, when, for whom. A
// message that is in none of the actor's boxes looks as if it did not exist.
func Open(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Item, error) {
	item, parties, err := openable(ctx, tx, Boxes(who), id)
	if err != nil {
		return Item{}, err
	}
	if len(parties) == 0 || who.Account == 0 {
		return Item{}, fault.New(fault.NotFound, "notify.not-found", "没有找到这条消息。")
	}
	fresh := false
	for _, p := range parties {
		n, err := insertReceipt(ctx, tx, id, p, who.Account)
		if err != nil {
			return Item{}, err
		}
		fresh = fresh || n > 0
	}
	if item.OpenedAt.IsZero() {
		item.OpenedAt, item.OpenedBy = tx.Now, who.Account
	}
	if !fresh {
		return item, nil
	}
	return item, audit.Append(ctx, tx, who, "notify.opened", "notify_message:"+id.String(), map[string]any{"number": item.Message.Number})
}

// ProofOf shows, for every recipient of a message, when it was delivered, who
// opened it and since when it counts as served. The caller has asked whether the
// actor may see the message's object.
func ProofOf(ctx context.Context, tx *db.Tx, cal *day.Calendar, id db.ID) ([]Proof, error) {
	m, ok, err := messageByID(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fault.New(fault.NotFound, "notify.not-found", "没有找到这条消息。")
	}
	proofs, err := recipientsOf(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	receipts, err := receiptsOf(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	for i := range proofs {
		p := &proofs[i]
		p.Number, p.DeliveredAt = m.Message.Number, m.SentAt
		p.Served = Served(day.FromTime(m.SentAt), dateOf(p.OpenedAt), tx.Today(), m.Message.Deemed, cal)
		for _, r := range receipts {
			if r.Party == p.Party {
				p.Receipts = append(p.Receipts, r)
			}
		}
	}
	return proofs, nil
}

// Received lists the messages about an object that lie in the actor's own boxes,
// oldest first, without bodies; what lies in several of them stands once.
func Received(ctx context.Context, tx *db.Tx, who authz.Actor, object string) ([]Item, error) {
	all, err := receivedOf(ctx, tx, object, Boxes(who))
	return slices.CompactFunc(all, func(a, b Item) bool { return a.ID == b.ID }), err
}

// Of lists the messages about an object, whoever received them, oldest first,
// without bodies; OpenedAt is when the first of the recipients opened it.
func Of(ctx context.Context, tx *db.Tx, object string) ([]Item, error) {
	return messagesOf(ctx, tx, object)
}
