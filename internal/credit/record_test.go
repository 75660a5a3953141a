package credit_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/money"
	"juli/internal/notify"
)

func TestARecordFromProposalToItsEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		id := w.propose(office, w.order("道整字1号"))
		rec := w.want(id, credit.RecordChecked)
		if rec.Case.Holder.Key() != "district_bureau@230103" || rec.Case.Due != day.MustParse("2021-06-08") || w.entry(id) != "" {
			t.Errorf("proposed: %s due %s, entries %q", rec.Case.Holder.Key(), rec.Case.Due, w.entry(id))
		}
		w.on("2021-06-03")
		w.identify(district, id)
		rec = w.want(id, credit.RecordNoticed)
		if rec.Case.Holder.Enterprise != rec.Enterprise || rec.Case.Due != day.MustParse("2021-06-18") { // ten working days over 端午
			t.Errorf("noticed: held by %s until %s", rec.Case.Holder.Key(), rec.Case.Due)
		}
		if rec.Number != "哈住建信告〔2021〕1号" || rec.Identified != day.MustParse("2021-06-03") || rec.Due != day.MustParse("2021-06-18") {
			t.Errorf("notice %s, identified %s, rectify by %s", rec.Number, rec.Identified, rec.Due)
		}
		if w.entry(id) != "[]" {
			t.Errorf("entries %q before the effect", w.entry(id))
		}
		w.on("2021-06-18")
		w.advance()
		w.want(id, credit.RecordNoticed) // the last day is the subject's
		w.on("2021-06-25")               // the job was late: the law's day counts
		w.advance()
		rec = w.want(id, credit.RecordEffective)
		if rec.Effective != day.MustParse("2021-06-19") || rec.Until != day.MustParse("2021-12-03") || w.entry(id) != "[effective]" {
			t.Errorf("effective %s until %s, entries %q", rec.Effective, rec.Until, w.entry(id))
		}
		w.on("2021-12-03")
		w.advance()
		w.want(id, credit.RecordEffective) // the last day counts in this measure
		w.on("2021-12-04")
		w.advance()
		w.want(id, credit.RecordExpired)
		if got := w.events(id); got != "proposed identified noticed effective expired" {
			t.Errorf("events %q", got)
		}
		if len(rec.Messages) != 1 || rec.Messages[0].Message.Number != rec.Number {
			t.Errorf("letters %+v", rec.Messages)
		}
	})
}

func TestTheSubjectIsToldAndProofRemains(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		id := w.noticed("道整字1号")
		w.write(func(ctx context.Context, tx *db.Tx) error {
			if n, err := notify.Unread(ctx, tx, w.rival); err != nil || n != 0 {
				t.Errorf("the rival has %d letters, %v", n, err)
			}
			items, _, err := notify.Inbox(ctx, tx, w.firm, notify.Cursor{}, 10)
			if err != nil || len(items) != 1 {
				t.Fatal(len(items), err)
			}
			letter, err := notify.Open(ctx, tx, w.firm, items[0].ID)
			if err != nil || !strings.Contains(letter.Message.Body, "如有异议，请于2021年6月") || !strings.Contains(letter.Message.Body, "街道责令限期整改（HRB-N05）") {
				t.Errorf("letter %q, %v", letter.Message.Body, err)
			}
			if strings.Contains(letter.Message.Body, "楼道堆物") {
				t.Error("the facts left the record")
			}
			return nil
		})
		rec := w.dossier(city, id)
		w.must(w.d.Read(t.Context(), func(tx *db.Tx) error {
			proofs, err := notify.ProofOf(t.Context(), tx, day.DefaultCalendar(), rec.Messages[0].ID)
			for _, p := range proofs {
				if p.Party.Enterprise != "" && (p.OpenedBy != w.firm.Account || p.Served.How != notify.ByOpening) {
					t.Errorf("proof %+v", p)
				}
			}
			return err
		}))
	})
}

func TestGoodInformationTakesEffectWithItsNotice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		id := w.propose(w.firm, credit.Proposal{
			Item: "HRB-G03", Enterprise: w.homes[0].Enterprise, Event: w.today.AddDays(-10), Summary: "获市级表彰。", Honour: "2021年度市级先进",
			Document: credit.Document{Number: "哈政表1号", Issuer: "市政府", Date: w.today.AddDays(-10)},
		})
		rec := w.want(id, credit.RecordProposed)
		if rec.Case.Holder.Key() != "district_bureau@230103" {
			t.Errorf("checked by %s", rec.Case.Holder.Key())
		}
		for _, tt := range []struct {
			name string
			who  authz.Actor
			want string
		}{{"the city waits for the check", city, "casework.not-holder"}, {"another district", elsewhere, "credit.no-record"}, {"the firm itself", w.firm, "authz.denied"}, {"the district", district, ""}} {
			take := w.take(id, "")
			if rule := w.try(func(ctx context.Context, tx *db.Tx) error { return w.s.CheckIn(ctx, tx, tt.who, take) }); rule != tt.want {
				t.Errorf("%s: %q, want %q", tt.name, rule, tt.want)
			}
		}
		if rec = w.want(id, credit.RecordChecked); rec.Case.Holder.Key() != "city_bureau@2301" {
			t.Errorf("identified by %s", rec.Case.Holder.Key())
		}
		w.identify(city, id)
		if rec = w.want(id, credit.RecordEffective); rec.Effective != w.today || rec.Number == "" {
			t.Errorf("effective %s, letter %q", rec.Effective, rec.Number)
		}
		if rule := w.try(func(ctx context.Context, tx *db.Tx) error {
			return w.s.ApplyRepairIn(ctx, tx, w.firm, credit.Take{Record: id, Version: rec.Case.Version}, credit.Plain{Text: "申请修复"})
		}); rule != "credit.repair-good" {
			t.Errorf("repair of good information: %q", rule)
		}
	})
}

func TestObjection(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		object := func(who authz.Actor, id db.ID, ground string) string {
			take := w.take(id, "")
			return w.try(func(ctx context.Context, tx *db.Tx) error {
				return w.s.ObjectIn(ctx, tx, who, take, credit.Plain{Ground: ground, Text: "事实有出入。"})
			})
		}
		decide := func(who authz.Actor, id db.ID, uphold bool, note string) string {
			take := w.take(id, note)
			return w.try(func(ctx context.Context, tx *db.Tx) error { return w.s.DecideObjectionIn(ctx, tx, who, take, uphold) })
		}
		right, wrong, late := w.noticed("1号"), w.noticed("2号"), w.noticed("3号")
		if got := acts(w.dossier(w.firm, right)); got != "answer object report-mend" {
			t.Errorf("the firm may %q", got)
		}
		for _, tt := range []struct {
			name   string
			who    authz.Actor
			ground string
			want   string
		}{
			{"a rival does not see it", w.rival, "wrong_facts", "credit.no-record"},
			{"an official does not object", district2, "wrong_facts", "authz.denied"},
			{"a ground that the measure does not know", w.firm, "unfair", "credit.objection-ground"},
			{"wrong facts", w.firm, "wrong_facts", ""},
			{"one at a time", w.firm, "wrong_facts", "casework.state"},
		} {
			if rule := object(tt.who, right, tt.ground); rule != tt.want && (tt.want != "casework.state" || rule == "") {
				t.Errorf("%s: %q, want %q", tt.name, rule, tt.want)
			}
		}
		if rec := w.want(right, credit.RecordObjected); w.entry(right) != "[contested]" || rec.Case.Holder.Key() != "district_bureau@230103" || !rec.Contested {
			t.Errorf("objected: %s, held by %s", w.entry(right), rec.Case.Holder.Key())
		}
		if rule := decide(district, right, true, "事实有误"); rule != "authz.same-person" {
			t.Errorf("who identified it decides: %q", rule)
		}
		if rule := decide(district2, right, true, ""); rule != "casework.note" {
			t.Errorf("a decision without reason: %q", rule)
		}
		if rule := decide(district2, right, true, "事实有误"); rule != "" {
			t.Errorf("upheld: %q", rule)
		}
		if rec := w.want(right, credit.RecordUpheld); w.entry(right) != "[annulled]" || len(rec.Pleas) != 1 || !rec.Pleas[0].Granted || rec.Pleas[0].Number == "" {
			t.Errorf("upheld: %s, %+v", w.entry(right), rec.Pleas)
		}
		if rule := object(w.firm, wrong, "wrong_law"); rule != "" {
			t.Error(rule)
		}
		if rule := decide(district2, wrong, false, "依据正确"); rule != "" {
			t.Errorf("dismissed: %q", rule)
		}
		if rec := w.want(wrong, credit.RecordEffective); w.entry(wrong) != "[effective]" || rec.Effective != w.today {
			t.Errorf("dismissed: %s", w.entry(wrong))
		}
		if rule := object(w.firm, wrong, "wrong_law"); rule != "credit.objection-again" {
			t.Errorf("a second objection: %q", rule)
		}
		w.on(w.want(late, credit.RecordNoticed).Case.Due.AddDays(1).String())
		if rule := object(w.firm, late, "wrong_law"); rule != "credit.objection-late" {
			t.Errorf("a late objection: %q", rule)
		}
		if got := w.events(right); got != "proposed identified noticed objected objection-upheld" {
			t.Errorf("events %q", got)
		}
	})
}

func TestRepair(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		id := w.effective("1号")
		apply := func() string {
			take := w.take(id, "")
			return w.try(func(ctx context.Context, tx *db.Tx) error {
				return w.s.ApplyRepairIn(ctx, tx, w.firm, take, credit.Plain{Text: "已整改，申请修复。"})
			})
		}
		decide := func(who authz.Actor, grant bool, note string) string {
			take := w.take(id, note)
			return w.try(func(ctx context.Context, tx *db.Tx) error { return w.s.DecideRepairIn(ctx, tx, who, take, grant) })
		}
		rectify := func(on day.Date) string { return w.rectify(office2, id, on) }
		if rule := apply(); rule != "credit.repair-rectify" {
			t.Errorf("unrectified: %q", rule)
		}
		if rule := rectify(w.today.AddDays(1)); rule != "credit.rectify-day" {
			t.Errorf("rectified tomorrow: %q", rule)
		}
		if rule := rectify(w.today); rule != "" || w.entry(id) != "[effective rectified]" {
			t.Errorf("rectified: %q, %s", rule, w.entry(id))
		}
		if rule := rectify(w.today); rule != "credit.rectified" {
			t.Errorf("rectified twice: %q", rule)
		}
		if rule := apply(); rule != "credit.repair-age" {
			t.Errorf("too young: %q", rule)
		}
		w.on("2021-09-01") // three months after identification
		if rule := apply(); rule != "" {
			t.Errorf("applied: %q", rule)
		}
		if rule := decide(district, true, ""); rule != "authz.same-person" {
			t.Errorf("who identified it repairs it: %q", rule)
		}
		if rule := decide(district2, false, ""); rule != "casework.note" {
			t.Errorf("refused without reason: %q", rule)
		}
		if rule := decide(district2, false, "材料不全"); rule != "" {
			t.Errorf("refused: %q", rule)
		}
		w.want(id, credit.RecordEffective)
		if rule := apply(); rule != "" {
			t.Errorf("applied again: %q", rule)
		}
		if rule := decide(district3, true, ""); rule != "" {
			t.Errorf("granted: %q", rule)
		}
		rec := w.want(id, credit.RecordRepaired)
		if w.entry(id) != "[effective rectified repaired]" || rec.Repaired != w.today || len(rec.Pleas) != 2 {
			t.Errorf("repaired: %s, %d pleas", w.entry(id), len(rec.Pleas))
		}
		w.on(rec.Until.AddDays(1).String())
		w.advance()
		w.want(id, credit.RecordExpired)
	})
}

func TestRelapseBarsRepair(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		id := w.effective("1号")
		if rule := w.rectify(office2, id, w.today); rule != "" {
			t.Fatal(rule)
		}
		w.on("2021-09-10")
		w.effective("2号")
		take := w.take(id, "")
		if rule := w.try(func(ctx context.Context, tx *db.Tx) error {
			return w.s.ApplyRepairIn(ctx, tx, w.firm, take, credit.Plain{Text: "申请修复"})
		}); rule != "credit.repair-relapse" {
			t.Errorf("after a relapse: %q", rule)
		}
	})
}

func TestAnnulmentVoidsFromTheStart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		id := w.effective("1号")
		for _, tt := range []struct {
			name string
			who  authz.Actor
			note string
			want string
		}{
			{"a street", office, "判决撤销", "authz.denied"},
			{"the subject", w.firm, "判决撤销", "authz.denied"},
			{"who identified it", district, "判决撤销", "authz.same-person"},
			{"without reason", district2, "", "credit.annul"},
			{"the district", district2, "判决撤销", ""},
			{"twice", district2, "判决撤销", "casework.state"},
		} {
			if rule := w.askAnnul(tt.who, id, tt.note); rule != tt.want {
				t.Errorf("asked by %s: %q, want %q", tt.name, rule, tt.want)
			}
		}
		w.want(id, credit.RecordEffective)
		for _, tt := range []struct {
			name string
			who  authz.Actor
			want string
		}{
			{"who asked", district2, "authz.same-person"},
			{"who identified it", district, "authz.same-person"},
			{"the city, which was not asked", city, "casework.not-holder"},
			{"a third person", district3, ""},
			{"again", district3, "credit.annul-unasked"},
		} {
			if rule := w.decideAnnul(tt.who, id, true); rule != tt.want {
				t.Errorf("agreed by %s: %q, want %q", tt.name, rule, tt.want)
			}
		}
		w.want(id, credit.RecordAnnulled)
		if w.entry(id) != "[effective annulled]" || !strings.HasSuffix(w.events(id), "annulled") {
			t.Errorf("entries %s, events %s", w.entry(id), w.events(id))
		}
	})
}

func TestDraftsBelongToTheirBody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		var id db.ID
		w.write(func(ctx context.Context, tx *db.Tx) (err error) {
			id, err = w.s.SaveDraftIn(ctx, tx, office, credit.Take{}, credit.Proposal{Project: w.homes[0].Code})
			return err
		})
		for name, who := range map[string]authz.Actor{"the district": district, "the firm": w.firm, "another district": elsewhere} {
			if rule := w.try(func(ctx context.Context, tx *db.Tx) error { _, err := w.s.Record(ctx, tx, who, id); return err }); rule != "credit.no-record" {
				t.Errorf("%s reads the draft: %q", name, rule)
			}
		}
		mine := w.dossier(office, id)
		if got := acts(mine); got != "edit propose withdraw" {
			t.Errorf("the street may %q", got)
		}
		take := credit.Take{Record: id, Version: mine.Case.Version}
		if rule := w.try(func(ctx context.Context, tx *db.Tx) error { return w.s.ProposeDraftIn(ctx, tx, office, take) }); rule != "credit.proposal" {
			t.Errorf("an unfinished draft: %q", rule)
		}
		w.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.s.SaveDraftIn(ctx, tx, office, take, w.order("1号"))
			return err
		})
		if rule := w.try(func(ctx context.Context, tx *db.Tx) error { return w.s.ProposeDraftIn(ctx, tx, office, take) }); rule != "casework.stale" {
			t.Errorf("an old version: %q", rule)
		}
		take.Version = w.dossier(office, id).Case.Version
		w.write(func(ctx context.Context, tx *db.Tx) error { return w.s.ProposeDraftIn(ctx, tx, office, take) })
		rec := w.want(id, credit.RecordChecked)
		if rec.Item != "HRB-N05" || rec.Body != "subdistrict@230103001" {
			t.Errorf("handed in %+v", rec.Filed)
		}
		withdraw := func(who authz.Actor) string {
			take := w.take(id, "")
			return w.try(func(ctx context.Context, tx *db.Tx) error { return w.s.WithdrawIn(ctx, tx, who, take) })
		}
		if rule := withdraw(district); rule != "credit.not-own" {
			t.Errorf("the district withdraws the street's: %q", rule)
		}
		if rule := withdraw(office); rule != "" {
			t.Errorf("withdrawn: %q", rule)
		}
		w.want(id, credit.RecordWithdrawn)
		w.propose(office, w.order("1号")) // what was withdrawn is in nobody's way
	})
}

func TestWhoMayPropose(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		for i, tt := range []struct {
			name string
			who  authz.Actor
			item string
			want string
		}{
			{"the street its order", office, "HRB-N05", ""},
			{"the district not the street's", district, "HRB-N05", "credit.not-proposer"},
			{"the district its own", district, "HRB-N10", ""},
			{"the firm not against itself", w.firm, "HRB-N10", "credit.not-proposer"},
			{"another district sees nothing", elsewhere, "HRB-N10", "authz.not-found"},
			{"a rival sees nothing", w.rival, "HRB-N10", "authz.not-found"},
			{"the community the snow", residents, "HRB-N11", ""},
			{"the association not", guild, "HRB-N11", "credit.not-proposer"},
			{"the association its criticism", guild, "HRB-N07", ""},
			{"a visitor", authz.Anonymous, "HRB-N07", "authz.anonymous"},
			{"an unknown item", district, "HRB-X99", "credit.proposal"},
		} {
			p := w.order(strings.Repeat("第", i+1))
			p.Item, p.Document.Type = tt.item, ""
			if tt.item == "HRB-N05" {
				p.Document.Type = "HLJ-N3"
			}
			if tt.item == "HRB-N07" {
				p.Document.Type = "HLJ-N4"
			}
			if rule := w.try(func(ctx context.Context, tx *db.Tx) error { _, err := w.s.ProposeIn(ctx, tx, tt.who, p); return err }); rule != tt.want {
				t.Errorf("%s: %q, want %q", tt.name, rule, tt.want)
			}
		}
	})
}

func TestWhatAProposalNeeds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		for _, tt := range []struct {
			name  string
			spoil func(*credit.Proposal)
			field string
		}{
			{"the future", func(p *credit.Proposal) { p.Event = w.today.AddDays(1) }, "event"},
			{"no facts", func(p *credit.Proposal) { p.Summary = " " }, "summary"},
			{"no proof", func(p *credit.Proposal) { p.Document = credit.Document{Type: "HLJ-N3"} }, "files"},
			{"a number without issuer", func(p *credit.Proposal) { p.Document.Issuer = "" }, "document_issuer"},
			{"the wrong proof", func(p *credit.Proposal) { p.Document.Type = "HLJ-N1" }, "document_type"},
			{"an end before the beginning", func(p *credit.Proposal) { p.Document.Expires = p.Document.Date.AddDays(-1) }, "document_expires"},
			{"a file that nobody uploaded", func(p *credit.Proposal) { p.Files = []credit.FileRef{{ID: 5}} }, "files"},
			{"another firm's project", func(p *credit.Proposal) { p.Projects = append(p.Projects, w.homes[2].Code) }, "projects"},
			{"the wrong firm", func(p *credit.Proposal) { p.Enterprise = w.homes[2].Enterprise }, "project"},
			{"an order to hang on", func(p *credit.Proposal) { p.Item = "HRB-N06" }, "parent"},
			{"a person of nowhere", func(p *credit.Proposal) { p.Person = 77 }, "person"},
		} {
			p := w.order("1号")
			tt.spoil(&p)
			err := w.d.Write(t.Context(), func(tx *db.Tx) error { _, err := w.s.ProposeIn(t.Context(), tx, office, p); return err })
			if f := fault.From(err); f == nil || f.Kind != fault.Invalid || f.Fields[tt.field] == "" {
				t.Errorf("%s: %v, want the field %s", tt.name, err, tt.field)
			}
		}
	})
}

func TestOneEventScoresSeveralProjects(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		p := w.order("1号")
		p.Projects = append(p.Projects, w.homes[1].Code, w.homes[0].Code)
		id := w.propose(office, p)
		w.identify(district, id)
		if got := w.entry(id); got != "[][]" {
			t.Errorf("entries %q, want two", got)
		}
	})
}

func TestDuplicatesAreShown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		first := w.order("1号")
		first.Files = []credit.FileRef{w.upload("a,b\n1,2\n")}
		id := w.propose(office, first)
		otherProject, again, copied, known, stolen := w.order("1号"), w.order("1号"), w.order("2号"), w.order("1号"), w.order("3号")
		otherProject.Project = w.homes[1].Code
		copied.Project, copied.Files = w.homes[1].Code, []credit.FileRef{w.upload("a,b\n1,2\n")}
		known.Project, known.Known = w.homes[1].Code, true
		again.Known = true
		stolen.Files = first.Files
		for _, tt := range []struct {
			name string
			p    credit.Proposal
			want string
		}{
			{"the same document for the same subject", again, "credit.same"},
			{"the same document for another project", otherProject, "credit.duplicate"},
			{"a copy of the same file", copied, "credit.duplicate"},
			{"another record's file", stolen, "credit.file"},
			{"the same document, looked at", known, ""},
		} {
			if rule := w.try(func(ctx context.Context, tx *db.Tx) error { _, err := w.s.ProposeIn(ctx, tx, office, tt.p); return err }); rule != tt.want {
				t.Errorf("%s: %q, want %q", tt.name, rule, tt.want)
			}
		}
		w.must(w.d.Read(t.Context(), func(tx *db.Tx) error {
			alike, hidden, err := w.s.Likenesses(t.Context(), tx, office, copied)
			if len(alike) != 1 || hidden != 0 || alike[0].Record != id || alike[0].Why != "file" {
				t.Errorf("likenesses %+v", alike)
			}
			return err
		}))
		honour := credit.Proposal{
			Item: "HRB-G04", Enterprise: w.homes[0].Enterprise, Event: w.today.AddDays(-10), Summary: "获区级表彰。", Honour: "2021先进",
			Document: credit.Document{Number: "表1号", Issuer: "区政府"},
		}
		w.propose(w.firm, honour)
		honour.Item, honour.Document.Number = "HRB-G02", "表2号"
		if rule := w.try(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.s.ProposeIn(ctx, tx, w.firm, honour)
			return err
		}); rule != "credit.duplicate" {
			t.Errorf("the same honour: %q", rule)
		}
	})
}

func TestManyAtOnceWithAResultEach(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		a, b, own := w.propose(office, w.order("1号")), w.propose(office, w.order("2号")), w.order("3号")
		own.Item, own.Document.Type = "HRB-N10", ""
		mine := w.propose(district, own)
		takes := []credit.Take{w.take(a, ""), w.take(b, ""), w.take(mine, ""), {Record: 99, Version: 1}}
		takes[1].Version = 9
		var results []casework.Result
		w.write(func(ctx context.Context, tx *db.Tx) (err error) {
			results, err = w.s.ManyIn(ctx, tx, district, credit.ActIdentify, takes)
			return err
		})
		if got := rulesOf(results); got != "ok casework.stale authz.same-person credit.no-record" {
			t.Errorf("results %q", got)
		}
		w.want(a, credit.RecordNoticed)
		w.want(b, credit.RecordChecked)
		if rec := w.want(a, credit.RecordNoticed); rec.Number != "哈住建信告〔2021〕1号" {
			t.Errorf("number %s: a refused row took one", rec.Number)
		}
	})
}

func TestTheSystemProposesOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		found := credit.Proposal{Item: "HRB-B03", Project: w.homes[0].Code, Event: w.today, Summary: "未确定项目经理。"}
		var first, second db.ID
		w.write(func(ctx context.Context, tx *db.Tx) error {
			var fresh bool
			var err error
			if first, fresh, err = w.s.ProposeSystem(ctx, tx, "findings", found); err != nil || !fresh {
				t.Errorf("first: fresh %v, %v", fresh, err)
			}
			if second, fresh, err = w.s.ProposeSystem(ctx, tx, "findings", found); err != nil || fresh || second != first {
				t.Errorf("second: fresh %v, %v", fresh, err)
			}
			return nil
		})
		if rec := w.want(first, credit.RecordChecked); rec.Source != "system" || rec.Case.Holder.Key() != "district_bureau@230103" {
			t.Errorf("found: %s held by %s", rec.Source, rec.Case.Holder.Key())
		}
		w.identify(district, first)
		w.want(first, credit.RecordNoticed)
	})
}

func TestImportIsIdempotent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		past := credit.PastRecord{Identified: day.MustParse("2021-04-20"), Effective: day.MustParse("2021-04-25")}
		p := w.order("旧1号")
		p.Event = day.MustParse("2021-04-16")
		p.Document.Date = p.Event
		var ids []db.ID
		for range 2 {
			w.write(func(ctx context.Context, tx *db.Tx) error {
				id, _, err := w.s.ImportIn(ctx, tx, district, p, past)
				ids = append(ids, id)
				return err
			})
		}
		if ids[0] != ids[1] || w.entry(ids[0]) != "[effective]" {
			t.Errorf("imported %v, %s", ids, w.entry(ids[0]))
		}
		if rule := w.try(func(ctx context.Context, tx *db.Tx) error {
			_, _, err := w.s.ImportIn(ctx, tx, office, p, past)
			return err
		}); rule != "authz.denied" {
			t.Errorf("a street imports: %q", rule)
		}
	})
}

func TestListsShowWhatOneMaySee(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		w.propose(office, w.order("1号"))
		w.propose(office, w.order("2号"))
		w.noticed("3号")
		w.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.s.SaveDraftIn(ctx, tx, office, credit.Take{}, w.order("4号"))
			return err
		})
		manager := grant(30, authz.Grant{Role: authz.ProjectManager, Scope: authz.Scope{Enterprise: w.homes[0].Enterprise, Project: string(w.homes[0].Code)}})
		otherManager := grant(31, authz.Grant{Role: authz.ProjectManager, Scope: authz.Scope{Enterprise: w.homes[0].Enterprise, Project: string(w.homes[1].Code)}})
		for _, tt := range []struct {
			name string
			who  authz.Actor
			q    credit.RecordQuery
			want int
		}{
			{"the street with its draft", office, credit.RecordQuery{}, 4},
			{"the district without", district, credit.RecordQuery{}, 3},
			{"the city", city, credit.RecordQuery{Sort: "event"}, 3},
			{"the firm from the notice on", w.firm, credit.RecordQuery{}, 1},
			{"the project's manager", manager, credit.RecordQuery{}, 1},
			{"another project's manager", otherManager, credit.RecordQuery{}, 0},
			{"a rival", w.rival, credit.RecordQuery{}, 0},
			{"another district", elsewhere, credit.RecordQuery{}, 0},
			{"the street's community", residents, credit.RecordQuery{}, 3},
			{"one state", district, credit.RecordQuery{States: []string{credit.RecordChecked}, Sort: "due"}, 2},
			{"own proposals", office, credit.RecordQuery{Own: true}, 4},
			{"none of the district's own", district, credit.RecordQuery{Own: true}, 0},
			{"by item and class", district, credit.RecordQuery{Item: "HRB-N05", Class: "bad", Enterprise: w.homes[0].Enterprise, Project: w.homes[0].Code, Division: "230103", From: w.today.AddDays(-9), To: w.today}, 3},
			{"of another day", district, credit.RecordQuery{From: w.today}, 0},
		} {
			w.must(w.d.Read(t.Context(), func(tx *db.Tx) error {
				seen, after := map[db.ID]bool{}, ""
				for range 9 {
					q := tt.q
					q.After, q.Limit = after, 2
					rows, next, err := w.s.List(t.Context(), tx, tt.who, q)
					if err != nil {
						return err
					}
					for _, r := range rows {
						seen[r.ID] = true
						if rec, err := w.s.Record(t.Context(), tx, tt.who, r.ID); err != nil || rec.ID != r.ID {
							t.Errorf("%s: listed, but not to be read: %v", tt.name, err)
						}
					}
					if after = next; next == "" {
						break
					}
				}
				var sum int64
				counts, err := w.s.Counts(t.Context(), tx, tt.who, tt.q)
				for _, c := range counts {
					sum += c.N
				}
				if len(seen) != tt.want || sum != int64(tt.want) {
					t.Errorf("%s: %d listed, %d counted, want %d", tt.name, len(seen), sum, tt.want)
				}
				return err
			}))
		}
	})
}

// TestWhoMayTakeWhichStep is the permission matrix of a record: in every state,
// what every party is offered.
func TestWhoMayTakeWhichStep(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		checked := w.propose(office, w.order("1号"))
		noticed := w.noticed("2号")
		effective := w.effective("3号")
		days := map[string]string{"checked": "2021-06-02", "noticed": "2021-06-02", "effective": w.today.String()}
		for _, tt := range []struct {
			state string
			id    db.ID
			who   authz.Actor
			name  string
			want  string
		}{
			{"checked", checked, office, "street", "withdraw"},
			{"checked", checked, district, "district", "identify refuse"},
			{"checked", checked, city, "city", ""},
			{"noticed", noticed, w.firm, "firm", "answer object report-mend"},
			{"noticed", noticed, district, "who identified it", "rectify"},
			{"noticed", noticed, district2, "district", "rectify ask-annul"},
			{"noticed", noticed, residents, "community", "rectify"},
			{"effective", effective, w.firm, "firm", "answer report-mend"},
			{"effective", effective, city, "city", "rectify ask-annul"},
			{"effective", effective, guild, "association", ""},
		} {
			w.on(days[tt.state])
			if got := acts(w.dossier(tt.who, tt.id)); got != tt.want {
				t.Errorf("%s, %s: %q, want %q", tt.state, tt.name, got, tt.want)
			}
		}
	})
}

// TestTheProceduresTermsAreTheRulebooks changes the rulebook, not the program:
// a discretion with its reason (PC-17), three days for the notice (PC-45).
func TestTheProceduresTermsAreTheRulebooks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01",
			"title: 街道责令限期整改, points: -2", "title: 街道责令限期整改, discretion: {min: 1, max: 4, reason: true, who: [district_bureau]}",
			"{step: notice, roles: [system], term: 0d}", "{step: notice, roles: [city_bureau], term: 3wd}")
		id := w.propose(office, w.order("1号"))
		for _, tt := range []struct {
			name   string
			points money.Points
			reason string
			want   string
		}{
			{"too much", 5 * money.Point, "情节严重", "credit.discretion"},
			{"without reason", 2 * money.Point, " ", "credit.discretion"},
			{"in the range", -3 * money.Point, "情节较重", ""},
		} {
			take := w.take(id, "")
			if rule := w.try(func(ctx context.Context, tx *db.Tx) error {
				return w.s.IdentifyIn(ctx, tx, district, take, credit.Discretion{Points: tt.points, Reason: tt.reason})
			}); rule != tt.want {
				t.Errorf("%s: %q, want %q", tt.name, rule, tt.want)
			}
		}
		rec := w.want(id, credit.RecordIdentified)
		if rec.Points != 3*money.Point || !rec.Reasoned || rec.Case.Holder.Key() != "city_bureau@2301" || rec.Case.Due != day.MustParse("2021-06-04") {
			t.Errorf("identified: %s points, held by %s until %s", rec.Points, rec.Case.Holder.Key(), rec.Case.Due)
		}
		take := w.take(id, "")
		if rule := w.try(func(ctx context.Context, tx *db.Tx) error { return w.s.NotifyIn(ctx, tx, district, take) }); rule != "casework.not-holder" {
			t.Errorf("the district notifies: %q", rule)
		}
		w.write(func(ctx context.Context, tx *db.Tx) error { return w.s.NotifyIn(ctx, tx, city2, take) })
		w.want(id, credit.RecordNoticed)
	})
}

// What a record hangs on is one of the same enterprise and of the item's kind.
func TestWhatARecordHangsOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-08-02")
		order := w.effective("哈街改〔2021〕1号")
		w.propose(office, w.order("哈街改〔2021〕2号"))
		follow := func(home int, parent db.ID) string {
			return w.try(func(ctx context.Context, tx *db.Tx) error {
				p := w.order(fmt.Sprintf("哈街改〔2021〕3号之%d-%d", home, parent))
				p.Item, p.Parent, p.Project = "HRB-N06", parent, w.homes[home].Code
				_, err := w.s.ProposeIn(ctx, tx, office, p)
				return err
			})
		}
		if rule := follow(0, order+1); rule != "credit.parent" {
			t.Errorf("on a record that isn't there: %q", rule)
		}
		if rule := follow(2, order); rule != "credit.parent" {
			t.Errorf("on another enterprise's order: %q", rule)
		}
		if rule := follow(0, order); rule != "" {
			t.Errorf("on its order: %q", rule)
		}
		err := w.d.Read(t.Context(), func(tx *db.Tx) error {
			b, err := w.s.Books(t.Context(), tx, w.today)
			for item, want := range map[string]string{"HRB-N06": "翻倍", "HRB-V01": "一票否决", "HRB-N05": "", "HRB-N12": ""} {
				if got := b.Item(b.ItemNo(item)).Effect(); got != want {
					t.Errorf("%s: %q, want %q", item, got, want)
				}
			}
			return err
		})
		w.must(err)
	})
}

// Nobody decides over a body above: what the city identified the city decides,
// though the rules name the district first.
func TestAnObjectionIsDecidedNotBelowWhoIdentified(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-08-02")
		p := w.order("哈住建认〔2021〕7号")
		p.Item, p.Project, p.Enterprise, p.Document.Type = "HRB-V01", "", w.firm.Grants[0].Scope.Enterprise, ""
		id := w.propose(district, p)
		w.identify(city, id)
		take := w.take(id, "")
		w.write(func(ctx context.Context, tx *db.Tx) error {
			return w.s.ObjectIn(ctx, tx, w.firm, take, credit.Plain{Ground: "wrong_facts", Text: "不属实"})
		})
		dismiss := func(who authz.Actor) string {
			take := w.take(id, "不成立")
			return w.try(func(ctx context.Context, tx *db.Tx) error { return w.s.DecideObjectionIn(ctx, tx, who, take, false) })
		}
		if rule := dismiss(district2); rule == "" {
			t.Error("the district decides over what the city identified")
		}
		if rule := dismiss(city2); rule != "" {
			t.Errorf("another person of the city: %q", rule)
		}
		w.want(id, credit.RecordEffective)
	})
}
