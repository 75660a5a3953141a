package volunteer

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
)

// PublishIn calls for volunteers: a task, a place, a day, how long, how many.
func (s *Service) PublishIn(ctx context.Context, tx *db.Tx, who authz.Actor, c Call) (db.ID, error) {
	at := authz.Place{Division: c.Division}
	if err := authz.Require(who, authz.VolunteerCall, at); err != nil {
		return 0, err
	}
	b, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return 0, err
	}
	if err := b.checkCall(ctx, tx, &c); err != nil {
		return 0, err
	}
	c.ID, c.State = tx.NewID(), Open
	_, err = tx.Exec(ctx, `
		INSERT INTO volunteer_call (id, division, title, task, place, on_day, at_time, minutes, places, signed, people, total, state, code_blind, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 0, $10, $11, $12)`,
		c.ID, string(c.Division), c.Title, c.Task, c.Place, c.On, c.At, c.Minutes, c.Places, c.State, s.blind(s.code(c.ID)), db.Millis(tx.Now))
	if err != nil {
		return 0, err
	}
	due, _ := cmp.Or(s.Calendar, day.DefaultCalendar()).End(c.On, b.Note)
	_, err = casework.Open(ctx, tx, who, CallMachine, casework.Opening{ID: c.ID, Object: c.Object(), Title: c.Title, Place: at, Way: casework.Way{Act: ActPublish, Ready: c.On, Due: due, Calendar: s.Calendar}})
	if err != nil {
		return 0, err
	}
	return c.ID, audit.Append(ctx, tx, who, "volunteer.called", c.Object(), audit.Change{Act: authz.VolunteerCall, At: at})
}

func (b *Book) checkCall(ctx context.Context, tx *db.Tx, c *Call) error {
	c.Title, c.Task, c.Place, c.At = strings.TrimSpace(c.Title), strings.TrimSpace(c.Task), strings.TrimSpace(c.Place), strings.TrimSpace(c.At)
	bad := fault.New(fault.Invalid, "volunteer.call", "请改正标出的内容。")
	for _, x := range []struct {
		field, text string
		most        int
	}{{"title", c.Title, titleMax}, {"task", c.Task, textMax}, {"place", c.Place, placeMax}} {
		if x.text == "" || tooLong(x.text, x.most) {
			bad.With(x.field, "请填写，且不要过长。")
		}
	}
	if c.On < tx.Today() || c.On > tx.Today().AddDays(b.AheadDays) {
		bad.With("on", fmt.Sprintf("请填写今天或以后 %d 天内的日期。", b.AheadDays))
	}
	if c.At != "" && !clockRE.MatchString(c.At) {
		bad.With("at", "请写成 09:00 的样子。")
	}
	if c.Minutes < 1 || c.Minutes > b.DayMinutes {
		bad.With("minutes", fmt.Sprintf("请填写 1 到 %d 分钟。", b.DayMinutes))
	}
	if c.Places < 1 || c.Places > placesMax {
		bad.With("places", "请填写 1 到 500 人。")
	}
	d, err := registry.DivisionOf(ctx, tx, c.Division)
	if err != nil || c.Division.Level() != code.Community || !d.On(tx.Today()) {
		bad.With("division", "请选择社区。")
	}
	return bad.OrNil()
}

// SignUpIn is somebody who wants to come. Who is not on the community's roster
// joins with it; the community then decides.
func (s *Service) SignUpIn(ctx context.Context, tx *db.Tx, who authz.Actor, call db.ID, e Entry) error {
	c, err := callByID(ctx, tx, call)
	if err != nil {
		return err
	}
	if err := c.takes(tx.Today()); err != nil {
		return err
	}
	if c.Free() < 1 { // before the roster is asked: the answer is the same for all
		return full()
	}
	if err := s.spend(ctx, tx, who); err != nil {
		return err
	}
	e.Division = c.Division
	id, err := s.join(ctx, tx, who, e, bySelf)
	if err != nil || id == 0 {
		return err
	}
	return s.sign(ctx, tx, who, c.ID, id, authz.VolunteerPublic)
}

// SignIn puts somebody of the roster down for a call, by the community.
func (s *Service) SignIn(ctx context.Context, tx *db.Tx, who authz.Actor, call, id db.ID) error {
	c, err := callByID(ctx, tx, call)
	if err != nil {
		return err
	}
	if err := authz.Require(who, authz.VolunteerCall, authz.Place{Division: c.Division}); err != nil {
		return err
	}
	v, err := s.byID(ctx, tx, id)
	if err != nil {
		return err
	}
	if v.Division != c.Division || v.State != Active {
		return fault.New(fault.Invalid, "volunteer.roster", "请从本社区名册里选择。").With("volunteer", "请从本社区名册里选择。")
	}
	return s.sign(ctx, tx, who, call, id, authz.VolunteerCall)
}

func (s *Service) sign(ctx context.Context, tx *db.Tx, who authz.Actor, call, id db.ID, may authz.Act) error {
	if err := tx.Lock(ctx, "case", call); err != nil {
		return err
	}
	c, err := callByID(ctx, tx, call)
	if err != nil {
		return err
	}
	if err := c.takes(tx.Today()); err != nil {
		return err
	}
	v, err := s.byID(ctx, tx, id)
	if err != nil {
		return err
	}
	if c.Free() < 1 {
		if n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM volunteer_signup WHERE call = $1 AND volunteer = $2`, call, id); err != nil || n == 0 {
			return cmp.Or(err, full())
		}
	}
	n, err := tx.Exec(ctx, `INSERT INTO volunteer_signup (call, volunteer, at) VALUES ($1, $2, $3) ON CONFLICT (call, volunteer) DO NOTHING`, call, id, db.Millis(tx.Now))
	if err != nil {
		return err
	}
	if n > 0 && v.State == Active { // who waits for being accepted takes no place yet
		c.Signed++
		if err := setCall(ctx, tx, c); err != nil {
			return err
		}
	}
	return audit.Append(ctx, tx, who, "volunteer.signed-up", c.Object(), audit.Change{Act: may, At: authz.Place{Division: c.Division}})
}

// takes says why a call takes nobody any more.
func (c Call) takes(today day.Date) error {
	if c.State == Open && c.On >= today {
		return nil
	}
	return fault.New(fault.Invalid, "volunteer.over", "这次服务已经不再报名。")
}

func full() error {
	return fault.New(fault.Invalid, "volunteer.full", "名额已经满了，请看看其他招募。")
}

// CancelIn calls a call off, with its reason.
func (s *Service) CancelIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	c, err := s.takeCall(ctx, tx, who, t.ID, authz.VolunteerCall)
	if err != nil {
		return err
	}
	return s.moveCall(ctx, tx, who, c, t, ActCancel, "volunteer.call-cancelled")
}

func (s *Service) takeCall(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, act authz.Act) (Call, error) {
	if err := tx.Lock(ctx, "case", id); err != nil {
		return Call{}, err
	}
	c, err := callByID(ctx, tx, id)
	if err != nil {
		return c, err
	}
	return c, authz.Require(who, act, authz.Place{Division: c.Division})
}

func (s *Service) moveCall(ctx context.Context, tx *db.Tx, who authz.Actor, c Call, t Take, act, event string) error {
	b, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return err
	}
	way := casework.Way{Act: act, Note: t.Note, Calendar: s.Calendar}
	switch act {
	case ActHold:
		way.Term = &b.Confirm
	case ActReturn:
		way.Term = &b.Again
	}
	k, err := casework.Do(ctx, tx, who, CallMachine, casework.Move{Case: c.ID, Version: t.Version, Way: way})
	if err != nil {
		return err
	}
	c.State = k.State
	if err := setCall(ctx, tx, c); err != nil {
		return err
	}
	m, _ := CallMachine.Act(act)
	return audit.Append(ctx, tx, who, event, c.Object(), audit.Change{Act: m.May, At: authz.Place{Division: c.Division}, Detail: map[string]any{"count": c.People}})
}

// Call reads a call; everything of it but who signed up is public.
func (s *Service) Call(ctx context.Context, tx *db.Tx, id db.ID) (Call, error) {
	c, err := callByID(ctx, tx, id)
	if err != nil {
		return c, err
	}
	c.Case, err = casework.Find(ctx, tx, CallMachine, id)
	return c, err
}

// SignedUp lists who signed up, for who may read the roster there.
func (s *Service) SignedUp(ctx context.Context, tx *db.Tx, who authz.Actor, c Call) ([]Signup, error) {
	if err := authz.Require(who, authz.VolunteerRead, authz.Place{Division: c.Division}); err != nil {
		return nil, err
	}
	return s.signups(ctx, tx, c.ID)
}

const codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// codeChars is how long the code of a call is: 60 bits.
const codeChars = 12

// code is the code on the slip of who is served. It follows from the database's
// own key and the call, and stands in no table.
func (s *Service) code(call db.ID) string {
	v := binary.BigEndian.Uint64(s.Keys.Blind("volunteer.slip", binary.BigEndian.AppendUint64(nil, uint64(call))))
	var out [codeChars]byte
	for i := range out {
		out[i] = codeAlphabet[v&31]
		v >>= 5
	}
	return string(out[:])
}

func (s *Service) blind(c string) []byte { return s.Keys.Blind("volunteer_call.code", []byte(c)) }

func readCode(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			r += 'A' - 'a'
		case r >= '０' && r <= '９':
			r += '0' - '０'
		}
		switch {
		case r == 'O':
			return '0'
		case r == 'I' || r == 'L':
			return '1'
		case strings.ContainsRune(codeAlphabet, r):
			return r
		}
		return -1
	}, typed)
}

// PrintIn lets somebody print the slip for who is served. It goes out before the
// hours are noted, by somebody else than who notes them: whoever sees the code could
// confirm by it. So it is a step of the call.
func (s *Service) PrintIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	c, err := s.takeCall(ctx, tx, who, t.ID, authz.VolunteerCall)
	if err != nil {
		return err
	}
	if err := c.printable(); err != nil {
		return err
	}
	return s.moveCall(ctx, tx, who, c, t, ActPrint, "volunteer.slip-printed")
}

func (c Call) printable() error {
	if c.State == Open {
		return nil
	}
	return fault.New(fault.Conflict, "volunteer.no-slip", "这次服务%s。确认单在登记时长之前打印，交给服务对象。", c.StateTitle())
}

// SlipIn is the code that who is served confirms the hours with, for who printed it by
// [Service.PrintIn]. Each look at it is an event.
func (s *Service) SlipIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Call, string, error) {
	c, err := s.takeCall(ctx, tx, who, id, authz.VolunteerCall)
	if err != nil {
		return c, "", err
	}
	if err := c.printable(); err != nil {
		return c, "", err
	}
	k, err := casework.Find(ctx, tx, CallMachine, id)
	if err != nil {
		return c, "", err
	}
	steps, err := casework.History(ctx, tx, k)
	if err != nil {
		return c, "", err
	}
	if !casework.Took(steps, who, ActPrint) {
		return c, "", fault.New(fault.Conflict, "volunteer.not-printed", "请先在这次服务的页面办理“打印服务对象确认单”。打印的人不能登记时长。")
	}
	x := s.code(id)
	return c, x[:4] + "-" + x[4:8] + "-" + x[8:], audit.Append(ctx, tx, who, "volunteer.slip-seen", c.Object(), audit.Change{Act: authz.VolunteerCall, At: authz.Place{Division: c.Division}})
}
