package tlog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"juli/internal/day"
)

// entryMax is the longest entry that a C2SP bundle can hold, in bytes.
const entryMax = 65535

// An Act is what the log says of one official act. It holds what is public
// about it and no person: who acted is told by office, not by name.
type Act struct {
	Kind   string    // "credit.published"
	Title  string    // 公布信用评价结果
	Object string    // "credit_publication:0ABC…"
	At     time.Time // city time
	Role   string    // the office that acted, as the duty matrix names it
	Scope  string    // its division, enterprise or project
	Number string    // 文号
	Text   string    // one sentence
	Digest string    // hex SHA-256 of what was published
	Href   string    // where it can be read
}

// entryJSON is an entry's form, version 1. Names, order and meaning never
// change: a new form gets a new version.
type entryJSON struct {
	V      int    `json:"v"`
	Kind   string `json:"kind"`
	Title  string `json:"title"`
	Object string `json:"object"`
	At     string `json:"at"`
	Role   string `json:"role,omitempty"`
	Scope  string `json:"scope,omitempty"`
	Number string `json:"number,omitempty"`
	Text   string `json:"text,omitempty"`
	Digest string `json:"digest,omitempty"`
	Href   string `json:"href,omitempty"`
}

// Encode is the entry's bytes, the leaf of the tree.
func (a Act) Encode() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(entryJSON{
		1, a.Kind, a.Title, a.Object, a.At.In(day.Shanghai).Format(time.RFC3339Nano),
		a.Role, a.Scope, a.Number, a.Text, a.Digest, a.Href,
	})
	if err != nil {
		return nil, err
	}
	if b.Len() > entryMax {
		return nil, fmt.Errorf("entry %s of %d bytes is longer than %d", a.Object, b.Len(), entryMax)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Decode reads an entry's bytes.
func Decode(body []byte) (Act, error) {
	var e entryJSON
	if err := json.Unmarshal(body, &e); err != nil {
		return Act{}, fmt.Errorf("entry: %w", err)
	}
	if e.V != 1 {
		return Act{}, fmt.Errorf("entry of version %d is newer than this program", e.V)
	}
	at, err := time.Parse(time.RFC3339Nano, e.At)
	if err != nil {
		return Act{}, fmt.Errorf("entry: %w", err)
	}
	return Act{e.Kind, e.Title, e.Object, at, e.Role, e.Scope, e.Number, e.Text, e.Digest, e.Href}, nil
}
