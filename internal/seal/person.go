package seal

import (
	"context"
	"crypto/cipher"

	"juli/internal/db"
	"juli/internal/fault"
)

// Append-only tables hold personal data only under a key of the person's own.
// Destroying that key is the deletion (PI-5): neither the tables nor an index
// have to be touched.

// SealFor is Seal under a person's own key, which the first call makes.
func (k *Keys) SealFor(ctx context.Context, tx *db.Tx, person db.ID, table, column string, row db.ID, plain []byte) ([]byte, error) {
	if row == 0 || person == 0 {
		return nil, fault.New(fault.Internal, "seal.row", "缺少编号，不能加密保存。")
	}
	wrapped, err := k.Seal("seal_person", "wrapped", person, random())
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO seal_person (person, wrapped, created_ms) VALUES ($1, $2, $3)
		ON CONFLICT (person) DO NOTHING`, person, wrapped, db.Millis(tx.Real))
	if err != nil {
		return nil, err
	}
	aead, err := k.personKey(ctx, tx, person)
	if err != nil {
		return nil, err
	}
	return seal(aead, 0, table, column, row, plain), nil
}

// OpenFor opens what SealFor made, until the person is forgotten
// ("seal.forgotten").
func (k *Keys) OpenFor(ctx context.Context, tx *db.Tx, person db.ID, table, column string, row db.ID, sealed []byte) ([]byte, error) {
	aead, err := k.personKey(ctx, tx, person)
	if err != nil {
		return nil, err
	}
	if _, err := keyOf(sealed); err != nil {
		return nil, err
	}
	return open(aead, table, column, row, sealed)
}

// Forget destroys a person's key, and with it all that was sealed under it. No
// other key is made for the person afterwards.
func (k *Keys) Forget(ctx context.Context, tx *db.Tx, person db.ID) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO seal_person (person, wrapped, created_ms, forgotten_ms) VALUES ($1, NULL, $2, $2)
		ON CONFLICT (person) DO UPDATE SET wrapped = NULL, forgotten_ms = excluded.forgotten_ms
		WHERE seal_person.forgotten_ms = 0`, person, db.Millis(tx.Real))
	return err
}

// ResealPersons moves up to limit personal keys that come after a person to the
// data key in use; it returns the last one seen, or 0 at the end.
func (k *Keys) ResealPersons(ctx context.Context, tx *db.Tx, after db.ID, limit int) (last db.ID, err error) {
	type owned struct {
		person  db.ID
		wrapped []byte
	}
	all, err := db.All(ctx, tx, func(s db.Scanner) (o owned, err error) {
		return o, s.Scan(&o.person, &o.wrapped)
	}, `SELECT person, wrapped FROM seal_person
		WHERE person > $1 AND wrapped IS NOT NULL ORDER BY person LIMIT $2`, int64(after), limit)
	if err != nil {
		return 0, err
	}
	for _, o := range all {
		fresh, changed, err := k.Reseal("seal_person", "wrapped", o.person, o.wrapped)
		if err != nil {
			return 0, err
		}
		if changed {
			_, err = tx.Exec(ctx, `UPDATE seal_person SET wrapped = $1 WHERE person = $2 AND wrapped = $3`, fresh, o.person, o.wrapped)
			if err != nil {
				return 0, err
			}
		}
		last = o.person
	}
	return last, nil
}

func (k *Keys) personKey(ctx context.Context, tx *db.Tx, person db.ID) (cipher.AEAD, error) {
	wrapped, found, err := db.One(ctx, tx, func(s db.Scanner) (b []byte, err error) {
		return b, s.Scan(&b)
	}, `SELECT wrapped FROM seal_person WHERE person = $1`, person)
	if err != nil {
		return nil, err
	}
	if !found || wrapped == nil {
		return nil, fault.New(fault.NotFound, "seal.forgotten", "此人的信息已按规定删除。")
	}
	key, err := k.Open("seal_person", "wrapped", person, wrapped)
	if err != nil {
		return nil, err
	}
	return gcm(key)
}
