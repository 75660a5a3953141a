package city

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"juli/internal/fault"
	"juli/internal/identity"
)

// AccountsPath is where a demo database's accounts are kept: beside the SQLite
// file, or in the working folder under the database's name.
func AccountsPath(db string) string {
	if file, ok := strings.CutPrefix(db, "sqlite://"); ok {
		return filepath.Join(filepath.Dir(file), "demo-accounts.json")
	}
	name := "juli"
	if u, err := url.Parse(db); err == nil {
		name = path.Base(u.Path)
	}
	return "demo-accounts-" + name + ".json"
}

// SaveAccounts keeps the accounts for their owner's eyes only.
func SaveAccounts(db string, list []Account) error {
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	file := AccountsPath(db)
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o600)
}

// LoadAccounts reads them; a database without demo accounts has none.
func LoadAccounts(db string) ([]Account, error) {
	text, err := os.ReadFile(AccountsPath(db))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []Account
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", AccountsPath(db), err)
	}
	return list, nil
}

// OneTimeCode is the code that an account's authenticator shows now.
func OneTimeCode(db, login string, now time.Time) (string, error) {
	list, err := LoadAccounts(db)
	if err != nil {
		return "", err
	}
	for _, a := range list {
		if a.Login == login && a.Secret != "" {
			return identity.Code(a.Secret, now)
		}
	}
	return "", fault.New(fault.NotFound, "city.account", "没有演示账号 %s。", login)
}
