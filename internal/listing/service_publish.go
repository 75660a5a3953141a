package listing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/notify"
)

// ApproveIn is the city's yes to a batch whose districts and enterprises have
// been heard; another person publishes it.
func (s *Service) ApproveIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) (Batch, error) {
	b, err := s.move(ctx, tx, who, t, ActApprove, "listing.approved")
	if err != nil {
		return b, err
	}
	return b, s.fit(ctx, tx, b)
}

// ReturnIn is the second person's no.
func (s *Service) ReturnIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) (Batch, error) {
	return s.move(ctx, tx, who, t, ActReturn, "listing.returned")
}

// AbandonIn ends a batch that will not be published; the entries on their way
// end with it.
func (s *Service) AbandonIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) (Batch, error) {
	b, err := s.move(ctx, tx, who, t, ActAbandon, "listing.abandoned")
	if err != nil {
		return b, err
	}
	all, err := entriesOf(ctx, tx, b.ID)
	if err != nil {
		return b, err
	}
	for _, e := range all {
		if e, err = s.step(ctx, tx, robot, e, 0, casework.Way{Act: ActDrop, Note: "本批终止"}); err != nil {
			return b, err
		}
		if err := setEntry(ctx, tx, e); err != nil {
			return b, err
		}
	}
	return b, nil
}

// fit holds a batch's content to the checks: every entry was heard and rests on
// something, and no open case on a red line stands against praise.
func (s *Service) fit(ctx context.Context, tx *db.Tx, b Batch) error {
	all, err := entriesOf(ctx, tx, b.ID)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fault.New(fault.Conflict, "listing.empty", "这一批没有可以公布的条目，请终止本批。")
	}
	for _, e := range all {
		if e.State != Answered {
			return fault.New(fault.Conflict, "listing.not-heard", "“%s”%s，还不能审定。", e.Name, e.StateTitle())
		}
		if err := s.entryFits(ctx, tx, e); err != nil {
			return err
		}
	}
	return s.redLine(ctx, tx, b, all)
}

// PublishIn makes a batch public: it gets its number and digest, the entries
// stand from today, credit learns of them, and what repeated listing calls for
// is handed to the districts.
func (s *Service) PublishIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) (Batch, error) {
	if err := authz.Require(who, authz.ListPublish, s.place()); err != nil {
		return Batch{}, err
	}
	b, err := s.move(ctx, tx, who, t, ActPublish, "")
	if err != nil {
		return b, err
	}
	book, err := s.Books.ByDigest(ctx, tx, b.Book)
	if err != nil {
		return b, err
	}
	if err := s.fit(ctx, tx, b); err != nil {
		return b, err
	}
	if err := seen(ctx, tx, t); err != nil {
		return b, err
	}
	all, err := entriesOf(ctx, tx, b.ID)
	if err != nil {
		return b, err
	}
	b.PublishedOn = tx.Today()
	if b.Number, err = notify.NextNumber(ctx, tx, book.Series, b.PublishedOn.Year()); err != nil {
		return b, err
	}
	for i := range all {
		e := &all[i]
		if *e, err = s.step(ctx, tx, robot, *e, 0, casework.Way{Act: actList}); err != nil {
			return b, err
		}
		e.ListedOn = b.PublishedOn
		e.Until, _ = s.calendar().End(e.ListedOn, book.Terms.Stands(e.Side))
	}
	if b.Digest, err = s.digest(ctx, tx, b, all); err != nil {
		return b, err
	}
	if _, err := tx.Exec(ctx, `UPDATE listing_batch SET number = $2, digest = $3, published_on = $4 WHERE id = $1`, b.ID, b.Number, b.Digest, b.PublishedOn); err != nil {
		return b, err
	}
	red, black := int64(0), int64(0)
	for _, e := range all {
		if err := s.list(ctx, tx, book, b, e); err != nil {
			return b, err
		}
		if e.Side == Red {
			red++
		} else {
			black++
		}
	}
	return b, audit.Append(ctx, tx, who, "listing.published", b.Object(), audit.Change{
		Act: authz.ListPublish, At: s.place(), Detail: map[string]any{"number": b.Number, "digest": b.Digest, "red": red, "black": black},
	})
}

// digest freezes what is published: the batch, each entry with its reason and
// score, and what everybody reads of its enterprise's answer.
func (s *Service) digest(ctx context.Context, tx *db.Tx, b Batch, all []Entry) (string, error) {
	type line struct {
		Side, Kind, Subject, Name, Reason, Score, From, Until string
		Reply                                                 []string
	}
	lines := make([]line, 0, len(all))
	for _, e := range all {
		l := line{Side: string(e.Side), Kind: string(e.Kind), Subject: e.Subject, Name: e.Name, Reason: e.Reason, Score: e.Score.String(), From: e.ListedOn.String(), Until: e.Until.String()}
		words, err := WordsOf(ctx, tx, e.ID)
		if err != nil {
			return "", err
		}
		for _, w := range words {
			l.Reply = append(l.Reply, w.Public())
		}
		lines = append(lines, l)
	}
	text, err := json.Marshal(map[string]any{"number": b.Number, "title": b.Title, "book": b.Book, "from": b.From, "to": b.To, "on": b.PublishedOn, "entries": lines})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// list puts one entry on the list, with what follows from it.
func (s *Service) list(ctx context.Context, tx *db.Tx, book *Book, b Batch, e Entry) (err error) {
	link := book.Credit[e.Side]
	if link.List != "" {
		if err := credit.EnterList(ctx, tx, e.ID, credit.Listing{Subject: e.creditSubject(), List: link.List, Since: e.ListedOn}); err != nil {
			return err
		}
	}
	if link.Item != "" {
		if e.Record, err = s.record(ctx, tx, b, e, link.Item); err != nil {
			return err
		}
	}
	if err := setEntry(ctx, tx, e); err != nil {
		return err
	}
	if e.Side == Black {
		if err := s.follow(ctx, tx, book, e); err != nil {
			return err
		}
	}
	_, err = notify.Send(ctx, tx, robot, notify.Message{
		Kind: "listing.published", Title: e.Name + "已列入" + e.Side.Title(), Object: e.Object(), Link: "/enterprise/lists/" + e.ID.String(),
		Body: b.Title + "（" + b.Number + "）将" + e.Name + "列入" + e.Side.Title() + "，自" + e.ListedOn.Chinese() + "至" + e.Until.Chinese() + "。",
		To:   []notify.Party{notify.ToEnterprise(e.Enterprise)},
	})
	return err
}

func (e Entry) creditSubject() credit.Subject {
	if e.Kind == OfProject {
		return credit.Subject{Kind: credit.Project, ID: e.subjectID}
	}
	return credit.Subject{Kind: credit.Enterprise, ID: e.subjectID}
}

// record proposes the credit information that the rulebook names, by the number
// of the publication, in the same transaction.
func (s *Service) record(ctx context.Context, tx *db.Tx, b Batch, e Entry, item string) (db.ID, error) {
	p := credit.Proposal{
		Item: item, Event: e.ListedOn, Summary: b.Title + "：" + e.Reason, Known: true,
		Document: credit.Document{Type: "OTHER", Number: b.Number, Issuer: "市住房和城乡建设局", Date: b.PublishedOn},
	}
	if e.Kind == OfProject {
		p.Project = code.ProjectCode(e.Project)
	} else {
		p.Enterprise = e.Enterprise
	}
	return s.Records.ProposeIn(ctx, tx, robot, p)
}
