// Package web is what all desks share: the edge (limits, headers, sessions,
// forms, errors) and the components every page is made of.
//
// # The edge
//
//	request → requests (id, log, headers, panics) → shapes (limits, INP-1, INP-9)
//	        → cross-origin → sessions (who asks) → forms (CSRF, INP-7) → your Handler
//
//	Site        names, database, desks, the way to sessions; Site.Handler(mux) is the server
//	Handler     func(w, r) error: a fault becomes a page, a redirect to sign-in or to step-up
//	Show        draws a page whole, then sends it
//	Actor       who asks; SignedInOnly, NeedSignin
//	ReadForm    what was posted, unknown fields refused; Submit acts once or shows the form again
//	Act         claims the form's idempotency key and runs the act in one transaction (MON-3)
//	Say         one sentence on the next page
//	ReadList    filters, sorting, paging and export from the address; Cut ends a page
//	Export      the same rows as csv or xlsx; Download streams many of them
//	Redirect    to our own pages only; Cache keeps public pages drawn
//
// # The components
//
//	page      Layout(Page) · Card(Box) · Cols · Buttons · Chips · Note · Assumed · Empty
//	work      Todos(DueOf) · Steps · Timeline · Proofs · Pictures · Progress · Dialog, DialogLink
//	figures   Figures · Facts · Yuan · SquareMetres · Score · Grade · GradeTag · Tag · Meter · Percent · Count
//	tables    TableView(Table) with cells T L C N D F A P Tagged Grades
//	forms     AskAll(Form, FormBox) · Ask with children · Inputs · Input · Errors · Hidden
//	charts    ChartView(Chart): bars, columns, lines, stacks, each with its table
//	paper     Paper(Document) with QR at the foot; QR
//
// The living page /design shows each of them in every state.
//
// # A page and a form, whole
//
// A desk is a struct with its services; Routes reads like a table of contents.
//
//	func (d *Desk) Routes(g *web.Gates) {
//		on := g.At(web.Audience{Key: Key, For: For, Refusal: "这是主管部门的工作台，您的角色不能使用。"})
//		on("GET /bureau/records", authz.CreditRead, d.records)
//		on("GET /bureau/records/new", authz.CreditPropose, d.newRecord)
//		on("POST /bureau/records/new", authz.CreditPropose, d.addRecord)
//	}
//
//	var recordList = web.ListSpec{
//		Sorts:   []string{"-happened", "points"},
//		Search:  "企业名称或文号",
//		Filters: []web.Filter{{Name: "state", Label: "状态", Chips: true, Options: states}},
//	}
//
//	func (d *Desk) records(w http.ResponseWriter, r *http.Request) error {
//		l, err := web.ReadList(r, recordList)
//		if err != nil {
//			return err
//		}
//		rows, err := d.Credit.Records(r.Context(), web.Actor(r), credit.Filter{
//			State: l.Get("state"), Text: l.Q, Sort: l.Sort, Desc: l.Desc, After: l.After(), Limit: l.Limit(),
//		})
//		if err != nil {
//			return err
//		}
//		rows = web.Cut(l, rows, func(c credit.Record) []string { return []string{c.Happened.String(), c.ID.String()} })
//		t := recordTable(l, rows) // a web.Table
//		if l.Format != "" {
//			return web.Export(w, r, l, "信用信息", t)
//		}
//		return web.Show(w, r, http.StatusOK, recordsPage(t))
//	}
//
//	templ recordsPage(t web.Table) {
//		@web.Layout(web.Page{Title: "信用信息", Desk: "bureau", Acts: []web.Link{{Text: "录入", Href: "/bureau/records/new", Main: true}}}) {
//			@web.Card(web.Box{}) {
//				@web.TableView(t)
//			}
//		}
//	}
//
//	func recordForm() *web.Form {
//		return web.NewForm(recordFields...)
//	}
//
//	var recordFields = []web.Field{
//		{Name: "enterprise", Label: "统一社会信用代码", Required: true, Max: 18, Hint: "18 位，在营业执照上"},
//		{Name: "happened", Label: "发生日期", Kind: web.Date, Required: true},
//		{Name: "points", Label: "分值", Kind: web.PointsIn},
//		{Name: "evidence", Label: "证据", Kind: web.Files, Required: true, Accept: ".pdf,.jpg,.png"},
//	}
//
//	func (d *Desk) newRecord(w http.ResponseWriter, r *http.Request) error {
//		return web.Show(w, r, http.StatusOK, recordPage(recordForm()))
//	}
//
//	func (d *Desk) addRecord(w http.ResponseWriter, r *http.Request) error {
//		f, err := web.ReadForm(r, recordFields...)
//		if err != nil {
//			return err
//		}
//		draft := credit.Draft{Enterprise: f.USCC("enterprise"), Happened: f.Date("happened"), Points: f.Points("points")}
//		return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
//			id, err := d.Credit.ProposeIn(ctx, tx, web.Actor(r), draft)
//			web.Say(r, "已提交，等待审核。")
//			return "/bureau/records/" + id.String(), err
//		}, func() templ.Component { return recordPage(f) })
//	}
//
//	templ recordPage(f *web.Form) {
//		@web.Layout(web.Page{Title: "录入信用信息", Desk: "bureau", Narrow: true}) {
//			@web.Card(web.Box{}) {
//				@web.AskAll(f, web.FormBox{Submit: "提交", Cancel: "/bureau/records"})
//			}
//		}
//	}
//
// A single button that acts is a form too: web.NewForm() without fields, read by
// web.ReadForm(r), drawn by Ask with the word of the act.
package web
