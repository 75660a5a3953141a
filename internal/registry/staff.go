package registry

import (
	"context"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Post is what somebody does in a project or an enterprise.
type Post string

// The posts. A project has one manager (项目经理负责制, Harbin's work plan of 2020).
const (
	Manager  Post = "MANAGER"
	Deputy   Post = "DEPUTY"
	Engineer Post = "ENGINEER"
	Security Post = "SECURITY"
	Cleaning Post = "CLEANING"
	Greenery Post = "GREENERY"
	Desk     Post = "SERVICE"
	Other    Post = "OTHER"
)

// Posts lists them with their titles.
var Posts = []Choice{
	{"MANAGER", "项目经理"},
	{"DEPUTY", "项目副经理"},
	{"ENGINEER", "工程维修"},
	{"SECURITY", "秩序维护"},
	{"CLEANING", "保洁"},
	{"GREENERY", "绿化"},
	{"SERVICE", "客服"},
	{"OTHER", "其他"},
}

// Title is the post in Chinese.
func (p Post) Title() string { return titleOf(Posts, p) }

// A Staff is one post that a person held from a day to a day, both included.
// Name, Identity, Phone and Certificate are personal data.
type Staff struct {
	ID          db.ID
	Person      db.ID // the same for all posts of one person
	Name        string
	Identity    code.IDNumber
	Phone       string
	Enterprise  code.USCC
	Project     code.ProjectCode // none: of the enterprise itself
	Post        Post
	Certificate string
	From, To    day.Date
	ChangedAt   int64
	ChangedBy   db.ID
}

var staffFields = []field[Staff]{
	{
		Column{Key: "person", Title: "人员编号", Hint: "系统编号，导出时带出；填了可以不填身份证号"},
		func(s *Staff) string { return s.Person.String() },
		func(s *Staff, text string) (err error) {
			if text == "" {
				return nil
			}
			s.Person, err = db.ParseID(text)
			return err
		},
	},
	textField(Column{Key: "name", Title: "姓名", Required: true, Private: true}, func(s *Staff) *string { return &s.Name }, 50),
	{
		Column{Key: "identity", Title: "身份证号码", Private: true},
		func(s *Staff) string { return string(s.Identity) },
		func(s *Staff, text string) (err error) {
			if text == "" {
				return nil
			}
			s.Identity, err = code.ParseIDNumber(text)
			return err
		},
	},
	textField(Column{Key: "phone", Title: "联系电话", Private: true}, func(s *Staff) *string { return &s.Phone }, 30),
	usccField(Column{Key: "enterprise", Title: "企业代码", Required: true}, func(s *Staff) *code.USCC { return &s.Enterprise }),
	{
		Column{Key: "project", Title: "项目编码", Hint: "企业本部人员不填"},
		func(s *Staff) string { return string(s.Project) },
		func(s *Staff, text string) (err error) {
			if text == "" {
				s.Project = ""
				return nil
			}
			s.Project, err = code.ParseProjectCode(text)
			return err
		},
	},
	choiceField(Column{Key: "post", Title: "岗位", Required: true}, func(s *Staff) *Post { return &s.Post }, Posts),
	textField(Column{Key: "certificate", Title: "证书编号", Private: true}, func(s *Staff) *string { return &s.Certificate }, 60),
	dateField(Column{Key: "from", Title: "任职起始日", Hint: "2026-07-01", Required: true}, func(s *Staff) *day.Date { return &s.From }),
	dateField(Column{Key: "to", Title: "任职截止日", Hint: "在任不填"}, func(s *Staff) *day.Date { return &s.To }),
}

// StaffColumns are the fields of a post, in the order of files.
func StaffColumns() []Column { return columns(staffFields) }

// Masked is s with its personal data masked (PI-2).
func (s Staff) Masked() Staff {
	s.Name, s.Phone, s.Identity = code.MaskName(s.Name), code.MaskPhone(s.Phone), code.IDNumber(code.MaskID(string(s.Identity)))
	if s.Certificate != "" {
		s.Certificate = code.MaskID(s.Certificate)
	}
	return s
}

// checkStaff tells what cannot be true of a post.
func checkStaff(s *Staff) error {
	refused := fault.New(fault.Invalid, "registry.staff", "请改正标出的内容。")
	if s.To != 0 && s.To < s.From {
		refused.With("to", "任职截止日不能早于起始日。")
	}
	if s.Person == 0 && s.Identity == "" {
		refused.With("identity", "请填写身份证号码。")
	}
	if (s.Post == Manager || s.Post == Deputy) && s.Project == "" {
		refused.With("project", "项目经理须登记到项目。")
	}
	return refused.OrNil()
}

// identityPurpose keeps the blind index of identity numbers apart from others.
const identityPurpose = "staff_person.identity"

const staffSelect = `s.id, s.person, n.name, n.identity_sealed, n.phone_sealed, s.enterprise, s.project, s.post, s.certificate_sealed, s.served_from, s.served_to, s.changed_at, s.changed_by`

func (s *Service) scanStaff(row db.Scanner) (st Staff, err error) {
	var identity, phone, certificate []byte
	if err = row.Scan(&st.ID, &st.Person, &st.Name, &identity, &phone, &st.Enterprise, &st.Project, &st.Post, &certificate, &st.From, &st.To, &st.ChangedAt, &st.ChangedBy); err != nil {
		return st, err
	}
	id, err := s.open("staff_person", "identity_sealed", st.Person, identity)
	if err != nil {
		return st, err
	}
	st.Identity = code.IDNumber(id)
	if st.Certificate, err = s.open("staff", "certificate_sealed", st.ID, certificate); err != nil {
		return st, err
	}
	st.Phone, err = s.open("staff_person", "phone_sealed", st.Person, phone)
	return st, err
}

const staffMax = 1000 // of one subject on a page

// StaffOfProject lists a project's people on a day, managers first, masked. To
// the public (who may not read at the place) only managers are shown.
func (s *Service) StaffOfProject(ctx context.Context, tx *db.Tx, who authz.Actor, c code.ProjectCode, on day.Date) ([]Staff, error) {
	at, err := PlaceOfProject(ctx, tx, c)
	if err != nil {
		return nil, err
	}
	return s.staffList(ctx, tx, authz.May(who, authz.RegistryRead, at), on, `s.project = $1`, string(c))
}

// StaffOfEnterprise lists an enterprise's people on a day, masked, for whoever
// may read at its place.
func (s *Service) StaffOfEnterprise(ctx context.Context, tx *db.Tx, who authz.Actor, uscc code.USCC, on day.Date) ([]Staff, error) {
	at, err := PlaceOfEnterprise(ctx, tx, uscc)
	if err != nil {
		return nil, err
	}
	if err := authz.Require(who, authz.RegistryRead, at); err != nil {
		return nil, err
	}
	return s.staffList(ctx, tx, true, on, `s.enterprise = $1`, string(uscc))
}

func (s *Service) staffList(ctx context.Context, tx *db.Tx, inside bool, on day.Date, cond, key string) ([]Staff, error) {
	all, err := db.All(ctx, tx, s.scanStaff, `
		SELECT `+staffSelect+` FROM staff s JOIN staff_person n ON n.id = s.person
		WHERE `+cond+` AND s.served_from <= $2 AND (s.served_to IS NULL OR s.served_to >= $2)
		ORDER BY CASE WHEN s.post = 'MANAGER' THEN 0 ELSE 1 END, s.project, s.post, s.served_from, s.id LIMIT $3`, key, on.String(), staffMax)
	if err != nil {
		return nil, err
	}
	out := all[:0]
	for _, st := range all {
		if inside || st.Post == Manager {
			st = st.Masked()
			if !inside {
				st.Identity, st.Phone, st.Certificate, st.ChangedBy = "", "", "", 0
			}
			out = append(out, st)
		}
	}
	return out, nil
}

// A Tenure is a project manager's time at a project, without personal data.
type Tenure struct {
	Staff, Person db.ID
	Enterprise    code.USCC
	Project       code.ProjectCode
	From, To      day.Date
}

// Managers streams the tenures of project managers that touch the days from–to,
// by project: evaluation counts per manager and tenure (PC-23).
func Managers(ctx context.Context, tx *db.Tx, from, to day.Date) func(yield func(Tenure, error) bool) {
	return db.Rows(ctx, tx, func(row db.Scanner) (t Tenure, err error) {
		return t, row.Scan(&t.Staff, &t.Person, &t.Enterprise, &t.Project, &t.From, &t.To)
	}, `
		SELECT id, person, enterprise, project, served_from, served_to FROM staff
		WHERE post = 'MANAGER' AND served_from <= $2 AND (served_to IS NULL OR served_to >= $1)
		ORDER BY project, served_from, id`, from.String(), to.String())
}

// PersonName is the name of a person of the staff, masked.
func PersonName(ctx context.Context, tx *db.Tx, person db.ID) (string, error) {
	name, ok, err := db.One(ctx, tx, scanCode[string], `SELECT name FROM staff_person WHERE id = $1`, person)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "registry.no-person", "没有找到这个人。")
	}
	return code.MaskName(name), err
}
