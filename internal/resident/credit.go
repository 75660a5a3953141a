package resident

import (
	"context"
	"strconv"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
)

// FeedCredit reports for every project how many of its reports were answered
// late, as the rulebook wants them counted. What did not change since the last
// time is not reported again.
func (s *Reports) FeedCredit(ctx context.Context) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.FeedCreditIn(ctx, tx) })
}

// FeedCreditIn is FeedCredit in the caller's transaction.
func (s *Reports) FeedCreditIn(ctx context.Context, tx *db.Tx) error {
	book, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return err
	}
	rows, err := lateNow(ctx, tx, book, tx.Today())
	if err != nil {
		return err
	}
	for _, x := range rows {
		if x.now == x.said {
			continue
		}
		at := authz.Place{Division: x.division, Enterprise: x.enterprise, Project: string(x.project)}
		subject := credit.Subject{Kind: credit.Project, ID: x.id}
		if err := s.Evaluations.ReportInput(ctx, tx, authz.System("resident"), subject, at, book.Credit.Input, tx.Today(), x.now, "resident"); err != nil {
			return err
		}
	}
	return nil
}

type lateRow struct {
	project    code.ProjectCode
	id         db.ID
	division   code.Division
	enterprise code.USCC
	now, said  int64
}

// lateNow counts the late reports of the months that count, beside what was last
// reported; late are those that a firm held when a deadline passed, since what
// another office left lying is not the firm's fault; projects whose count fell to nothing are among them.
func lateNow(ctx context.Context, tx *db.Tx, book *Book, today day.Date) ([]lateRow, error) {
	args := []any{today.AddMonths(-book.Credit.Months), book.Credit.Input, int64(credit.Project)}
	in := "''"
	for _, c := range book.Credit.Classes {
		args = append(args, c)
		in += ", $" + strconv.Itoa(len(args))
	}
	return db.All(ctx, tx, func(row db.Scanner) (x lateRow, err error) {
		return x, row.Scan(&x.project, &x.id, &x.division, &x.enterprise, &x.now, &x.said)
	}, `
		SELECT p.code, p.id, p.division, COALESCE(p.enterprise, ''), c.now, c.said FROM (
			SELECT project, CAST(SUM(now) AS BIGINT) AS now, CAST(SUM(said) AS BIGINT) AS said FROM (
				SELECT project, COUNT(*) AS now, 0 AS said FROM resident_report
				WHERE late AND EXISTS (
					SELECT 1 FROM casework_step s JOIN casework_step b ON b.case_id = s.case_id AND b.version = s.version - 1
					WHERE s.case_id = resident_report.id AND s.act = '`+actOverdue+`' AND b.holder LIKE '`+string(authz.Enterprise)+`@%')
					AND received_on >= $1 AND class IN (`+in+`) AND state NOT IN ('merged', 'refused') GROUP BY project
				UNION ALL
				SELECT q.code, 0, i.value FROM credit_input i JOIN project q ON q.id = i.subject
				WHERE i.kind = $3 AND i.name = $2 AND i.value > 0 AND i.module = 'resident' AND i.id = (
					SELECT MAX(j.id) FROM credit_input j WHERE j.kind = $3 AND j.subject = i.subject AND j.name = $2)
			) AS counted GROUP BY project
		) AS c JOIN project p ON p.code = c.project
		ORDER BY p.code LIMIT 100000`, args...)
}
