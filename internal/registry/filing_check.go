package registry

import (
	"context"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
)

// checkFiling applies every rule to what is declared.
func (s *Service) checkFiling(ctx context.Context, tx *db.Tx, f Filing) error {
	if f.Subject == EnterpriseSubject {
		e, err := s.enterpriseFrom(ctx, tx, f)
		if err := together(err, wanting(enterpriseFields, &e), checkEnterprise(&e, tx.Today()), checkPhone(f.Values["phone"])); err != nil {
			return err
		}
		return checkReferences(ctx, tx, e.Division, "")
	}
	p, err := s.projectFrom(ctx, tx, f)
	if err := together(err, wanting(projectFields, &p), checkProject(&p, tx.Today())); err != nil {
		return err
	}
	return checkReferences(ctx, tx, p.Division, p.Enterprise)
}

// Faults tells all that is wrong with a filing that has not been kept, as filing
// it would: a form that is refused for one thing names the others with it.
func (s *Service) Faults(ctx context.Context, tx *db.Tx, who authz.Actor, f Filing) error {
	var begun error
	if f.ID == 0 {
		begun = s.prepare(ctx, tx, &f)
	}
	if err := together(begun); err != nil && len(fault.From(err).Fields) == 0 {
		return err
	}
	if f.Division != "" {
		if err := authz.Require(who, authz.RegistryFile, f.place()); err != nil {
			return err
		}
	}
	return together(begun, s.checkFiling(ctx, tx, f))
}

// enterpriseFrom is the registered enterprise with the declared values over it.
func (s *Service) enterpriseFrom(ctx context.Context, tx *db.Tx, f Filing) (e Enterprise, err error) {
	if f.BaseVersion != 0 {
		if e, err = s.enterpriseOf(ctx, tx, f.Enterprise); err != nil {
			return e, err
		}
	}
	err = fill(enterpriseFields, &e, f.Values)
	e.USCC, e.Version = f.Enterprise, f.BaseVersion
	return e, err
}

func (s *Service) projectFrom(ctx context.Context, tx *db.Tx, f Filing) (p Project, err error) {
	if f.BaseVersion != 0 {
		if p, err = projectOf(ctx, tx, code.ProjectCode(f.Code)); err != nil {
			return p, err
		}
	}
	if err := f.manages(p.Enterprise); err != nil {
		return p, err
	}
	district, former, begun := p.Division.Up(code.District), p.Enterprise, p.ContractFrom
	err = fill(projectFields, &p, f.Values)
	if err == nil && f.BaseVersion != 0 && p.Division.Up(code.District) != district {
		err = fault.New(fault.Invalid, "registry.form", "请改正标出的内容。").With("division", "项目不能改到另一个区县。")
	}
	if err == nil && former != "" && p.Enterprise != former && p.ContractFrom <= begun {
		err = fault.New(fault.Invalid, "registry.form", "请改正标出的内容。").With("contract_from", "接管项目请填写新合同的起始日，应晚于原企业合同的起始日。")
	}
	p.Code, p.Version = code.ProjectCode(f.Code), f.BaseVersion
	if f.BaseVersion == 0 && p.Enterprise == "" {
		p.Enterprise = f.Enterprise
	}
	return p, err
}

// manages tells whether who files may declare this project: it serves it, or
// takes it over. Nobody files a project to another enterprise, or to none.
func (f *Filing) manages(manager code.USCC) error {
	takes, given := f.Values["enterprise"]
	takes = clean(takes)
	switch own := takes == string(f.Enterprise); {
	case given && !own && (takes != "" || f.BaseVersion != 0):
		return fault.New(fault.Forbidden, "registry.other-manager", "备案只能写本企业为服务企业；把项目交给其他企业，由接管的企业备案。")
	case f.BaseVersion != 0 && manager != f.Enterprise && !own:
		return fault.New(fault.Forbidden, "registry.not-manager", "这个项目由其他企业服务；接管项目请在物业企业代码中填写本企业。")
	}
	return nil
}

// describe checks the form's size and finds division and title. A known subject
// stands where the register says, a new one where the form says.
func (s *Service) describe(ctx context.Context, tx *db.Tx, f *Filing) error {
	if len(f.Values) > valuesMax || len([]rune(f.Reason)) > reasonMax {
		return fault.New(fault.TooLarge, "registry.filing-max", "填写的内容过多。")
	}
	name := clean(f.Values["name"])
	f.Division = ""
	switch {
	case f.BaseVersion == 0:
		if err := f.manages(""); err != nil {
			return err
		}
		d, err := code.ParseDivision(f.Values["division"])
		if err != nil {
			return fault.New(fault.Invalid, "registry.form", "请先选择所在区划。").With("division", fault.From(err).Text)
		}
		f.Division = d
	case f.Subject == EnterpriseSubject:
		e, err := s.enterpriseOf(ctx, tx, f.Enterprise)
		if err != nil {
			return err
		}
		f.Division, name = e.Division, e.Name
	default:
		p, err := projectOf(ctx, tx, code.ProjectCode(f.Code))
		if err != nil {
			return err
		}
		if err := f.manages(p.Enterprise); err != nil {
			return err
		}
		f.Division, name = p.Division, p.Name
	}
	if len([]rune(name)) > textMax {
		return invalid("registry.text-max", "名称不能超过 %d 个字。", textMax)
	}
	if f.Division.Up(code.District) == "" {
		return fault.New(fault.Invalid, "registry.form", "请先选择所在区划。").With("division", "请选择到区县。")
	}
	f.Title = f.Subject.Title() + "备案：" + name
	return nil
}

// prepare fills what a new filing takes from the register: the version it starts
// from, the place, the title.
func (s *Service) prepare(ctx context.Context, tx *db.Tx, f *Filing) error {
	switch f.Subject {
	case EnterpriseSubject:
		uscc, err := code.ParseUSCC(f.Code)
		if err != nil {
			return err
		}
		f.Code, f.Enterprise = string(uscc), uscc
		e, err := s.enterpriseOf(ctx, tx, uscc)
		if err != nil && !fault.Is(err, "registry.no-enterprise") {
			return err
		}
		f.BaseVersion = e.Version
	case ProjectSubject:
		f.BaseVersion = 0
		if f.Code != "" {
			c, err := code.ParseProjectCode(f.Code)
			if err != nil {
				return err
			}
			p, err := projectOf(ctx, tx, c)
			if err != nil {
				return err
			}
			f.Code, f.BaseVersion = string(c), p.Version
			if f.Enterprise == "" {
				f.Enterprise = p.Enterprise
			}
		}
	default:
		return invalid("registry.subject", "请选择备案的对象。")
	}
	return s.describe(ctx, tx, f)
}
