package volunteer

import (
	"context"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/identity"
	"juli/internal/registry"
	"juli/internal/seal"
)

// A Service keeps rosters, calls and hours.
type Service struct {
	DB       *db.DB
	Keys     *seal.Keys
	Calendar *day.Calendar
	Books    *Books
}

// An Entry is what is said about a volunteer.
type Entry struct {
	Division    code.Division // the community
	Name, Phone string
	Skills      string
	Consent     bool // to name and phone being kept for calls
	Open        bool // to the masked name and hours being public
}

// A Take is one act on a volunteer or a call as somebody saw it.
type Take struct {
	ID      db.ID
	Version int64
	Note    string
}

// Who joined by themselves: waiting for a community, and in all of them.
const waitingMax = 200

const (
	bySelf      = "SELF"
	byCommunity = "COMMUNITY"
)

// ApplyIn is somebody joining by themselves. Who is on the roster already stays as
// they are, and learns nothing: the answer is the same. A telephone with another name
// is a stranger's.
func (s *Service) ApplyIn(ctx context.Context, tx *db.Tx, who authz.Actor, e Entry) error {
	if err := s.spend(ctx, tx, who); err != nil {
		return err
	}
	_, err := s.join(ctx, tx, who, e, bySelf)
	return err
}

// EnterIn is the community entering somebody who agreed to it.
func (s *Service) EnterIn(ctx context.Context, tx *db.Tx, who authz.Actor, e Entry) (db.ID, error) {
	return s.join(ctx, tx, who, e, byCommunity)
}

// join gives the volunteer; 0: of that telephone is somebody else.
func (s *Service) join(ctx context.Context, tx *db.Tx, who authz.Actor, e Entry, source string) (db.ID, error) {
	at := authz.Place{Division: e.Division}
	act, may, event := ActEnter, authz.VolunteerEnter, "volunteer.entered"
	if source == bySelf {
		act, may, event = ActApply, authz.VolunteerPublic, "volunteer.applied"
	}
	if err := authz.Require(who, may, at); err != nil {
		return 0, err
	}
	phone, err := checkEntry(ctx, tx, &e)
	if err != nil {
		return 0, err
	}
	if err := tx.Lock(ctx, "division", string(e.Division)); err != nil {
		return 0, err
	}
	blind := s.Keys.Blind("volunteer.phone", []byte(phone))
	known, has, err := db.One(ctx, tx, func(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) },
		`SELECT id FROM volunteer WHERE division = $1 AND phone_blind = $2 AND state IN ('applied', 'active')`, string(e.Division), blind)
	same := false
	if err == nil && has {
		same, err = s.named(ctx, tx, known, e.Name)
	}
	if err == nil && source == bySelf && !same { // a telephone alone tells nothing of the roster
		err = notTooMany(ctx, tx, e.Division)
	}
	switch {
	case err != nil:
		return 0, err
	case has && source == bySelf && !same:
		return 0, nil
	case has && source == bySelf:
		return known, audit.Append(ctx, tx, who, "volunteer.applied-again", "volunteer:"+known.String(), nil)
	case has:
		return 0, fault.New(fault.Invalid, "volunteer.known", "这个电话号码已经在名册里。").With("phone", "这个电话号码已经在本社区的名册里。")
	}
	b, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return 0, err
	}
	way := casework.Way{Act: act, Calendar: s.Calendar}
	if act == ActApply {
		way.Term = &b.Accept
	}
	id := tx.NewID()
	if err := s.insert(ctx, tx, who, id, e, phone, blind, source); err != nil {
		return 0, err
	}
	_, err = casework.Open(ctx, tx, who, RosterMachine, casework.Opening{ID: id, Object: "volunteer:" + id.String(), Title: "志愿者 " + code.MaskName(e.Name), Place: at, Way: way})
	if err != nil {
		return 0, err
	}
	return id, audit.Append(ctx, tx, who, event, "volunteer:"+id.String(), audit.Change{Act: may, At: at})
}

// notTooMany bounds what anybody can pile up before a community looks at it.
func notTooMany(ctx context.Context, tx *db.Tx, division code.Division) error {
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM volunteer WHERE division = $1 AND state = 'applied'`, string(division))
	if err == nil && n >= waitingMax {
		err = fault.New(fault.TooMany, "volunteer.waiting", "这个社区待确认的报名较多，请过几天再报名，或直接联系社区居委会。")
	}
	return err
}

func checkEntry(ctx context.Context, tx *db.Tx, e *Entry) (phone string, err error) {
	e.Name, e.Skills = strings.TrimSpace(e.Name), strings.TrimSpace(e.Skills)
	bad := fault.New(fault.Invalid, "volunteer.entry", "请改正标出的内容。")
	if len([]rune(e.Name)) < 2 || tooLong(e.Name, nameMax) {
		bad.With("name", "请填写姓名。")
	}
	if phone, err = Phone(e.Phone); err != nil {
		bad.With("phone", fault.From(err).Fields["phone"])
	}
	if tooLong(e.Skills, skillsMax) {
		bad.With("skills", "不能超过 200 个字。")
	}
	if !e.Consent {
		bad.With("consent", "没有本人同意，不能登记姓名和电话。")
	}
	d, err := registry.DivisionOf(ctx, tx, e.Division)
	if err != nil || e.Division.Level() != code.Community || !d.On(tx.Today()) {
		bad.With("division", "请选择社区。")
	}
	return phone, bad.OrNil()
}

func (s *Service) insert(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, e Entry, phone string, blind []byte, source string) error {
	name, err := s.Keys.Seal("volunteer", "name_sealed", id, []byte(e.Name))
	if err != nil {
		return err
	}
	number, err := s.Keys.Seal("volunteer", "phone_sealed", id, []byte(phone))
	if err != nil {
		return err
	}
	state, joined, person := Active, any(tx.Today()), any(nil)
	if source == bySelf {
		state, joined = Applied, nil
		if who.Person != 0 {
			person = who.Person
		}
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO volunteer (id, division, shown, name_sealed, phone_sealed, phone_blind, skills, open, source, consent_on, joined_on, person, state, minutes, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14)`,
		id, string(e.Division), code.MaskName(e.Name), name, number, blind, e.Skills, e.Open, source, tx.Today(), joined, person, state, db.Millis(tx.Now))
	return err
}

// DecideIn accepts or refuses somebody who joined, or notes that they left.
func (s *Service) DecideIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, act string) error {
	event := map[string]string{ActAccept: "volunteer.accepted", ActRefuse: "volunteer.refused", ActLeave: "volunteer.left"}[act]
	if event == "" {
		return fault.New(fault.Invalid, "casework.act", "没有这项操作。")
	}
	v, err := s.byID(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	if err := authz.Require(who, authz.VolunteerEnter, authz.Place{Division: v.Division}); err != nil {
		return err
	}
	return s.moveVolunteer(ctx, tx, who, v, t, act, event)
}

// Volunteer reads one for who may read the roster there.
func (s *Service) Volunteer(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Volunteer, error) {
	v, err := s.byID(ctx, tx, id)
	if err != nil {
		return v, err
	}
	if err := authz.Require(who, authz.VolunteerRead, authz.Place{Division: v.Division}); err != nil {
		return v, err
	}
	v.Case, err = casework.Find(ctx, tx, RosterMachine, id)
	return v, err
}

// UnmaskIn shows name and phone in full to who gives a reason; the reading is an event.
func (s *Service) UnmaskIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, reason string) (name, phone string, err error) {
	v, err := s.byID(ctx, tx, id)
	if err != nil {
		return "", "", err
	}
	at := authz.Place{Division: v.Division}
	if err := authz.Require(who, authz.VolunteerRead, at); err != nil {
		return "", "", err
	}
	if err := identity.Unmasked(ctx, tx, who, at, v.Object(), reason); err != nil {
		return "", "", err
	}
	return s.inFull(ctx, tx, id)
}

// inFull is the name and the telephone in clear.
func (s *Service) inFull(ctx context.Context, tx *db.Tx, id db.ID) (name, phone string, err error) {
	type sealed struct{ name, phone []byte }
	b, _, err := db.One(ctx, tx, func(row db.Scanner) (b sealed, err error) { return b, row.Scan(&b.name, &b.phone) }, `SELECT name_sealed, phone_sealed FROM volunteer WHERE id = $1`, id)
	if err != nil {
		return "", "", err
	}
	if len(b.name) == 0 {
		return erasedName, "", nil
	}
	n, err := s.Keys.Open("volunteer", "name_sealed", id, b.name)
	if err != nil {
		return "", "", err
	}
	p, err := s.Keys.Open("volunteer", "phone_sealed", id, b.phone)
	if err != nil {
		return "", "", err
	}
	return string(n), string(p), nil
}
