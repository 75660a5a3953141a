package seal

import (
	"bufio"
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"juli/internal/fault"
)

const (
	keySize     = 32
	fileHead    = "juli-master-keys-v1"
	fileSizeMax = 64 << 10
)

// A master wraps data keys. Its name is derived from the key, so that a
// mistyped key is noticed.
type master struct {
	name string
	key  []byte
	aead cipher.AEAD
}

func newMaster(key []byte) (master, error) {
	aead, err := gcm(key)
	sum := sha256.Sum256(append([]byte("juli master key "), key...))
	return master{hex.EncodeToString(sum[:8]), key, aead}, err
}

// CreateFile makes a key file with one fresh master key. It never replaces a
// file.
func CreateFile(path string) error {
	m, err := newMaster(random())
	if err != nil {
		return err
	}
	return writeMasters(path, []master{m}, os.Link)
}

// AddMaster adds a fresh master key to the file. Every copy of the program must
// have the new file before one of them calls [Keys.Rewrap].
func AddMaster(path string) error {
	have, err := readMasters(path)
	if err != nil {
		return err
	}
	m, err := newMaster(random())
	if err != nil {
		return err
	}
	return writeMasters(path, append(have, m), os.Rename)
}

// readMasters reads the key file; the last key is the one in use.
func readMasters(path string) ([]master, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(err, fault.Unavailable, "seal.no-file", "找不到密钥文件，请检查 JULI_KEYS 或数据库旁的密钥文件。")
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "seal.file", "密钥文件无法读取。")
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 {
		return nil, fault.New(fault.Unavailable, "seal.mode", "密钥文件的权限过宽，应为0600（只有本程序的用户可读写）。")
	}
	bad := fault.New(fault.Unavailable, "seal.file", "密钥文件内容不对，请从保管处恢复。")
	lines := bufio.NewScanner(io.LimitReader(f, fileSizeMax))
	if !lines.Scan() || lines.Text() != fileHead {
		return nil, bad
	}
	var all []master
	for lines.Scan() {
		name, text, _ := strings.Cut(lines.Text(), " ")
		key, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(key) != keySize {
			return nil, bad
		}
		m, err := newMaster(key)
		if err != nil {
			return nil, err
		}
		if m.name != name {
			return nil, bad
		}
		all = append(all, m)
	}
	if lines.Err() != nil || len(all) == 0 {
		return nil, bad
	}
	return all, nil
}

// writeMasters writes the file whole or not at all: aside, synced, then put in
// place, which is os.Link where nothing may be replaced.
func writeMasters(path string, all []master, place func(from, to string) error) error {
	var b bytes.Buffer
	fmt.Fprintln(&b, fileHead)
	for _, m := range all {
		fmt.Fprintln(&b, m.name, base64.StdEncoding.EncodeToString(m.key))
	}
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".juli-keys-*") // mode 0600
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(b.Bytes())
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	if err := place(tmp.Name(), path); err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

func random() []byte {
	key := make([]byte, keySize)
	rand.Read(key) // never fails: crypto/rand ends the program instead
	return key
}
