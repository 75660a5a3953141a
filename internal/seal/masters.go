package seal

import (
	"crypto/hkdf"
	"crypto/sha256"

	"juli/internal/fault"
)

// Masters are the keys of a key file, for what must open where no database is:
// a backup, which holds the wrapped data keys and so cannot be sealed by them.
type Masters struct{ all []master }

// OpenMasters reads a key file.
func OpenMasters(path string) (*Masters, error) {
	all, err := readMasters(path)
	if err != nil {
		return nil, err
	}
	return &Masters{all}, nil
}

// Newest names the master key in use, by the 16 characters that Derive takes.
func (m *Masters) Newest() string { return m.all[len(m.all)-1].name }

// Derive makes a key of 32 bytes for one purpose and salt from the master key
// of that name; a name that the file does not hold is refused.
func (m *Masters) Derive(name, purpose string, salt []byte) ([]byte, error) {
	for _, k := range m.all {
		if k.name == name {
			return hkdf.Key(sha256.New, k.key, salt, "juli "+purpose, keySize)
		}
	}
	return nil, fault.New(fault.Unavailable, "seal.wrong-file", "密钥文件中没有所需的密钥，请换回原来的密钥文件。")
}
