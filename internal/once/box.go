package once

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"juli/internal/fault"
)

// A box is the row of one key. Neither the key nor the rest of its scope stands in
// the table, and the answer is sealed under both: who sent the request can have it
// again, who holds a copy of the database cannot, though an answer leads to a
// page whose address is a secret.
type box struct {
	scope string // its first word: what kind of request
	name  string
	aead  cipher.AEAD
}

func boxOf(scope, key string) box {
	kind, _, _ := strings.Cut(scope, " ")
	b := box{scope: kind, name: hex.EncodeToString(mix("name", scope, []byte(key)))}
	block, err := aes.NewCipher(mix("answer", scope, []byte(key)))
	if err == nil {
		b.aead, err = cipher.NewGCM(block)
	}
	if err != nil {
		panic(err) // of a key of 32 bytes
	}
	return b
}

func (b box) seal(answer []byte) ([]byte, error) {
	nonce := make([]byte, b.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("seal answer: %w", err)
	}
	return b.aead.Seal(nonce, nonce, answer, []byte(b.name)), nil
}

func (b box) open(sealed []byte) ([]byte, error) {
	n := b.aead.NonceSize()
	if len(sealed) < n {
		return nil, fault.New(fault.Internal, "once.answer", "保存的答复已损坏，请联系管理员。")
	}
	plain, err := b.aead.Open(nil, sealed[:n], sealed[n:], []byte(b.name))
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "once.answer", "保存的答复已损坏，请联系管理员。")
	}
	return plain, nil
}

// digest binds a body to its key, which is not kept: bodies that could be guessed,
// such as a telephone, are not found by trying them all.
func digest(scope, key string, body []byte) []byte { return mix("body", scope, []byte(key), body) }

// mix hashes parts for one purpose, each with its length.
func mix(purpose, scope string, parts ...[]byte) []byte {
	h := sha256.New()
	for _, part := range append([][]byte{[]byte(purpose), []byte(scope)}, parts...) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write(part)
	}
	return h.Sum(nil)
}
