package open311

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"time"

	"juli/internal/db"
	"juli/internal/fault"
)

// onceFor is how long the same again counts as a retry.
const onceFor = 24 * time.Hour

const onceMax = 200 // characters of an Idempotency-Key

// A mark tells a retry from another request: once is the client's own key, or the
// body where it sends none; digest is the body.
type mark struct {
	client       db.ID
	once, digest []byte
}

func markOf(r *http.Request, client db.ID, v url.Values, files []*multipart.FileHeader) (m mark, err error) {
	h := sha256.New()
	say := func(s string) {
		_ = binary.Write(h, binary.BigEndian, uint64(len(s)))
		_, _ = io.WriteString(h, s)
	}
	say(r.URL.Path)
	for _, name := range slices.Sorted(maps.Keys(v)) {
		say(name)
		for _, text := range v[name] {
			say(text)
		}
	}
	for _, f := range files {
		say(f.Filename)
		file, err := f.Open()
		if err != nil {
			return m, err
		}
		_, err = io.Copy(h, file)
		file.Close()
		if err != nil {
			return m, err
		}
	}
	m = mark{client: client, digest: h.Sum(nil)}
	key := r.Header.Get("Idempotency-Key")
	if len(key) > onceMax {
		return m, fault.New(fault.Invalid, "open311.once", "Idempotency-Key: 最长 200 个字符。")
	}
	m.once = onceOf(client, key)
	if key == "" {
		m.once = onceOf(client, "\x00"+string(m.digest))
	}
	return m, nil
}

func onceOf(client db.ID, key string) []byte { return hashOf(client.String() + " " + key) }

// known gives what the same request made before, 0 nothing. Another body under
// the same key of the client is refused.
func known(ctx context.Context, tx *db.Tx, table, column string, m mark) (db.ID, error) {
	if err := tx.Lock(ctx, "open311", hex.EncodeToString(m.once)); err != nil {
		return 0, err
	}
	type row struct {
		id     db.ID
		digest []byte
	}
	x, ok, err := db.One(ctx, tx, func(s db.Scanner) (x row, err error) { return x, s.Scan(&x.id, &x.digest) },
		`SELECT `+column+`, digest FROM `+table+` WHERE once = $1 AND made_at > $2 ORDER BY made_at DESC, `+column+` DESC LIMIT 1`, m.once, db.Millis(tx.Real.Add(-onceFor)))
	if err != nil || !ok {
		return 0, err
	}
	if !slices.Equal(x.digest, m.digest) {
		return 0, fault.New(fault.Conflict, "open311.once", "Idempotency-Key: 这个键已用于另一个内容不同的请求。")
	}
	return x.id, nil
}
