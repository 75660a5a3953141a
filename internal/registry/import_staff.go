package registry

import (
	"context"
	"slices"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
)

// A person is who stands behind posts.
type person struct {
	id       db.ID
	name     string
	identity code.IDNumber
	phone    string
}

// A staffImport adds to the import of staff the people behind the posts and the
// places where they serve.
type staffImport struct {
	*importer[Staff]
	b       *batch
	people  map[string]person // by blind index of the identity number
	byID    map[db.ID]person
	blinds  map[db.ID]string
	firms   map[code.USCC]code.Division
	estates map[code.ProjectCode]code.Division
}

// ImportStaff registers the posts of a file, as [Service.ImportEnterprises]
// does. A post is known by person, enterprise, project, post and first day; a
// person by the identity number, or by the number the register gave.
func (s *Service) ImportStaff(ctx context.Context, tx *db.Tx, who authz.Actor, in Input, report func(Problem)) (Tally, error) {
	im := &staffImport{
		importer: &importer[Staff]{s: s, who: who, in: in, report: report}, b: newBatch(),
		people: map[string]person{}, byID: map[db.ID]person{}, blinds: map[db.ID]string{},
		firms: map[code.USCC]code.Division{}, estates: map[code.ProjectCode]code.Division{},
	}
	im.hooks = hooks[Staff]{
		kind: "staff", fields: staffFields, key: "identity",
		before: im.known,
		finish: im.finishStaff,
		store:  im.storeStaff,
	}
	tally, err := im.run(ctx, tx)
	if err != nil || tally.Errors > 0 || in.Dry {
		return tally, err
	}
	return tally, im.b.close(ctx, tx)
}

// postKey tells posts apart.
func postKey(s *Staff) string {
	return s.Person.String() + "|" + string(s.Enterprise) + "|" + string(s.Project) + "|" + string(s.Post) + "|" + s.From.String()
}

// known reads the keys of a chunk, its people, their posts and their places.
func (im *staffImport) known(ctx context.Context, tx *db.Tx, items []*item[Staff]) error {
	keys := make([]Staff, len(items))
	var blinds []string
	var ids []db.ID
	for i, it := range items {
		k := &keys[i]
		for j, cell := range it.cells {
			if j < len(im.at) && im.at[j] >= 0 {
				_ = im.fields[im.at[j]].set(k, clean(cell)) // reported when the row is read
			}
		}
		if k.Identity != "" {
			blinds = append(blinds, string(im.s.Keys.Blind(identityPurpose, []byte(k.Identity))))
		} else if k.Person != 0 {
			ids = append(ids, k.Person)
		}
	}
	if err := im.findPeople(ctx, tx, blinds, ids); err != nil {
		return err
	}
	if err := im.findPlaces(ctx, tx, keys); err != nil {
		return err
	}
	for i := range keys {
		if k := &keys[i]; k.Identity != "" {
			k.Person = im.people[string(im.s.Keys.Blind(identityPurpose, []byte(k.Identity)))].id
		}
	}
	posts, err := im.findPosts(ctx, tx, keys)
	if err != nil {
		return err
	}
	for i, it := range items {
		k := &keys[i]
		it.key = postKey(k)
		if k.Person == 0 {
			it.key = string(k.Identity) + it.key
		}
		if k.Person != 0 || k.Identity != "" { // who it is must be known before it can be twice
			im.once(it)
		}
		if k.Person != 0 {
			it.old, it.known = posts[postKey(k)]
		}
	}
	return nil
}

func (im *staffImport) findPeople(ctx context.Context, tx *db.Tx, blinds []string, ids []db.ID) error {
	scan := func(row db.Scanner) (p person, err error) {
		var blind, identity, phone []byte
		if err = row.Scan(&p.id, &p.name, &blind, &identity, &phone); err != nil {
			return p, err
		}
		plain, err := im.s.open("staff_person", "identity_sealed", p.id, identity)
		if err != nil {
			return p, err
		}
		p.identity = code.IDNumber(plain)
		if p.phone, err = im.s.open("staff_person", "phone_sealed", p.id, phone); err != nil {
			return p, err
		}
		im.people[string(blind)], im.byID[p.id] = p, p
		return p, nil
	}
	const cols = `SELECT id, name, identity_blind, identity_sealed, phone_sealed FROM staff_person `
	for chunk := range slices.Chunk(blinds, chunkRows) {
		args := make([]any, len(chunk))
		for i, b := range chunk {
			args[i] = []byte(b)
		}
		if _, err := db.All(ctx, tx, scan, cols+`WHERE identity_blind IN (`+params(1, len(chunk))+`)`, args...); err != nil {
			return err
		}
	}
	for chunk := range slices.Chunk(ids, chunkRows) {
		args := make([]any, len(chunk))
		for i, id := range chunk {
			args[i] = id
		}
		if _, err := db.All(ctx, tx, scan, cols+`WHERE id IN (`+params(1, len(chunk))+`)`, args...); err != nil {
			return err
		}
	}
	return nil
}

// findPlaces learns where the chunk's enterprises and projects stand.
func (im *staffImport) findPlaces(ctx context.Context, tx *db.Tx, keys []Staff) error {
	var firms []code.USCC
	var estates []code.ProjectCode
	for _, k := range keys {
		if _, asked := im.firms[k.Enterprise]; !asked && k.Enterprise != "" {
			im.firms[k.Enterprise] = ""
			firms = append(firms, k.Enterprise)
		}
		if _, asked := im.estates[k.Project]; !asked && k.Project != "" {
			im.estates[k.Project] = ""
			estates = append(estates, k.Project)
		}
	}
	found, err := names(ctx, tx, `SELECT uscc, division FROM enterprise WHERE uscc IN (`, firms)
	if err != nil {
		return err
	}
	for c, d := range found {
		im.firms[c] = code.Division(d)
	}
	where, err := names(ctx, tx, `SELECT code, division FROM project WHERE code IN (`, estates)
	if err != nil {
		return err
	}
	for c, d := range where {
		im.estates[c] = code.Division(d)
	}
	return nil
}

// findPosts reads the registered posts of the chunk's people.
func (im *staffImport) findPosts(ctx context.Context, tx *db.Tx, keys []Staff) (map[string]Staff, error) {
	var ids []db.ID
	for _, k := range keys {
		if k.Person != 0 {
			ids = append(ids, k.Person)
		}
	}
	slices.Sort(ids)
	posts := map[string]Staff{}
	for chunk := range slices.Chunk(slices.Compact(ids), chunkRows) {
		args := make([]any, len(chunk))
		for i, id := range chunk {
			args[i] = id
		}
		for st, err := range db.Rows(ctx, tx, im.s.scanStaff, `
			SELECT `+staffSelect+` FROM staff s JOIN staff_person n ON n.id = s.person
			WHERE s.person IN (`+params(1, len(chunk))+`)`, args...) {
			if err != nil {
				return nil, err
			}
			posts[postKey(&st)] = st
		}
	}
	return posts, nil
}

func (im *staffImport) finishStaff(it *item[Staff]) error {
	st := &it.now
	if p, ok := im.byID[st.Person]; st.Person != 0 && !it.known {
		if !ok {
			return fault.New(fault.Invalid, "registry.person", "请改正标出的内容。").With("person", "没有这个人员编号。")
		}
		st.Identity = p.identity
	}
	if it.known {
		st.Identity = it.old.Identity
	}
	if *st != it.old {
		st.ChangedAt, st.ChangedBy = db.Millis(im.change.At), im.change.By
	}
	refused := fault.New(fault.Invalid, "registry.reference", "请改正标出的内容。")
	at := im.firms[st.Enterprise]
	if at == "" {
		refused.With("enterprise", "没有登记过这家企业。")
	}
	if st.Project != "" {
		if at = im.estates[st.Project]; at == "" {
			refused.With("project", "没有登记过这个项目。")
		}
	}
	if err := refused.OrNil(); err != nil {
		return err
	}
	if im.place(refused, at); len(refused.Fields) > 0 {
		return fault.New(fault.Invalid, "registry.reference", "不在您管辖的区划内。").With("enterprise", "不在您管辖的区划内。")
	}
	return checkStaff(st)
}

var (
	staffCols  = []string{"id", "person", "enterprise", "project", "post", "certificate_sealed", "served_from", "served_to", "changed_at", "changed_by"}
	personCols = []string{"id", "name", "identity_sealed", "identity_blind", "phone_sealed"}
)

func (im *staffImport) storeStaff(ctx context.Context, tx *db.Tx, fresh []Staff, changed []pair[Staff]) error {
	if err := im.storePeople(ctx, tx, fresh); err != nil {
		return err
	}
	rows := make([][]any, len(fresh))
	for i := range fresh {
		s := &fresh[i]
		s.ID = tx.NewID()
		certificate, err := im.s.seal("staff", "certificate_sealed", s.ID, s.Certificate)
		if err != nil {
			return err
		}
		rows[i] = []any{s.ID, s.Person, string(s.Enterprise), string(s.Project), string(s.Post), certificate, s.From, s.To, s.ChangedAt, s.ChangedBy}
	}
	if _, err := tx.Bulk(ctx, "staff", staffCols, slices.Values(rows)); err != nil {
		return err
	}
	for i := range fresh {
		im.b.index.Add(tx, im.doc(&fresh[i]))
	}
	for _, c := range changed {
		if err := im.changeStaff(ctx, tx, c); err != nil {
			return err
		}
	}
	return im.b.index.writeDocs(ctx, tx)
}

func (im *staffImport) doc(s *Staff) Doc {
	d := im.firms[s.Enterprise]
	if s.Project != "" {
		d = im.estates[s.Project]
	}
	return Doc{Kind: DocStaff, Code: s.ID.String(), Title: s.Name, Detail: s.Post.Title(), Division: d, Enterprise: s.Enterprise, Project: s.Project}
}

// storePeople registers who is new among the chunk's people, and what changed
// of the others.
func (im *staffImport) storePeople(ctx context.Context, tx *db.Tx, fresh []Staff) error {
	var rows [][]any
	for i := range fresh {
		s := &fresh[i]
		blind := string(im.s.Keys.Blind(identityPurpose, []byte(s.Identity)))
		p, known := im.people[blind]
		switch {
		case !known:
			p = person{id: tx.NewID(), name: s.Name, identity: s.Identity, phone: s.Phone}
			row, err := im.s.personRow(p, []byte(blind))
			if err != nil {
				return err
			}
			rows = append(rows, row)
			im.people[blind], im.byID[p.id] = p, p
		case p.name != s.Name || s.Phone != "" && p.phone != s.Phone:
			p.name = s.Name
			if s.Phone != "" {
				p.phone = s.Phone
			}
			if err := im.s.updatePerson(ctx, tx, p); err != nil {
				return err
			}
			im.people[blind], im.byID[p.id] = p, p
		}
		s.Person = p.id
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.Bulk(ctx, "staff_person", personCols, slices.Values(rows))
	return err
}

func (s *Service) personRow(p person, blind []byte) ([]any, error) {
	identity, err := s.seal("staff_person", "identity_sealed", p.id, string(p.identity))
	if err != nil {
		return nil, err
	}
	phone, err := s.seal("staff_person", "phone_sealed", p.id, p.phone)
	return []any{p.id, p.name, identity, blind, phone}, err
}

func (s *Service) updatePerson(ctx context.Context, tx *db.Tx, p person) error {
	phone, err := s.seal("staff_person", "phone_sealed", p.id, p.phone)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE staff_person SET name = $2, phone_sealed = $3 WHERE id = $1`, p.id, p.name, phone)
	return err
}

// changeStaff keeps the former state of a post and stores the new one.
func (im *staffImport) changeStaff(ctx context.Context, tx *db.Tx, c pair[Staff]) error {
	before, after := c.before, c.after
	if before.Name != after.Name || before.Phone != after.Phone {
		if err := im.s.updatePerson(ctx, tx, person{id: after.Person, name: after.Name, identity: after.Identity, phone: after.Phone}); err != nil {
			return err
		}
	}
	if err := im.s.changePost(ctx, tx, before, after); err != nil {
		return err
	}
	return im.b.index.Change(ctx, tx, im.doc(&after))
}

// changePost keeps the former state of a post and stores the new one.
func (s *Service) changePost(ctx context.Context, tx *db.Tx, before, after Staff) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO staff_version (id, certificate_sealed, served_to, changed_at, changed_by)
		SELECT id, certificate_sealed, served_to, changed_at, changed_by FROM staff WHERE id = $1
		ON CONFLICT (id, changed_at) DO NOTHING`, before.ID)
	if err != nil {
		return err
	}
	certificate, err := s.seal("staff", "certificate_sealed", after.ID, after.Certificate)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE staff SET certificate_sealed = $2, served_to = $3, changed_at = $4, changed_by = $5 WHERE id = $1`,
		after.ID, certificate, after.To, after.ChangedAt, after.ChangedBy)
	return err
}

// PutStaff registers one post, or changes a known one (certificate, last day),
// for the enterprise itself or its authority. It returns the post, masked.
func (s *Service) PutStaff(ctx context.Context, who authz.Actor, st Staff) (out Staff, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error { out, err = s.PutStaffIn(ctx, tx, who, st); return err })
	return out, err
}

// PutStaffIn is PutStaff in the caller's transaction.
func (s *Service) PutStaffIn(ctx context.Context, tx *db.Tx, who authz.Actor, st Staff) (Staff, error) {
	where, err := placeOfStaff(ctx, tx, st)
	if err != nil {
		return Staff{}, err
	}
	if err := requireEither(who, where, authz.RegistryFile, authz.RegistryImport); err != nil {
		return Staff{}, err
	}
	if err := tx.Lock(ctx, "enterprise", st.Enterprise); err != nil {
		return Staff{}, err
	}
	// One row of a file, by the program itself: the actor was asked above.
	as := authz.System("registry")
	as.Account, as.Person, as.Request, as.Addr = who.Account, who.Person, who.Request, who.Addr
	cells := make([]string, len(staffFields))
	keys := make([]string, len(staffFields))
	for i, f := range staffFields {
		keys[i], cells[i] = f.Key, f.get(&st)
	}
	refused := fault.New(fault.Invalid, "registry.staff", "请改正标出的内容。")
	tally, err := s.ImportStaff(ctx, tx, as, Input{Columns: keys, Rows: func(yield func(Row, error) bool) { yield(Row{Line: 1, Cells: cells}, nil) }},
		func(p Problem) {
			if !p.Warn {
				refused.With(p.Column, p.Text)
			}
		})
	if err != nil {
		return Staff{}, err
	}
	if tally.Errors > 0 {
		return Staff{}, refused
	}
	if st.Person == 0 {
		st.Person, err = db.Value[db.ID](ctx, tx, `SELECT id FROM staff_person WHERE identity_blind = $1`, s.Keys.Blind(identityPurpose, []byte(st.Identity)))
		if err != nil {
			return Staff{}, err
		}
	}
	out, _, err := db.One(ctx, tx, s.scanStaff, `
		SELECT `+staffSelect+` FROM staff s JOIN staff_person n ON n.id = s.person
		WHERE s.person = $1 AND s.enterprise = $2 AND s.project = $3 AND s.post = $4 AND s.served_from = $5`,
		st.Person, string(st.Enterprise), string(st.Project), string(st.Post), st.From)
	if err != nil {
		return Staff{}, err
	}
	return out.Masked(), audit.Append(ctx, tx, who, "registry.staff-put", "staff:"+out.ID.String(), nil)
}

// placeOfStaff is where a post stands: at its project, or at its enterprise.
func placeOfStaff(ctx context.Context, tx *db.Tx, st Staff) (authz.Place, error) {
	if st.Project == "" {
		return PlaceOfEnterprise(ctx, tx, st.Enterprise)
	}
	where, err := PlaceOfProject(ctx, tx, st.Project)
	where.Enterprise = st.Enterprise
	return where, err
}

// requireEither asks for any one of some duties.
func requireEither(who authz.Actor, where authz.Place, acts ...authz.Act) error {
	var refused error
	for _, act := range acts {
		err := authz.Require(who, act, where)
		if err == nil {
			return nil
		}
		if refused == nil || fault.From(refused).Kind == fault.Forbidden {
			refused = err
		}
	}
	return refused
}
