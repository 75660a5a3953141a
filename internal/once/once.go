package once

import (
	"bytes"
	"context"
	"strings"
	"time"

	"juli/internal/db"
	"juli/internal/fault"
)

const (
	// Keep is how long a key is kept at least.
	Keep = 24 * time.Hour

	keyMax    = 200
	answerMax = 1 << 20
	purgeMax  = 1000 // keys that one transaction deletes
	lasting   = "forever/"
)

// Forever marks a scope whose keys are never purged: money and votes.
func Forever(scope string) string { return lasting + scope }

// Do runs fn unless its key was used before, and stores fn's answer under the
// key in the same transaction. scope separates acts and actors from one
// another, so that nobody meets another's keys, such as "fee.pay:0ABC…". body
// is what the request asked for; only its digest is stored.
//
// When fn fails, Do returns its error and the caller must roll back.
func Do(ctx context.Context, tx *db.Tx, scope, key string, body []byte, fn func() (status int, answer []byte, err error)) (status int, answer []byte, replayed bool, err error) {
	if err := checkKey(key); err != nil {
		return 0, nil, false, err
	}
	b := boxOf(scope, key)
	sum := digest(scope, key, body)
	claimed, err := tx.Exec(ctx, `
		INSERT INTO once_key (scope, key, body, status, answer, forever, created_ms)
		VALUES ($1, $2, $3, 0, $4, $5, $6)
		ON CONFLICT (scope, key) DO NOTHING`,
		b.scope, b.name, sum, []byte{}, strings.HasPrefix(scope, lasting), db.Millis(tx.Real))
	if err != nil {
		return 0, nil, false, err
	}
	if claimed == 0 {
		status, answer, err = stored(ctx, tx, b, sum)
		return status, answer, err == nil, err
	}
	status, answer, err = fn()
	if err != nil {
		return 0, nil, false, err
	}
	if len(answer) > answerMax {
		return 0, nil, false, fault.New(fault.Internal, "once.answer", "答复过长，无法保存。")
	}
	sealed, err := b.seal(answer)
	if err != nil {
		return 0, nil, false, err
	}
	_, err = tx.Exec(ctx, `UPDATE once_key SET status = $1, answer = $2 WHERE scope = $3 AND key = $4`,
		max(status, 1), sealed, b.scope, b.name)
	return status, answer, false, err
}

// stored returns the answer to an earlier request with the same body.
func stored(ctx context.Context, tx *db.Tx, b box, sum []byte) (int, []byte, error) {
	type row struct {
		body, answer []byte
		status       int
	}
	r, found, err := db.One(ctx, tx, func(s db.Scanner) (r row, err error) {
		return r, s.Scan(&r.body, &r.status, &r.answer)
	}, `SELECT body, status, answer FROM once_key WHERE scope = $1 AND key = $2`, b.scope, b.name)
	switch {
	case err != nil:
		return 0, nil, err
	case !found: // purged between the two statements
		return 0, nil, inFlight()
	case !bytes.Equal(r.body, sum):
		return 0, nil, fault.New(fault.Invalid, "once.mismatch", "这个请求编号已用于另一项内容，请刷新页面后重新提交。")
	case r.status == 0: // claimed higher up in this very transaction
		return 0, nil, inFlight()
	}
	answer, err := b.open(r.answer)
	return r.status, answer, err
}

func inFlight() error {
	return fault.New(fault.Conflict, "once.in-flight", "同一请求正在处理，请稍候再查看结果。")
}

// checkKey refuses keys that are empty, long or not printable ASCII.
func checkKey(key string) error {
	bad := key == "" || len(key) > keyMax
	for i := range len(key) {
		bad = bad || key[i] <= ' ' || key[i] > '~'
	}
	if bad {
		return fault.New(fault.Invalid, "once.key", "请求编号缺失或格式不对，请刷新页面后重新提交。")
	}
	return nil
}

// Purge deletes keys older than before, at most a thousand at a time, and tells
// how many; call it again while it deletes any. It never touches keys that are
// less than a day old or kept for ever.
func Purge(ctx context.Context, tx *db.Tx, before time.Time) (int64, error) {
	if latest := tx.Real.Add(-Keep); before.After(latest) {
		before = latest
	}
	return tx.Exec(ctx, `
		DELETE FROM once_key WHERE (scope, key) IN (
			SELECT scope, key FROM once_key
			WHERE NOT forever AND created_ms < $1
			ORDER BY created_ms, scope, key LIMIT $2)`,
		db.Millis(before), purgeMax)
}
