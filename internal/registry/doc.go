// Package registry is the city's register: divisions, enterprises, projects,
// buildings and staff, as the credit measures' basic information wants them
// (哈尔滨市物业服务企业信用评价管理办法: name, address, year, area, type, manager,
// contract parties and term, service level and fee, facilities).
//
//	enterprise ─files→ filing ─district checks→ ┐
//	file ─rows→ Import ─validated, all or none→ ┴→ register ─→ versions, holdings, search
//
// A subject is never edited without trace: the state that a change replaces goes
// to an append-only version table with who, when and why, and [Service.Timeline]
// shows the differences field by field. One table of fields per subject drives
// forms, filings, import, export and differences, so they cannot drift apart.
//
//	division*.go             the division tree, embedded, with validity dates
//	enterprise*.go           what an enterprise is; its fields and rows
//	project*.go, staff*.go   the same for projects, managers and staff
//	rules.go                 completeness (credit item HRB-B01), checks
//	register.go              one change: version, holding, figures, search, audit
//	filing*.go               draft → filed → accepted or returned
//	import*.go, export.go    whole files in the same columns
//	list.go, totals.go       what pages and the city's figures ask
//	search*.go               one index over the city, the same on both engines
package registry
