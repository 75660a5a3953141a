package resident

import (
	"context"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/seal"
	"juli/internal/supervision"
)

const (
	bodyMax   = 2000
	spotMax   = 100
	filesMax  = 6
	voicesMax = 1000 // of one report
)

// Reports is the service.
type Reports struct {
	DB          *db.DB
	Keys        *seal.Keys
	City        code.Division
	Calendar    *day.Calendar
	Books       *Books
	Registry    *registry.Service
	Files       *blob.Store
	Evaluations *credit.Evaluations
	Cases       *supervision.Cases
}

// Submit takes a report in a transaction of its own.
func (s *Reports) Submit(ctx context.Context, who authz.Actor, in Submission) (out Receipt, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error { out, err = s.SubmitIn(ctx, tx, who, in); return err })
	return out, err
}

// SubmitIn takes a report: it finds the place, routes it by the rulebook in
// force, opens its case and, where the rulebook says so, dispatches it at once.
func (s *Reports) SubmitIn(ctx context.Context, tx *db.Tx, who authz.Actor, in Submission) (Receipt, error) {
	p, err := s.Registry.Project(ctx, tx, in.Project)
	if err != nil {
		return Receipt{}, fault.New(fault.Invalid, "resident.project", "请选择所在的小区。").With("project", "没有找到这个小区。")
	}
	book, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return Receipt{}, err
	}
	r, err := s.received(tx, in, p, book)
	if err != nil {
		return Receipt{}, err
	}
	if err := authz.Require(who, authz.ReportFile, r.Place()); err != nil {
		return Receipt{}, err
	}
	if r.Channel == Web || r.Channel == Owner {
		if err := r.asResident(who); err != nil {
			return Receipt{}, err
		}
	}
	if err := s.spendDay(ctx, tx, book, in.Account); err != nil {
		return Receipt{}, err
	}
	if r.Number, err = nextNumber(ctx, tx, r.ReceivedOn); err != nil {
		return Receipt{}, err
	}
	route, err := RouteAt(ctx, tx, book, r.Class, r.Topic, r.Project, r.Enterprise != "")
	if err != nil {
		return Receipt{}, err
	}
	if err := s.open(ctx, tx, who, r, book, route); err != nil {
		return Receipt{}, err
	}
	out := Receipt{Report: r.ID, Number: r.Number}
	if out.Voice, out.Follow, err = s.insertVoice(ctx, tx, r, in.Account, in.Phone, ""); err != nil {
		return Receipt{}, err
	}
	if err := s.addPhotos(ctx, tx, r.ID, "report", in.Files); err != nil {
		return Receipt{}, err
	}
	return out, audit.Append(ctx, tx, who, "resident.reported", r.object(), map[string]any{
		"channel": r.Channel, "class": r.Class, "topic": r.Topic, "project": string(r.Project), "route": route.Code,
	})
}

// received checks what was said and makes the report of it.
func (s *Reports) received(tx *db.Tx, in Submission, p registry.Project, book *Book) (*Report, error) {
	r := &Report{
		ID: tx.NewID(), Project: p.Code, Division: p.Division, Enterprise: p.Enterprise, Channel: in.Channel, SourceRef: in.SourceRef,
		Class: in.Class, Topic: in.Topic, Building: in.Building, Spot: tidy(in.Spot), Body: tidy(in.Body), Book: book.Digest,
		ReceivedOn: in.Received, ReceivedAt: tx.Now,
	}
	if r.ReceivedOn == 0 {
		r.ReceivedOn = tx.Today()
	}
	if r.Class == "" {
		r.Class = "HELP"
	}
	if r.Topic == "" {
		r.Topic = book.guess(r.Body)
	}
	bad := fault.New(fault.Invalid, "resident.form", "请改正标出的内容。")
	if n := utf8.RuneCountInString(r.Body); n < 2 || n > bodyMax {
		bad.With("body", "请写明情况，2 到 2000 个字。")
	}
	if utf8.RuneCountInString(r.Spot) > spotMax {
		bad.With("spot", "位置不超过 100 个字。")
	}
	if _, ok := book.Topic(r.Topic); !ok {
		bad.With("topic", "请从列出的类别中选择。")
	}
	if _, ok := book.Class(r.Class); !ok {
		bad.With("class", "请从列出的类型中选择。")
	}
	if in.Building < 0 || in.Building > 999 || in.Building > max(p.Buildings, 0) && p.Buildings > 0 {
		bad.With("building", "这个小区没有这一栋楼。")
	}
	if in.Phone != "" && !ValidPhone(in.Phone) {
		bad.With("phone", "请填写 11 位手机号。")
	}
	if len(in.Files) > filesMax {
		bad.With("photos", "照片最多 6 张。")
	}
	if ChannelTitle(r.Channel) == r.Channel || len(r.SourceRef) > 64 || r.ReceivedOn > tx.Today() {
		bad.With("channel", "来源、来源编号或受理日期不正确。")
	}
	return r, bad.OrNil()
}

// open stores the report and begins its case under the route.
func (s *Reports) open(ctx context.Context, tx *db.Tx, who authz.Actor, r *Report, book *Book, route Route) error {
	signer, ok := casework.HolderAt(book.SignBy, r.Place())
	if !ok {
		return fault.New(fault.Conflict, "resident.no-office", "这个小区没有可以签收诉求的单位。")
	}
	r.State, r.Office, r.Review = Submitted, route.To, route.Review
	way := casework.Way{Act: actSubmit, Holder: &signer, Term: &book.Sign, Calendar: s.Calendar}
	c, err := casework.Open(ctx, tx, who, Machine, casework.Opening{
		ID: r.ID, Object: r.object(), Title: title(book, r), Place: r.Place(), Way: way,
	})
	if err != nil {
		return err
	}
	if route.Direct {
		if c, err = s.hand(ctx, tx, authz.System("resident"), r, c, actAuto, "", book.AnswerTerm(route, r.Class)); err != nil {
			return err
		}
		r.State, r.Due = c.State, c.Due
	}
	r.Case = c
	return insertReport(ctx, tx, r)
}

// hand gives a report to its office with a term.
func (s *Reports) hand(ctx context.Context, tx *db.Tx, who authz.Actor, r *Report, c casework.Case, act, note string, term day.Term) (casework.Case, error) {
	h, ok := casework.HolderAt(r.Office, r.Place())
	if !ok {
		return c, fault.New(fault.Conflict, "resident.no-office", "这个小区没有可以办理的%s。", r.Office.Title())
	}
	return casework.Do(ctx, tx, who, Machine, casework.Move{Case: r.ID, Version: c.Version, Way: casework.Way{
		Act: act, Note: note, Holder: &h, Term: &term, Calendar: s.Calendar,
	}})
}

func title(b *Book, r *Report) string { return b.TopicTitle(r.Topic) + "（" + r.Number + "）" }

// Join adds a voice to an open report.
func (s *Reports) Join(ctx context.Context, who authz.Actor, report db.ID, account db.ID, phone, note string) (out Receipt, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		out, err = s.JoinIn(ctx, tx, who, report, account, phone, note)
		return err
	})
	return out, err
}

// Joinable says whether a report takes voices: until its first answer, which is
// owed to those who stood behind it then.
func (r *Report) Joinable() bool { return !r.Ended() && r.AnsweredOn == 0 && r.MergedInto == 0 }

// JoinIn is Join in the caller's transaction. The same telephone or account joins
// once; joining a merged report joins the one that it became part of.
func (s *Reports) JoinIn(ctx context.Context, tx *db.Tx, who authz.Actor, report, account db.ID, phone, note string) (Receipt, error) {
	r, err := reportOf(ctx, tx, report)
	if err == nil && r.MergedInto != 0 {
		r, err = reportOf(ctx, tx, r.MergedInto)
	}
	if err != nil {
		return Receipt{}, err
	}
	if err := authz.Require(who, authz.ReportFile, r.Place()); err != nil {
		return Receipt{}, err
	}
	if err := r.asResident(who); err != nil {
		return Receipt{}, err
	}
	if err := tx.Lock(ctx, "case", r.ID); err != nil {
		return Receipt{}, err
	}
	if r, err = reportOf(ctx, tx, r.ID); err != nil {
		return Receipt{}, err
	}
	switch {
	case r.Ended():
		return Receipt{}, fault.New(fault.Conflict, "resident.closed", "这件诉求%s，请另行反映。", r.StateTitle())
	case !r.Joinable():
		return Receipt{}, fault.New(fault.Conflict, "resident.answered", "这件诉求已经答复，不再登记。您那里还有问题的，请另行反映，会单独办理。")
	case utf8.RuneCountInString(note) > spotMax || phone != "" && !ValidPhone(phone) || phone == "" && account == 0:
		return Receipt{}, fault.New(fault.Invalid, "resident.form", "请填写 11 位手机号，补充说明不超过 100 个字。").With("phone", "请填写 11 位手机号。")
	case r.Voices >= voicesMax:
		return Receipt{}, fault.New(fault.Conflict, "resident.voices", "反映这件事的居民已经很多，不再登记，您可以直接查看办理情况。")
	}
	n, err := db.Value[int64](ctx, tx, `
		SELECT COUNT(*) FROM resident_voice WHERE report = $1 AND (CAST($2 AS BIGINT) <> 0 AND account = $2 OR phone_blind = $3)`,
		r.ID, int64(account), s.blindOrNil(phone))
	if err != nil {
		return Receipt{}, err
	}
	if n > 0 {
		return Receipt{}, fault.New(fault.Conflict, "resident.joined", "您已经反映过这件事，请用原来的链接查询进展。")
	}
	book, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return Receipt{}, err
	}
	if err := s.spendDay(ctx, tx, book, account); err != nil {
		return Receipt{}, err
	}
	out := Receipt{Report: r.ID, Number: r.Number}
	if out.Voice, out.Follow, err = s.insertVoice(ctx, tx, r, account, phone, tidy(note)); err != nil {
		return Receipt{}, err
	}
	if _, err := tx.Exec(ctx, `UPDATE resident_report SET voices = voices + 1, changed_at = $2 WHERE id = $1`, r.ID, db.Millis(tx.Now)); err != nil {
		return Receipt{}, err
	}
	return out, audit.Append(ctx, tx, who, "resident.joined", r.object(), map[string]any{"voices": r.Voices + 1})
}

func (s *Reports) blindOrNil(phone string) []byte {
	if phone == "" {
		return []byte{}
	}
	return s.blind(phone)
}

var mobile = regexp.MustCompile(`^1[3-9][0-9]{9}$`)

// ValidPhone says whether a number is a mobile one of China.
func ValidPhone(s string) bool { return mobile.MatchString(s) }

// tidy drops what is no text: control characters and marks that turn the reading direction.
func tidy(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "")))
}

// CheckIn says what is wrong with a submission before it waits for a code, so
// that nobody is sent one for a form that will be refused.
func (s *Reports) CheckIn(ctx context.Context, tx *db.Tx, in Submission) error {
	p, err := s.Registry.Project(ctx, tx, in.Project)
	if err != nil {
		return err
	}
	book, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return err
	}
	_, err = s.received(tx, in, p, book)
	return err
}

// CheckApart is [Reports.CheckIn] without the place, for a file in which that is wrong,
// too: whoever mends it should hear everything at once.
func (s *Reports) CheckApart(ctx context.Context, tx *db.Tx, in Submission) error {
	book, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return err
	}
	_, err = s.received(tx, in, registry.Project{}, book)
	return err
}
