package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"juli/internal/audit"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/supervision"
	"juli/internal/tlog"
)

// endings are the official acts after which an entry no longer stands on a list.
var endings = []string{"listing.corrected", "listing.repaired", "listing.removed"}

const wrongMax = 5 // named in one finding

// A verdict gathers what one check found wrong.
type verdict struct {
	key, name string
	wrong     []string
}

func (v *verdict) add(format string, args ...any) {
	v.wrong = append(v.wrong, fmt.Sprintf(format, args...))
}

func (v *verdict) finding() Finding {
	if len(v.wrong) == 0 {
		return Finding{v.key, v.name, true, "0 处不符"}
	}
	return Finding{v.key, v.name, false, fmt.Sprintf("%d 处不符：%s", len(v.wrong), strings.Join(v.wrong[:min(len(v.wrong), wrongMax)], "；"))}
}

// A record is the public log as the self-check reads it: what it tells of, by
// object and kind, and which acts still wait for it.
type record struct {
	told    map[string]tlog.Entry
	waiting map[string]bool
}

func about(object, kind string) string { return kind + " " + object }

func readLog(ctx context.Context, tx *db.Tx) (record, error) {
	r := record{map[string]tlog.Entry{}, map[string]bool{}}
	for e, err := range tlog.All(ctx, tx) {
		if err != nil {
			return r, err
		}
		r.told[about(e.Object, e.Kind)] = e
	}
	waits, err := audit.Waiting(ctx, tx, tlog.Consumer)
	for _, e := range waits {
		r.waiting[about(e.Object, e.Kind)] = true
	}
	return r, err
}

// holds compares what was published with what the log says of it.
func (r record) holds(v *verdict, what, object, kind, number, digest string) {
	e, told := r.told[about(object, kind)]
	switch {
	case !told && r.waiting[about(object, kind)]:
	case !told:
		v.add("%s没有记入公开日志", what)
	case e.Act.Number != number || e.Digest != digest:
		v.add("%s与公开日志所记的文号或摘要不符", what)
	}
}

// published holds what was made known to its frozen digest and to the public log:
// what somebody changed past the program shows here (AUD-4).
func (a *App) published(ctx context.Context, tx *db.Tx) ([]Finding, error) {
	results := verdict{key: "credit.published", name: "公布的评价结果与评价说明、摘要一致"}
	lists := verdict{key: "listing.published", name: "公布的红黑榜与摘要一致"}
	logged := verdict{key: "tlog.published", name: "公布的内容与公开日志所记一致"}
	log, err := readLog(ctx, tx)
	if err != nil {
		return nil, err
	}
	releases, err := credit.CheckPublished(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, p := range releases {
		what := p.Period + " 评价结果（" + p.Number + "）"
		if p.Wrong != "" {
			results.add("%s：%s", what, p.Wrong)
		}
		log.holds(&logged, what, "credit_publication:"+p.ID.String(), "credit.published", p.Number, p.Digest)
	}
	batches, err := (&listing.Service{DB: a.DB, City: a.City}).CheckPublished(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, b := range batches {
		what := b.Title + "（" + b.Number + "）"
		if b.Again != b.Digest {
			lists.add("%s：条目与公布时的摘要不符", what)
		}
		log.holds(&logged, what, b.Object(), "listing.published", b.Number, b.Again)
		log.endings(&logged, what, b)
	}
	missing, err := unlogged(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, m := range missing {
		logged.add("%s没有记入公开日志", m)
	}
	late, err := supervision.LapsedNotLate(ctx, tx)
	if err != nil {
		return nil, err
	}
	marks := verdict{key: "supervision.late", name: "逾期案件的标记与办理经过一致"}
	for _, no := range late {
		marks.add("%s", no)
	}
	return []Finding{results.finding(), lists.finding(), logged.finding(), marks.finding()}, nil
}

// endings holds the entries of a batch to the acts by which they ended: none ends
// without one, and none stands after one.
func (r record) endings(v *verdict, what string, b listing.Checked) {
	said := func(e listing.Entry) bool {
		return slices.ContainsFunc(endings, func(kind string) bool {
			_, told := r.told[about(e.Object(), kind)]
			return told || r.waiting[about(e.Object(), kind)]
		})
	}
	for _, e := range b.Ended {
		if !said(e) {
			v.add("%s中的“%s”已移出，公开日志没有记载", what, e.Name)
		}
	}
	for _, e := range b.Stand {
		if said(e) {
			v.add("%s中的“%s”公开日志记为已移出，仍在榜", what, e.Name)
		}
	}
}

// unlogged lists official acts of the audit trail that are neither in the public
// log nor on their way into it.
func unlogged(ctx context.Context, tx *db.Tx) (out []string, err error) {
	for _, o := range officialActs {
		objects, err := db.All(ctx, tx, func(row db.Scanner) (s string, err error) { return s, row.Scan(&s) }, `
			SELECT e.object FROM audit_event e
			WHERE e.kind = $1 AND e.outcome = 'done'
				AND NOT EXISTS (SELECT 1 FROM tlog_entry t WHERE t.event = e.id)
				AND NOT EXISTS (SELECT 1 FROM audit_pending p WHERE p.consumer = $2 AND p.event_id = e.id)
			ORDER BY e.id LIMIT 20`, o.kind, tlog.Consumer)
		if err != nil {
			return nil, err
		}
		for _, object := range objects {
			out = append(out, o.title+" "+object)
		}
	}
	return out, nil
}
