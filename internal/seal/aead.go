package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"juli/internal/db"
	"juli/internal/fault"
)

// A sealed value is: suite (1) ‖ data key (4) ‖ nonce (12) ‖ ciphertext ‖ tag (16).
const (
	suite     = 1 // AES-256-GCM; another suite takes another number (CRY-1)
	nonceSize = 12
	headSize  = 1 + 4
	tagSize   = 16
)

// Seal encrypts a value for one row of a column. Where the row isn't known yet,
// make its id first.
func (k *Keys) Seal(table, column string, row db.ID, plain []byte) ([]byte, error) {
	r := k.ring.Load()
	id := r.active(k.now())
	if row == 0 {
		return nil, fault.New(fault.Internal, "seal.row", "缺少行编号，不能加密保存。")
	}
	aead, known := r.data[id]
	if !known {
		return nil, fault.New(fault.Unavailable, "seal.no-key", "没有可用的数据密钥。")
	}
	return seal(aead, id, table, column, row, plain), nil
}

// Open decrypts what Seal made for the same row of the same column. Anything
// else fails with "seal.open", which deserves an alarm: somebody changed or moved a
// ciphertext.
func (k *Keys) Open(table, column string, row db.ID, sealed []byte) ([]byte, error) {
	id, err := keyOf(sealed)
	if err != nil {
		return nil, err
	}
	aead, known := k.ring.Load().data[id]
	if !known {
		return nil, fault.New(fault.Unavailable, "seal.unknown-key", "这条数据所用的密钥不在本机。")
	}
	return open(aead, table, column, row, sealed)
}

// Reseal returns the value sealed under the key in use, and whether that made a
// difference: rows that were sealed under it already come back as they are.
func (k *Keys) Reseal(table, column string, row db.ID, sealed []byte) (fresh []byte, changed bool, err error) {
	id, err := keyOf(sealed)
	if err != nil || id == k.ring.Load().active(k.now()) {
		return sealed, false, err
	}
	plain, err := k.Open(table, column, row, sealed)
	if err != nil {
		return nil, false, err
	}
	fresh, err = k.Seal(table, column, row, plain)
	return fresh, err == nil, err
}

// Blind returns the 32 bytes under which a value can be looked up without
// decrypting anything (HMAC-SHA-256). Values are brought to one form before;
// purpose separates columns, so that equal values in two of them don't show.
func (k *Keys) Blind(purpose string, value []byte) []byte {
	mac := hmac.New(sha256.New, k.ring.Load().blind)
	mac.Write(appendPart(nil, []byte(purpose)))
	mac.Write(value)
	return mac.Sum(nil)
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("data key: %w", err)
	}
	return cipher.NewGCM(block)
}

// seal makes a sealed value under a data key, or under a person's own (id 0).
func seal(aead cipher.AEAD, id uint32, table, column string, row db.ID, plain []byte) []byte {
	out := make([]byte, headSize+nonceSize, headSize+nonceSize+len(plain)+tagSize)
	out[0] = suite
	binary.BigEndian.PutUint32(out[1:], id)
	nonce := out[headSize:]
	rand.Read(nonce)
	return aead.Seal(out, nonce, plain, bound(out[:headSize], table, column, row))
}

func open(aead cipher.AEAD, table, column string, row db.ID, sealed []byte) ([]byte, error) {
	head, nonce, text := sealed[:headSize], sealed[headSize:headSize+nonceSize], sealed[headSize+nonceSize:]
	plain, err := aead.Open(nil, nonce, text, bound(head, table, column, row))
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "seal.open", "加密数据与所在记录不符，可能被改动，请联系管理员。")
	}
	return plain, nil
}

// keyOf reads which data key a sealed value names.
func keyOf(sealed []byte) (uint32, error) {
	if len(sealed) < headSize+nonceSize+tagSize || sealed[0] != suite {
		return 0, fault.New(fault.Internal, "seal.open", "加密数据格式不对，可能被改动，请联系管理员。")
	}
	return binary.BigEndian.Uint32(sealed[1:]), nil
}

// bound is the additional data: head ‖ table ‖ column ‖ row, each with its length.
func bound(head []byte, table, column string, row db.ID) []byte {
	var b []byte
	for _, part := range [][]byte{head, []byte(table), []byte(column), binary.BigEndian.AppendUint64(nil, uint64(row))} {
		b = appendPart(b, part)
	}
	return b
}

// appendPart writes a length and a part, so that parts can't run into each other.
func appendPart(b, part []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(part)))
	return append(b, part...)
}
