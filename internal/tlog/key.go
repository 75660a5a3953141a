package tlog

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/seal"
)

// A Key is the log's name and what checks its signatures.
type Key struct {
	Origin   string // "juli/2301/4f0c…", the first line of every checkpoint
	Verifier string // in the form of signed-note: name+hash+key
	signer   note.Signer
}

type sealedKey struct {
	id               db.ID
	origin, verifier string
	signer           []byte
}

func storedKey(ctx context.Context, tx *db.Tx) (sealedKey, bool, error) {
	return db.One(ctx, tx, func(row db.Scanner) (k sealedKey, err error) {
		return k, row.Scan(&k.id, &k.origin, &k.verifier, &k.signer)
	}, `SELECT id, origin, verifier, signer FROM tlog_key ORDER BY id LIMIT 1`)
}

// keyOf opens the log's key, or makes it at the first entry. The name holds a
// random part, so that no two databases ever sign as one log.
func keyOf(ctx context.Context, tx *db.Tx, keys *seal.Keys, city code.Division) (Key, error) {
	k, ok, err := storedKey(ctx, tx)
	if err != nil {
		return Key{}, err
	}
	if !ok {
		if k, err = makeKey(ctx, tx, keys, city); err != nil {
			return Key{}, err
		}
	}
	secret, err := keys.Open("tlog_key", "signer", k.id, k.signer)
	if err != nil {
		return Key{}, fmt.Errorf("public log: key: %w", err)
	}
	signer, err := note.NewSigner(string(secret))
	if err != nil {
		return Key{}, fmt.Errorf("public log: key: %w", err)
	}
	return Key{Origin: k.origin, Verifier: k.verifier, signer: signer}, nil
}

func makeKey(ctx context.Context, tx *db.Tx, keys *seal.Keys, city code.Division) (sealedKey, error) {
	var nonce [6]byte
	if _, err := rand.Read(nonce[:]); err != nil {
		return sealedKey{}, err
	}
	k := sealedKey{id: tx.NewID(), origin: "juli/" + string(city) + "/" + hex.EncodeToString(nonce[:])}
	secret, verifier, err := note.GenerateKey(rand.Reader, k.origin)
	if err != nil {
		return sealedKey{}, err
	}
	k.verifier = verifier
	if k.signer, err = keys.Seal("tlog_key", "signer", k.id, []byte(secret)); err != nil {
		return sealedKey{}, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO tlog_key (id, origin, verifier, signer, made_at) VALUES ($1, $2, $3, $4, $5)`,
		k.id, k.origin, k.verifier, k.signer, db.Millis(tx.Real))
	return k, err
}
