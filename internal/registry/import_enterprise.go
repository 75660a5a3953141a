package registry

import (
	"context"
	"strconv"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
)

func itoa(n int) string { return strconv.Itoa(n) }

// ImportEnterprises registers the enterprises of a file: every row is checked
// and reported; rows are stored as long as none is wrong, so the caller ends the
// transaction with Tally.Err. Known codes become new versions, unchanged ones
// stay untouched. Both check digits are verified: a wrong outer one is an error,
// a wrong inner one a warning.
func (s *Service) ImportEnterprises(ctx context.Context, tx *db.Tx, who authz.Actor, in Input, report func(Problem)) (Tally, error) {
	b := newBatch()
	im := &importer[Enterprise]{s: s, who: who, in: in, report: report}
	im.hooks = hooks[Enterprise]{
		kind: "enterprise", fields: enterpriseFields, key: "uscc",
		before: func(ctx context.Context, tx *db.Tx, items []*item[Enterprise]) error {
			return s.knownEnterprises(ctx, tx, im, items)
		},
		finish: func(it *item[Enterprise]) error { return finishEnterprise(tx, im, it) },
		store: func(ctx context.Context, tx *db.Tx, fresh []Enterprise, changed []pair[Enterprise]) error {
			return s.storeEnterprises(ctx, tx, b, fresh, changed)
		},
	}
	tally, err := im.run(ctx, tx)
	if err != nil || tally.Errors > 0 || in.Dry {
		return tally, err
	}
	return tally, b.close(ctx, tx)
}

func (s *Service) knownEnterprises(ctx context.Context, tx *db.Tx, im *importer[Enterprise], items []*item[Enterprise]) error {
	codes := make([]code.USCC, 0, len(items))
	for _, it := range items {
		uscc, err := code.ParseUSCC(im.keyCell(it))
		if err != nil {
			im.refuse(it, im.key, fault.From(err).Rule, fault.From(err).Text)
			continue
		}
		it.key = string(uscc)
		if im.once(it); it.bad {
			continue
		}
		codes = append(codes, uscc)
	}
	known, err := s.enterprisesOf(ctx, tx, codes)
	if err != nil {
		return err
	}
	for _, it := range items {
		it.old, it.known = known[code.USCC(it.key)]
	}
	return nil
}

func finishEnterprise(tx *db.Tx, im *importer[Enterprise], it *item[Enterprise]) error {
	e := &it.now
	if !it.known && !e.USCC.InnerOK() {
		im.warn(it, im.key, "code.uscc-inner", "组织机构代码的校验位不符，请核对。")
	}
	settle(&e.State, &e.Entered, &e.LeftOn, tx.Today())
	if *e != it.old {
		e.Change = im.change
	}
	refused := fault.New(fault.Invalid, "registry.reference", "请改正标出的内容。")
	im.place(refused, e.Division)
	if it.known && it.old.Division != e.Division {
		im.place(refused, it.old.Division)
	}
	if err := refused.OrNil(); err != nil {
		return err
	}
	return checkEnterprise(e, tx.Today())
}
