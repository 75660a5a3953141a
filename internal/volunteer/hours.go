package volunteer

import (
	"context"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
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
	bad := fault.New(fault.Invalid, "volunteer.minutes", "请改正标出的内容。")
	came := 0
	for _, x := range list {
		n := minutes[x.ID]
		switch {
		case n < 0 || n > minutesMax:
			bad.With("m-"+x.ID.String(), "请填写 0 到 720 分钟，没有到场填 0。")
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
