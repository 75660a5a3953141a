package resident

import (
	"context"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/identity"
)

const contactsMax = 20 // of one report

// A Contact is how somebody who reported may be reached.
type Contact struct{ Name, Phone, Email string }

// masked is the contact as everybody with a part in the procedure may see it.
func (c Contact) masked() Contact {
	c.Name, c.Phone = code.MaskName(c.Name), code.MaskPhone(c.Phone)
	if at := strings.IndexByte(c.Email, '@'); at > 0 {
		c.Email = c.Email[:1] + "***" + c.Email[at:]
	} else if c.Email != "" {
		c.Email = "***"
	}
	return c
}

// MaskedIn are the contacts of a report, masked, for whoever may ask for the whole.
func (s *Reports) MaskedIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (list []Contact, err error) {
	r, err := s.at(ctx, tx, who, id, authz.ReportRead)
	if err != nil || !authz.May(who, authz.ReportPhone, r.Place()) {
		return nil, err
	}
	if list, _, err = s.contacts(ctx, tx, id); err != nil {
		return nil, err
	}
	for i, c := range list {
		list[i] = c.masked()
	}
	return list, nil
}

// ContactsIn shows in full who reported and how to reach them, to who gives a
// reason and a fresh second factor, at most a hundred persons an hour (PI-2); the
// log keeps who, when and why, for each of those seen.
func (s *Reports) ContactsIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, reason string) ([]Contact, error) {
	r, err := s.at(ctx, tx, who, id, authz.ReportPhone)
	if err != nil {
		return nil, err
	}
	reason = tidy(reason)
	list, persons, err := s.contacts(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if len(persons) == 0 {
		persons = []string{r.object()} // nobody left any: the looking counts still
	}
	if err := identity.Unmasked(ctx, tx, who, r.Place(), persons[0], reason, persons[1:]...); err != nil {
		return nil, err
	}
	return list, audit.Append(ctx, tx, who, "resident.phone-read", r.object(), audit.Change{Act: authz.ReportPhone, At: r.Place(), Detail: map[string]any{"reason": reason, "persons": len(list)}})
}

// contacts are the telephones of the voices, and what a client of the open
// interface gave with the report, each with whose they are, for the log.
func (s *Reports) contacts(ctx context.Context, tx *db.Tx, id db.ID) (list []Contact, persons []string, err error) {
	type row struct {
		id    db.ID
		phone []byte
	}
	rows, err := db.All(ctx, tx, func(sc db.Scanner) (x row, err error) { return x, sc.Scan(&x.id, &x.phone) },
		`SELECT id, phone_sealed FROM resident_voice WHERE report = $1 AND phone_sealed IS NOT NULL ORDER BY id LIMIT $2`, id, contactsMax)
	if err != nil {
		return nil, nil, err
	}
	g, ok, err := s.given(ctx, tx, id, "")
	if err != nil {
		return nil, nil, err
	}
	first := Contact{Name: nameOf(g), Phone: g.Phone, Email: g.Email}
	if m := Mobile(g.Phone); m != "" {
		first.Phone = m
	}
	if ok && first != (Contact{}) {
		list, persons = append(list, first), append(persons, "open311_request:"+id.String())
	}
	for _, x := range rows {
		plain, err := s.Keys.Open("resident_voice", "phone_sealed", x.id, x.phone)
		if err != nil {
			return nil, nil, err
		}
		if phone := string(plain); phone != first.Phone || phone == "" {
			list, persons = append(list, Contact{Phone: phone}), append(persons, "resident_voice:"+x.id.String())
		}
	}
	return list, persons, nil
}

// nameOf puts the two halves of a name together: the family's first in Chinese.
func nameOf(g Given) string {
	if g.Last > "~" {
		return g.Last + g.First
	}
	return strings.TrimSpace(g.First + " " + g.Last)
}
