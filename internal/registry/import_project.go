package registry

import (
	"context"
	"slices"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
)

// A projectImport adds to the import of projects what only they need.
type projectImport struct {
	*importer[Project]
	b      *batch
	firms  map[code.USCC]bool // known to be registered, or not
	naming map[string]int     // community and name of rows without a code
}

// ImportProjects registers the projects of a file, as [Service.ImportEnterprises]
// does. A row without a code is the project of that name in its community, or a
// new one, which gets the community's next code.
func (s *Service) ImportProjects(ctx context.Context, tx *db.Tx, who authz.Actor, in Input, report func(Problem)) (Tally, error) {
	im := &projectImport{importer: &importer[Project]{s: s, who: who, in: in, report: report}, b: newBatch(), firms: map[code.USCC]bool{}, naming: map[string]int{}}
	im.hooks = hooks[Project]{
		kind: "project", fields: projectFields, key: "code",
		before: im.known,
		finish: func(it *item[Project]) error { return im.finishProject(tx, it) },
		store:  im.storeChunk,
	}
	tally, err := im.run(ctx, tx)
	if err != nil || tally.Errors > 0 || in.Dry {
		return tally, err
	}
	return tally, im.b.close(ctx, tx)
}

// known finds the registered projects of a chunk by code, or by community and name.
func (im *projectImport) known(ctx context.Context, tx *db.Tx, items []*item[Project]) error {
	codes := make([]code.ProjectCode, 0, len(items))
	var unnamed []*item[Project]
	for _, it := range items {
		cell := im.keyCell(it)
		if cell == "" {
			unnamed = append(unnamed, it)
			continue
		}
		c, err := code.ParseProjectCode(cell)
		if err != nil {
			im.refuse(it, im.key, fault.From(err).Rule, fault.From(err).Text)
			continue
		}
		it.key = string(c)
		if im.once(it); !it.bad {
			codes = append(codes, c)
		}
	}
	if err := im.findNames(ctx, tx, unnamed); err != nil {
		return err
	}
	for _, it := range unnamed {
		if it.key != "" && !it.bad {
			codes = append(codes, code.ProjectCode(it.key))
		}
	}
	known, err := projectsOf(ctx, tx, codes)
	if err != nil {
		return err
	}
	for _, it := range items {
		if it.key != "" {
			it.old, it.known = known[code.ProjectCode(it.key)]
		}
	}
	return im.findFirms(ctx, tx, items)
}

// findNames gives rows without a code the code under which their community knows
// a project of that name.
func (im *projectImport) findNames(ctx context.Context, tx *db.Tx, items []*item[Project]) error {
	if len(items) == 0 {
		return nil
	}
	wanted := map[string]*item[Project]{}
	var communities []code.Division
	for _, it := range items {
		d, _ := code.ParseDivision(im.cellOf(it, "division"))
		key := string(d) + "\x00" + clean(im.cellOf(it, "name"))
		if line, twice := im.naming[key]; twice {
			im.refuse(it, "name", "registry.twice", "与第 "+itoa(line)+" 行重复。")
			continue
		}
		im.naming[key] = it.line
		wanted[key] = it
		communities = append(communities, d)
	}
	type found struct {
		code     string
		division code.Division
		name     string
	}
	slices.Sort(communities)
	for chunk := range slices.Chunk(slices.Compact(communities), chunkRows) {
		rows, err := db.All(ctx, tx, func(row db.Scanner) (f found, err error) { return f, row.Scan(&f.code, &f.division, &f.name) },
			`SELECT code, division, name FROM project WHERE division IN (`+params(1, len(chunk))+`) ORDER BY code`, anys(chunk)...)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if it := wanted[string(r.division)+"\x00"+r.name]; it != nil && it.key == "" {
				it.key = r.code
				im.once(it)
			}
		}
	}
	return nil
}

func (im *projectImport) cellOf(it *item[Project], key string) string {
	if i := slices.Index(im.in.Columns, key); i >= 0 && i < len(it.cells) {
		return clean(it.cells[i])
	}
	return ""
}

// findFirms learns which of the chunk's enterprises are registered.
func (im *projectImport) findFirms(ctx context.Context, tx *db.Tx, items []*item[Project]) error {
	var ask []code.USCC
	for _, it := range items {
		uscc, err := code.ParseUSCC(im.cellOf(it, "enterprise"))
		if _, asked := im.firms[uscc]; err == nil && !asked {
			im.firms[uscc] = false
			ask = append(ask, uscc)
		}
	}
	for chunk := range slices.Chunk(ask, chunkRows) {
		rows, err := db.All(ctx, tx, scanCode[code.USCC], `SELECT uscc FROM enterprise WHERE uscc IN (`+params(1, len(chunk))+`)`, anys(chunk)...)
		if err != nil {
			return err
		}
		for _, uscc := range rows {
			im.firms[uscc] = true
		}
	}
	return nil
}

func (im *projectImport) finishProject(tx *db.Tx, it *item[Project]) error {
	p := &it.now
	if it.known {
		p.Code = it.old.Code // an empty cell found by name
	}
	settle(&p.State, &p.Entered, &p.LeftOn, tx.Today())
	if *p != it.old {
		p.Change = im.change
	}
	refused := fault.New(fault.Invalid, "registry.reference", "请改正标出的内容。")
	im.place(refused, p.Division)
	if it.known && it.old.Division != p.Division {
		im.place(refused, it.old.Division)
	}
	if p.Enterprise != "" && p.Enterprise != it.old.Enterprise && !im.firms[p.Enterprise] {
		refused.With("enterprise", "没有登记过这家企业，请先导入企业。")
	}
	if err := refused.OrNil(); err != nil {
		return err
	}
	return checkProject(p, tx.Today())
}

// storeChunk numbers the new projects and registers the chunk.
func (im *projectImport) storeChunk(ctx context.Context, tx *db.Tx, fresh []Project, changed []pair[Project]) error {
	need, used := map[code.Division]int64{}, map[code.Division]int64{}
	for i := range fresh {
		if c := fresh[i].Code; c != "" {
			used[c.Community()] = max(used[c.Community()], serialOf(c))
		} else {
			need[fresh[i].Division]++
		}
	}
	if err := useSerials(ctx, tx, used); err != nil {
		return err
	}
	next := map[code.Division]int64{}
	for _, d := range sortedKeys(need) {
		first, err := nextSerials(ctx, tx, d, need[d])
		if err != nil {
			return err
		}
		next[d] = first
	}
	for i := range fresh {
		if fresh[i].Code != "" {
			continue
		}
		d := fresh[i].Division
		c, err := code.MakeProjectCode(d, int(next[d]))
		if err != nil {
			return err
		}
		next[d]++
		fresh[i].Code = c
		im.seen[string(c)] = 0
	}
	return im.s.storeProjects(ctx, tx, im.b, fresh, changed, 0)
}
