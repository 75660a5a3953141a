package registry

import (
	"context"
	"slices"
	"strings"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
)

var enterprises = &ledger[Enterprise]{
	name: "enterprise",
	key:  "uscc",
	cols: []string{
		"uscc", "id", "version", "kind", "name", "pinyin", "head", "legal_sealed", "division", "address", "phone_sealed",
		"founded", "capital_fen", "staff", "party_members", "state", "entered", "left_on",
		"changed_at", "changed_by", "source", "reason", "projects", "managed_area",
	},
	kept: []string{"projects", "managed_area"},
	row:  enterpriseRow,
}

var enterpriseCols = strings.Join(enterprises.cols, ", ")

func enterpriseRow(s *Service, e *Enterprise, into []any) ([]any, error) {
	legal, err := s.seal("enterprise", "legal_sealed", e.ID, e.LegalPerson)
	if err != nil {
		return nil, err
	}
	phone, err := s.seal("enterprise", "phone_sealed", e.ID, e.Phone)
	if err != nil {
		return nil, err
	}
	return append(into,
		string(e.USCC), e.ID, e.Version, string(e.Kind), e.Name, fullPinyin(e.Name), e.Head, legal, string(e.Division), e.Address, phone,
		e.Founded, int64(e.Capital), e.Staff, e.PartyMembers, string(e.State), e.Entered, e.LeftOn,
		db.Millis(e.At), e.By, string(e.Source), e.Reason, e.Projects, int64(e.Managed)), nil
}

// scanEnterprise reads a row of enterpriseCols and opens what is sealed.
func (s *Service) scanEnterprise(row db.Scanner) (e Enterprise, err error) {
	var legal, phone []byte
	var at int64
	var pinyin string
	err = row.Scan(&e.USCC, &e.ID, &e.Version, &e.Kind, &e.Name, &pinyin, &e.Head, &legal, &e.Division, &e.Address, &phone,
		&e.Founded, &e.Capital, &e.Staff, &e.PartyMembers, &e.State, &e.Entered, &e.LeftOn,
		&at, &e.By, &e.Source, &e.Reason, &e.Projects, &e.Managed)
	if err != nil {
		return e, err
	}
	e.At = db.FromMillis(at)
	if e.LegalPerson, err = s.open("enterprise", "legal_sealed", e.ID, legal); err != nil {
		return e, err
	}
	e.Phone, err = s.open("enterprise", "phone_sealed", e.ID, phone)
	return e, err
}

// seal encrypts a text of one row; the empty text is NULL.
func (s *Service) seal(table, column string, row db.ID, plain string) (any, error) {
	if plain == "" {
		return nil, nil
	}
	b, err := s.Keys.Seal(table, column, row, []byte(plain))
	return b, err
}

func (s *Service) open(table, column string, row db.ID, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	b, err := s.Keys.Open(table, column, row, sealed)
	return string(b), err
}

// enterpriseOf reads one enterprise.
func (s *Service) enterpriseOf(ctx context.Context, tx *db.Tx, uscc code.USCC) (Enterprise, error) {
	e, ok, err := db.One(ctx, tx, s.scanEnterprise, `SELECT `+enterpriseCols+` FROM enterprise WHERE uscc = $1`, string(uscc))
	if err == nil && !ok {
		err = noEnterprise()
	}
	return e, err
}

// enterprisesOf reads many at once.
func (s *Service) enterprisesOf(ctx context.Context, tx *db.Tx, codes []code.USCC) (map[code.USCC]Enterprise, error) {
	found := make(map[code.USCC]Enterprise, len(codes))
	for chunk := range slices.Chunk(codes, chunkRows) {
		for e, err := range db.Rows(ctx, tx, s.scanEnterprise, `SELECT `+enterpriseCols+` FROM enterprise WHERE uscc IN (`+params(1, len(chunk))+`)`, anys(chunk)...) {
			if err != nil {
				return nil, err
			}
			found[e.USCC] = e
		}
	}
	return found, nil
}

func noEnterprise() error {
	return fault.New(fault.NotFound, "registry.no-enterprise", "没有找到这家企业。")
}
