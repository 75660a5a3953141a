package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/seal"
)

// The states of a delivery.
const (
	Waiting = "waiting" // to be tried at its time
	Sent    = "sent"
	GivenUp = "given-up" // all tries failed, or the address was ended
)

const (
	addressesMax = 10              // of one party
	dueMax       = 100             // deliveries of one round
	claimFor     = 2 * time.Minute // a try that is not reported within it is tried again
)

// backoff is the pause after the n-th failed try; the last one gives up.
var backoff = [...]time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 24 * time.Hour}

// A Post brings queued notices out of the system, at least once.
type Post struct {
	DB       *db.DB
	Keys     *seal.Keys
	Channels []Channel
	Base     string // address of the platform, put before links, e.g. "https://wuye.example.cn"
}

// SetAddress registers where a party wants to be told of new messages, sealed at
// rest. Only somebody who may open the party's box may do it.
func (p *Post) SetAddress(ctx context.Context, tx *db.Tx, who authz.Actor, party Party, channel string, to Target) (db.ID, error) {
	if !mayOpen(who, party) {
		return 0, fault.New(fault.NotFound, "notify.not-found", "没有找到这个收件人。")
	}
	ch := p.channel(channel)
	if ch == nil {
		return 0, fault.New(fault.Invalid, "notify.channel", "没有开通这种提醒方式。")
	}
	if hook, ok := ch.(Webhook); ok {
		if err := hook.Check(to); err != nil {
			return 0, err
		}
	} else if strings.TrimSpace(to.Address) == "" || strings.ContainsAny(to.Address, "\r\n") {
		return 0, fault.New(fault.Invalid, "notify.address", "提醒地址不正确。").With("address", "请填写提醒地址。")
	}
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM notify_address WHERE party = $1 AND ended_at = 0`, party.Key())
	if err != nil {
		return 0, err
	}
	if n >= addressesMax {
		return 0, fault.New(fault.Conflict, "notify.addresses", "提醒地址最多%d个，请先停用不再使用的。", addressesMax)
	}
	plain, err := json.Marshal(to)
	if err != nil {
		return 0, fmt.Errorf("encode target: %w", err)
	}
	id := tx.NewID()
	sealed, err := p.Keys.Seal("notify_address", "target", id, plain)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO notify_address (id, party, channel, target, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6)`,
		id, party.Key(), channel, sealed, db.Millis(tx.Now), who.Account); err != nil {
		return 0, fmt.Errorf("insert address: %w", err)
	}
	return id, audit.Append(ctx, tx, who, "notify.address-set", "notify_address:"+id.String(), map[string]any{"channel": channel})
}

// EndAddress stops notices to an address.
func (p *Post) EndAddress(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) error {
	key, ok, err := db.One(ctx, tx, func(row db.Scanner) (s string, err error) { return s, row.Scan(&s) },
		`SELECT party FROM notify_address WHERE id = $1 AND ended_at = 0`, id)
	if err != nil {
		return err
	}
	if !ok || !mayOpen(who, parseParty(key)) {
		return fault.New(fault.NotFound, "notify.not-found", "没有找到这个提醒地址。")
	}
	if _, err := tx.Exec(ctx, `UPDATE notify_address SET ended_at = $2 WHERE id = $1`, id, db.Millis(tx.Now)); err != nil {
		return fmt.Errorf("end address: %w", err)
	}
	return audit.Append(ctx, tx, who, "notify.address-ended", "notify_address:"+id.String(), nil)
}

func mayOpen(who authz.Actor, party Party) bool {
	for _, b := range Boxes(who) {
		if b == party {
			return true
		}
	}
	return false
}

func (p *Post) channel(name string) Channel {
	for _, ch := range p.Channels {
		if ch.Name() == name {
			return ch
		}
	}
	return nil
}

// queue inserts one delivery for each address of each party.
func queue(ctx context.Context, tx *db.Tx, message db.ID, to []Party) error {
	in, args := placeholders(to, addressesMax*recipientsMax)
	type address struct {
		id      db.ID
		channel string
	}
	addresses, err := db.All(ctx, tx, func(row db.Scanner) (a address, err error) {
		return a, row.Scan(&a.id, &a.channel)
	}, `SELECT id, channel FROM notify_address WHERE ended_at = 0 AND party IN (`+in+`) ORDER BY id LIMIT $1`, args...)
	if err != nil {
		return err
	}
	for _, a := range addresses {
		if _, err := tx.Exec(ctx, `
			INSERT INTO notify_delivery (id, message_id, address_id, channel, state, next_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			tx.NewID(), message, a.id, a.channel, Waiting, db.Millis(tx.Real)); err != nil {
			return fmt.Errorf("queue delivery: %w", err)
		}
	}
	return nil
}

// A claimed delivery is in the hands of this round.
type claimed struct {
	id     db.ID
	out    Outward
	target Target
	name   string // channel
	tries  int64
}

// DeliverDue tries what is due by the real clock and tells how many notices left
// and how many failed. It sends outside any transaction; a crash between sending
// and noting it repeats the notice under the same ID. A job calls it regularly.
func (p *Post) DeliverDue(ctx context.Context) (sent, failed int, err error) {
	var round []claimed
	err = p.DB.Write(ctx, func(tx *db.Tx) (err error) {
		round, err = p.claim(ctx, tx)
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	for _, c := range round {
		deliverErr := p.deliver(ctx, c)
		if deliverErr == nil {
			sent++
		} else {
			failed++
		}
		if err := p.DB.Write(ctx, func(tx *db.Tx) error { return report(ctx, tx, c, deliverErr) }); err != nil {
			return sent, failed, err
		}
	}
	return sent, failed, nil
}

func (p *Post) claim(ctx context.Context, tx *db.Tx) ([]claimed, error) {
	if err := tx.Lock(ctx, "notify_delivery", 0); err != nil {
		return nil, err
	}
	type row struct {
		claimed
		address db.ID
		sealed  []byte
	}
	rows, err := db.All(ctx, tx, func(s db.Scanner) (r row, err error) {
		var sent int64
		err = s.Scan(&r.id, &r.tries, &r.name, &r.address, &r.sealed, &r.out.Kind, &r.out.Title, &r.out.Number, &r.out.Link, &sent)
		r.out.ID, r.out.SentAt = r.id, db.FromMillis(sent)
		return r, err
	}, `
		SELECT d.id, d.tries, d.channel, a.id, a.target, m.kind, m.title, m.number, m.link, m.sent_at
		FROM notify_delivery d
		JOIN notify_address a ON a.id = d.address_id
		JOIN notify_message m ON m.id = d.message_id
		WHERE d.state = $1 AND d.next_at <= $2
		ORDER BY d.next_at, d.id LIMIT $3`, Waiting, db.Millis(tx.Real), dueMax)
	if err != nil {
		return nil, err
	}
	round := make([]claimed, 0, len(rows))
	for _, r := range rows {
		plain, err := p.Keys.Open("notify_address", "target", r.address, r.sealed)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(plain, &r.target); err != nil {
			return nil, fmt.Errorf("decode target: %w", err)
		}
		if r.out.Link != "" {
			r.out.Link = strings.TrimSuffix(p.Base, "/") + r.out.Link
		}
		if _, err := tx.Exec(ctx, `UPDATE notify_delivery SET tries = tries + 1, next_at = $2 WHERE id = $1`,
			r.id, db.Millis(tx.Real.Add(claimFor))); err != nil {
			return nil, fmt.Errorf("claim delivery: %w", err)
		}
		r.tries++
		round = append(round, r.claimed)
	}
	return round, nil
}

func (p *Post) deliver(ctx context.Context, c claimed) error {
	ch := p.channel(c.name)
	if ch == nil {
		return errors.New("channel off")
	}
	return ch.Deliver(ctx, c.target, c.out)
}

// report notes the outcome; the reason is a word of ours, since the libraries'
// texts hold addresses.
func report(ctx context.Context, tx *db.Tx, c claimed, failure error) error {
	state, next, done := Sent, int64(0), db.Millis(tx.Real)
	if failure != nil {
		state = GivenUp
		if pause, again := Again(c.tries, failure); again {
			state, done, next = Waiting, 0, db.Millis(tx.Real.Add(pause))
		}
	}
	_, err := tx.Exec(ctx, `
		UPDATE notify_delivery SET state = $2, next_at = $3, done_at = $4, failure = $5 WHERE id = $1 AND state = $6`,
		c.id, state, next, done, Reason(failure), Waiting)
	return err
}

// Again says how long to wait after the n-th failed try, and whether to try once
// more: not after the last one, nor where the address may not be reached at all.
func Again(tries int64, failure error) (pause time.Duration, again bool) {
	if tries < 1 || int(tries) > len(backoff) || errors.Is(failure, errRefused) {
		return 0, false
	}
	return backoff[tries-1], true
}

// Refused is the reason of an address that may not be reached.
const Refused = "refused"

// Reason is a failure in a word of ours, without any address.
func Reason(err error) string {
	netErr, isNet := errors.AsType[net.Error](err)
	switch {
	case err == nil:
		return ""
	case errors.Is(err, errRefused):
		return Refused
	case isNet && netErr.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case isNet:
		return "network"
	}
	if text := err.Error(); strings.HasPrefix(text, "status ") {
		return text
	}
	return "failed"
}
