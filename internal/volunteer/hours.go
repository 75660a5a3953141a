package volunteer

import (
	"context"
	"fmt"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/identity"
)

// HoldIn notes who came and how long, on the day of the call or later. Somebody
// who waits for being accepted does not count.
func (s *Service) HoldIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, minutes map[db.ID]int64) error {
	c, err := s.takeCall(ctx, tx, who, t.ID, authz.VolunteerCall)
	if err != nil {
		return err
	}
	if c.State == Open && tx.Today() < c.On {
		return fault.New(fault.Invalid, "volunteer.early", "服务日期还没有到。").With("act", "服务日期是 "+c.On.String()+"，当天或以后才能登记时长。")
	}
	list, err := s.signups(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	if err := tx.Lock(ctx, "volunteer_day", c.On.String()); err != nil {
		return err
	}
	b, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return err
	}
	bad := fault.New(fault.Invalid, "volunteer.minutes", "请改正标出的内容。")
	came, most := 0, min(b.DayMinutes, c.Minutes+b.BeyondMinutes)
	for _, x := range list {
		n := minutes[x.ID]
		other, err := elsewhere(ctx, tx, c, x.ID)
		if err != nil {
			return err
		}
		switch {
		case n < 0 || n > most:
			bad.With("m-"+x.ID.String(), fmt.Sprintf("请填写 0 到 %d 分钟（计划 %d 分钟，最多多记 %d 分钟，且一天不超过 %d 分钟），没有到场填 0。", most, c.Minutes, b.BeyondMinutes, b.DayMinutes))
		case n > 0 && n+other > b.DayMinutes:
			bad.With("m-"+x.ID.String(), fmt.Sprintf("这位志愿者当天在其他服务中已登记 %d 分钟，一天合计不超过 %d 分钟。", other, b.DayMinutes))
		case n > 0 && x.State != Active:
			bad.With("m-"+x.ID.String(), "这位志愿者还没有确认登记，请先办理。")
		}
		if n > 0 {
			came++
		}
		if _, err := tx.Exec(ctx, `UPDATE volunteer_signup SET minutes = $3 WHERE call = $1 AND volunteer = $2`, c.ID, x.ID, n); err != nil {
			return err
		}
	}
	if err := bad.OrNil(); err != nil {
		return err
	}
	if came == 0 {
		return fault.New(fault.Invalid, "volunteer.nobody", "没有人到场。").With("act", "没有人到场的，请写明情况后取消这次招募。")
	}
	return s.moveCall(ctx, tx, who, c, t, ActHold, "volunteer.held")
}

// elsewhere is how many minutes of a volunteer are noted in other calls of the day, in
// whatever community: the telephone is the person's.
func elsewhere(ctx context.Context, tx *db.Tx, c Call, id db.ID) (int64, error) {
	return db.Value[int64](ctx, tx, `
		SELECT CAST(COALESCE(SUM(u.minutes), 0) AS BIGINT)
		FROM volunteer_call k JOIN volunteer_signup u ON u.call = k.id JOIN volunteer w ON w.id = u.volunteer
		WHERE k.on_day = $1 AND k.id <> $2 AND k.state IN ('held', 'confirmed') AND w.phone_blind = (SELECT phone_blind FROM volunteer WHERE id = $3)`,
		c.On, c.ID, id)
}

// ConfirmIn confirms the hours by another person of the community than the one who
// noted them, who is not one of the volunteers.
func (s *Service) ConfirmIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	c, err := s.takeCall(ctx, tx, who, t.ID, authz.VolunteerConfirm)
	if err != nil {
		return err
	}
	return s.confirm(ctx, tx, who, c, t, ActConfirm, byCommunity, authz.VolunteerConfirm)
}

// ServedIn confirms the hours by who was served, with the code of the slip.
func (s *Service) ServedIn(ctx context.Context, tx *db.Tx, who authz.Actor, typed string) (Call, error) {
	wrong := fault.New(fault.Invalid, "volunteer.code", "确认码不对。").With("code", "没有这个确认码，请对照确认单再输入一次。")
	given := readCode(typed)
	if len(given) != codeChars {
		return Call{}, wrong
	}
	id, ok, err := db.One(ctx, tx, func(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) }, `SELECT id FROM volunteer_call WHERE code_blind = $1`, s.blind(given))
	if err != nil {
		return Call{}, err
	}
	if !ok {
		return Call{}, wrong
	}
	c, err := s.takeCall(ctx, tx, who, id, authz.VolunteerServed)
	if err != nil {
		return c, err
	}
	k, err := casework.Find(ctx, tx, CallMachine, id)
	if err != nil {
		return c, err
	}
	if k.State != Held {
		return c, fault.New(fault.Invalid, "volunteer.not-held", "这次服务现在不能确认。").With("code", "这次服务"+k.StateTitle()+"，现在不需要确认。")
	}
	return c, s.confirm(ctx, tx, who, c, Take{ID: id, Version: k.Version}, ActServed, "SERVED", authz.VolunteerServed)
}

func (s *Service) confirm(ctx context.Context, tx *db.Tx, who authz.Actor, c Call, t Take, act, by string, may authz.Act) error {
	list, err := s.signups(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	var persons []db.ID
	for _, x := range list {
		if x.Came > 0 {
			persons = append(persons, x.Person)
		}
	}
	if err := authz.RequireOther(who, may, persons...); err != nil {
		return err
	}
	if err := s.notOwn(ctx, tx, who, list); err != nil {
		return err
	}
	c.People, c.Total = 0, 0
	account := any(nil)
	if who.Account != 0 && by == byCommunity {
		account = who.Account
	}
	var served []Signup
	for _, x := range list {
		if x.Came > 0 {
			c.People, c.Total, served = c.People+1, c.Total+x.Came, append(served, x)
		}
	}
	if err := s.moveCall(ctx, tx, who, c, t, act, "volunteer.confirmed"); err != nil {
		return err
	}
	for _, x := range served {
		_, err := tx.Exec(ctx, `INSERT INTO volunteer_hour (call, volunteer, division, on_day, minutes, confirmed, account, confirmed_on) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			c.ID, x.ID, string(c.Division), c.On, x.Came, by, account, tx.Today())
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE volunteer SET minutes = minutes + $2 WHERE id = $1`, x.ID, x.Came); err != nil {
			return err
		}
	}
	return nil
}

// notOwn keeps somebody of the staff from confirming the own hours, entered without the
// account: by the telephone or the full name.
func (s *Service) notOwn(ctx context.Context, tx *db.Tx, who authz.Actor, list []Signup) error {
	if who.Person == 0 {
		return nil
	}
	for _, x := range list {
		if x.Came == 0 {
			continue
		}
		name, phone, err := s.inFull(ctx, tx, x.ID)
		if err != nil {
			return err
		}
		same, err := identity.Same(ctx, tx, s.Keys, who.Person, name, phone)
		if err != nil {
			return err
		}
		if same {
			return fault.New(fault.Forbidden, "authz.same-person", "到场名单里有与您同名或同一电话的志愿者，请由社区的另一位同事确认，或由服务对象凭确认单确认。")
		}
	}
	return nil
}

// ReturnIn sends noted hours back to be noted anew.
func (s *Service) ReturnIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	c, err := s.takeCall(ctx, tx, who, t.ID, authz.VolunteerConfirm)
	if err != nil {
		return err
	}
	return s.moveCall(ctx, tx, who, c, t, ActReturn, "volunteer.returned")
}

// Broken lists the volunteers and calls whose kept totals are not the sum of their
// confirmed hours: none, ever.
func Broken(ctx context.Context, tx *db.Tx) ([]string, error) {
	return db.All(ctx, tx, func(row db.Scanner) (s string, err error) {
		var id db.ID
		err = row.Scan(&id)
		return id.String(), err
	}, `SELECT v.id FROM volunteer v LEFT JOIN (SELECT volunteer, SUM(minutes) AS n FROM volunteer_hour GROUP BY volunteer) h ON h.volunteer = v.id
		WHERE v.minutes <> COALESCE(h.n, 0)
		UNION ALL
		SELECT c.id FROM volunteer_call c LEFT JOIN (SELECT call, SUM(minutes) AS n FROM volunteer_hour GROUP BY call) h ON h.call = c.id
		WHERE c.total <> COALESCE(h.n, 0) ORDER BY 1 LIMIT 100`)
}
