package db

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"sync"
	"time"

	"juli/internal/fault"
)

// An ID is a 64-bit time-ordered identifier, made in a transaction by
// [Tx.NewID]: 41 bits of milliseconds since 2000, 10 of node, 12 of counter. It
// is shown as 13 Crockford base-32 characters, in JSON too; 0 is none.
type ID int64

const (
	idNodeBits  = 10
	idCountBits = 12
	idChars     = 13
	crockford   = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)

var idEpoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

// String is the 13 characters, or "" for none.
func (id ID) String() string {
	if id == 0 {
		return ""
	}
	var b [idChars]byte
	v := uint64(id)
	for i := idChars - 1; i >= 0; i-- {
		b[i] = crockford[v&31]
		v >>= 5
	}
	return string(b[:])
}

// ParseID reads the 13 characters; lower case and the look-alikes I, L and O are
// taken for 1, 1 and 0. It fails with Invalid "db.id".
func ParseID(s string) (ID, error) {
	bad := func() (ID, error) { return 0, fault.New(fault.Invalid, "db.id", "编号格式不正确。") }
	if len(s) != idChars {
		return bad()
	}
	var v uint64
	for i := range idChars {
		c := s[i]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		switch c {
		case 'I', 'L':
			c = '1'
		case 'O':
			c = '0'
		}
		n := strings.IndexByte(crockford, c)
		if n < 0 || (i == 0 && n > 7) {
			return bad()
		}
		v = v<<5 | uint64(n)
	}
	return ID(v), nil
}

// Value stores the id as BIGINT, none as NULL.
func (id ID) Value() (driver.Value, error) {
	if id == 0 {
		return nil, nil
	}
	return int64(id), nil
}

// Scan reads a BIGINT or NULL.
func (id *ID) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*id = 0
	case int64:
		*id = ID(v)
	default:
		return fmt.Errorf("db.ID from %T", src)
	}
	return nil
}

// MarshalText gives the 13 characters, for JSON and forms.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads them; the empty text is none.
func (id *ID) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*id = 0
		return nil
	}
	*id, err = ParseID(string(b))
	return err
}

// Time is the real time at which the id was made, to the millisecond or a little later.
func (id ID) Time() time.Time {
	return time.UnixMilli(int64(id)>>(idNodeBits+idCountBits) + idEpoch).UTC()
}

// An idMaker makes the ids of one process, under one node number.
type idMaker struct {
	mu    sync.Mutex
	node  int64
	last  int64 // milliseconds since idEpoch
	count int64
}

// next never repeats itself and never goes back: when a millisecond is used up
// it borrows from the next one.
func (m *idMaker) next(now time.Time) ID {
	m.mu.Lock()
	defer m.mu.Unlock()
	if ms := now.UnixMilli() - idEpoch; ms > m.last {
		m.last, m.count = ms, 0
	} else if m.count++; m.count == 1<<idCountBits {
		m.last, m.count = m.last+1, 0
	}
	return ID(m.last<<(idNodeBits+idCountBits) | m.node<<idCountBits | m.count)
}
