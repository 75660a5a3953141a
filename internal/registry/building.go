package registry

import (
	"context"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/money"
)

// A Building is one building of a project. Number is the last three digits of
// its code; NationalCode is that of JGJ/T 496-2022, never a key.
type Building struct {
	Project      code.ProjectCode
	Number       int64
	Name         string
	Storeys      int64
	Entrances    int64
	Households   int64
	Lifts        int64
	Structure    string
	Built        int64
	Area         money.Area
	NationalCode string
}

// Code is the project's code and the building's number.
func (b Building) Code() code.BuildingCode {
	c, err := b.Project.Building(int(b.Number))
	if err != nil {
		return ""
	}
	return c
}

const buildingCols = `project, number, name, storeys, entrances, households, lifts, structure, built, area, national_code`

func scanBuilding(row db.Scanner) (b Building, err error) {
	return b, row.Scan(&b.Project, &b.Number, &b.Name, &b.Storeys, &b.Entrances, &b.Households, &b.Lifts, &b.Structure, &b.Built, &b.Area, &b.NationalCode)
}

// Buildings lists a project's buildings by number.
func Buildings(ctx context.Context, tx *db.Tx, c code.ProjectCode) ([]Building, error) {
	return db.All(ctx, tx, scanBuilding, `SELECT `+buildingCols+` FROM building WHERE project = $1 ORDER BY number LIMIT 999`, string(c))
}

// PutBuilding adds a building or changes it, by its number.
func (s *Service) PutBuilding(ctx context.Context, who authz.Actor, b Building) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.PutBuildingIn(ctx, tx, who, b) })
}

// PutBuildingIn is PutBuilding in the caller's transaction.
func (s *Service) PutBuildingIn(ctx context.Context, tx *db.Tx, who authz.Actor, b Building) error {
	at, err := PlaceOfProject(ctx, tx, b.Project)
	if err != nil {
		return err
	}
	if err := requireEither(who, at, authz.RegistryFile, authz.RegistryImport); err != nil {
		return err
	}
	if b.Code() == "" || b.Storeys < 0 || b.Entrances < 0 || b.Households < 0 || b.Lifts < 0 || b.Area < 0 || len([]rune(b.Name)) > textMax {
		return invalid("registry.building", "楼栋信息不正确：序号应为 1 至 999，数量不能为负。")
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO building (`+buildingCols+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (project, number) DO UPDATE SET name = excluded.name, storeys = excluded.storeys, entrances = excluded.entrances,
			households = excluded.households, lifts = excluded.lifts, structure = excluded.structure, built = excluded.built,
			area = excluded.area, national_code = excluded.national_code`,
		string(b.Project), b.Number, clean(b.Name), b.Storeys, b.Entrances, b.Households, b.Lifts, clean(b.Structure), b.Built, int64(b.Area), clean(b.NationalCode))
	if err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, "registry.building-put", "project:"+string(b.Project), map[string]int64{"number": b.Number})
}
