package resident

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
)

// TakeOrderIn takes a 12345 order over. An order that is here already stays as it
// is: known tells so, with the number that it got then. Another order under its
// number is refused: it would be lost.
func (s *Reports) TakeOrderIn(ctx context.Context, tx *db.Tx, who authz.Actor, in Submission) (out Receipt, known bool, err error) {
	in.Channel, in.SourceRef = Hotline, strings.TrimSpace(in.SourceRef)
	if err := checkOrderNo(in.SourceRef); err != nil {
		return Receipt{}, false, err
	}
	if err := tx.Lock(ctx, "resident_order", in.SourceRef); err != nil {
		return Receipt{}, false, err
	}
	r, err := s.KnownOrder(ctx, tx, in)
	if err != nil {
		return Receipt{}, false, err
	}
	if r != nil {
		return Receipt{Report: r.ID, Number: r.Number}, true, nil
	}
	if err := s.CheckOrder(ctx, tx, in); err != nil {
		return Receipt{}, false, err
	}
	out, err = s.SubmitIn(ctx, tx, who, in)
	return out, false, err
}

// KnownOrder is the report that was made of an order, nil if it is new. The same
// number with other content is refused.
func (s *Reports) KnownOrder(ctx context.Context, tx *db.Tx, in Submission) (*Report, error) {
	if err := checkOrderNo(in.SourceRef); err != nil {
		return nil, err
	}
	r, err := OrderOf(ctx, tx, in.SourceRef)
	if fault.Is(err, "authz.not-found") {
		return nil, nil //nolint:nilnil // a new one
	}
	if err != nil {
		return nil, err
	}
	phone, err := db.Value[[]byte](ctx, tx, `SELECT phone_blind FROM resident_voice WHERE report = $1 ORDER BY id LIMIT 1`, r.ID)
	if err != nil {
		return nil, err
	}
	if !sameOrder(r, in) || in.Phone != "" && len(phone) > 0 && !bytes.Equal(phone, s.blind(in.Phone)) {
		return nil, fault.New(fault.Conflict, "resident.order-other", "工单编号已用于另一件内容不同的工单（诉求编号 %s），没有登记。请核对编号。", r.Number).With("order_no", "编号已用于另一件内容不同的工单。")
	}
	return r, nil
}

// sameOrder says whether nothing of an order contradicts the report that was made
// of its number. What is not said contradicts nothing, nor does what was erased.
func sameOrder(r *Report, in Submission) bool {
	class := in.Class
	if class == "" {
		class = "HELP"
	}
	return r.Project == in.Project && r.Class == class && r.Building == in.Building &&
		(in.Topic == "" || r.Topic == in.Topic) &&
		(in.Received == 0 || r.ReceivedOn == in.Received) &&
		(r.Body == "" || r.Body == tidy(in.Body) && r.Spot == tidy(in.Spot))
}

// CheckOrder refuses a day of receipt that is too long ago: its quarter is over and
// its figures are published.
func (s *Reports) CheckOrder(ctx context.Context, tx *db.Tx, in Submission) error {
	book, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return err
	}
	first := tx.Today().AddDays(-book.OrderDays)
	if in.Received == 0 || in.Received >= first && in.Received <= tx.Today() {
		return nil
	}
	text := fmt.Sprintf("受理日期应在 %s 至今天之间（规则：%d 天以内）。", first, book.OrderDays)
	return fault.New(fault.Invalid, "resident.order-day", "%s", text).With("received", text)
}

// validOrderNo says whether a number of an order can be one: printed characters
// alone, so that it is dictated, searched and written into a file as it is.
func validOrderNo(s string) bool {
	return s != "" && len(s) <= orderMax && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsGraphic(r)
	})
}

const orderMax = 64 // bytes

func checkOrderNo(s string) error {
	if validOrderNo(s) {
		return nil
	}
	return fault.New(fault.Invalid, "resident.order", "请填写工单编号，最长 64 个字节，不含空格和控制字符。").With("order_no", "请填写工单编号，最长 64 个字节，不含空格和控制字符。")
}

// OrderOf finds a report by the number of its 12345 order.
func OrderOf(ctx context.Context, tx *db.Tx, ref string) (*Report, error) {
	if !validOrderNo(ref) {
		return nil, noReport()
	}
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
		SELECT code FROM project WHERE name = $1 AND division >= $2 AND division < $3 ORDER BY code LIMIT 2`, tidy(name), string(at), string(at)+":")
	if err != nil || len(list) != 1 {
		return "", false, err
	}
	return list[0], true, nil
}
