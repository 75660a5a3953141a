package resident

import (
	"context"
	"strings"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
)

// TakeOrderIn takes a 12345 order over. An order that is here already stays as it
// is: known tells so, with the number that it got then.
func (s *Reports) TakeOrderIn(ctx context.Context, tx *db.Tx, who authz.Actor, in Submission) (out Receipt, known bool, err error) {
	in.Channel, in.SourceRef = Hotline, strings.TrimSpace(in.SourceRef)
	if in.SourceRef == "" {
		return Receipt{}, false, fault.New(fault.Invalid, "resident.order", "请填写工单编号。").With("order_no", "请填写工单编号。")
	}
	if err := tx.Lock(ctx, "resident_order", in.SourceRef); err != nil {
		return Receipt{}, false, err
	}
	if out.Report, out.Number, err = bySource(ctx, tx, Hotline, in.SourceRef); err != nil || out.Report != 0 {
		return out, out.Report != 0, err
	}
	out, err = s.SubmitIn(ctx, tx, who, in)
	return out, false, err
}

// OrderOf finds a report by the number of its 12345 order.
func OrderOf(ctx context.Context, tx *db.Tx, ref string) (*Report, error) {
	id, _, err := bySource(ctx, tx, Hotline, ref)
	if err != nil {
		return nil, err
	}
	return reportOf(ctx, tx, id)
}

// ByKey is who acts with a key of the hotline: the program in the name of a
// system. A key that is none or was ended is refused as one.
func (s *Reports) ByKey(ctx context.Context, tx *db.Tx, key string) (who authz.Actor, id db.ID, err error) {
	c, err := s.ClientOf(ctx, tx, Hotline, key)
	if err != nil {
		return who, 0, err
	}
	return authz.System("order-interface"), c.ID, nil
}

// ProjectNamed finds the one project of a name, in a district if it is known;
// more than one or none is not found.
func ProjectNamed(ctx context.Context, tx *db.Tx, name string, at code.Division) (code.ProjectCode, bool, error) {
	list, err := db.All(ctx, tx, func(row db.Scanner) (c code.ProjectCode, err error) { return c, row.Scan(&c) }, `
		SELECT code FROM project WHERE name = $1 AND division >= $2 AND division < $3 ORDER BY code LIMIT 2`, name, string(at), string(at)+":")
	if err != nil || len(list) != 1 {
		return "", false, err
	}
	return list[0], true, nil
}
