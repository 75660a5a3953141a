package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"juli/internal/code"
)

const (
	shortMax  = 200       // characters of a kind, request id, address
	objectMax = 400       // characters
	detailMax = 16 * 1024 // bytes of JSON
)

// clean makes text safe in a log line and on a terminal: no line breaks, no
// control characters or escape sequences, nothing that turns the direction of
// writing, valid UTF-8, bounded (AUD-2). It hides what looks like a person's
// number, whoever put it there.
func clean(s string, most int) string {
	n := 0
	s = strings.Map(func(r rune) rune {
		if n++; n > most {
			return -1
		}
		return harmless(r)
	}, s)
	return hide(s)
}

func harmless(r rune) rune {
	switch {
	case unicode.IsControl(r), r == '\u2028', r == '\u2029':
		return ' '
	case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r): // bidi controls, zero width, private use
		return -1
	}
	return r
}

var (
	longDigits = regexp.MustCompile(`[0-9]{11,18}[Xx]?`)
	hexOrLong  = regexp.MustCompile(`[0-9A-Fa-f]{32,}|` + longDigits.String())
)

// hide masks mobile and identity numbers. A digest keeps each of its digits, whatever
// they look like: others compute it again.
func hide(s string) string {
	return hexOrLong.ReplaceAllStringFunc(s, func(n string) string {
		if len(n) >= 32 && strings.ContainsAny(n, "abcdefABCDEF") {
			return n
		}
		return longDigits.ReplaceAllStringFunc(n, hideNumber)
	})
}

func hideNumber(n string) string {
	if len(n) == 11 && n[0] == '1' && n[1] >= '3' {
		return code.MaskPhone(n)
	}
	if _, err := code.ParseIDNumber(n); err == nil {
		return code.MaskID(n)
	}
	return n
}

// cleanJSON is detail as JSON whose texts are clean. What is too large is
// replaced by its size and digest.
func cleanJSON(detail any) (json.RawMessage, error) {
	if detail == nil {
		return json.RawMessage("{}"), nil
	}
	text, err := json.Marshal(detail)
	if err != nil {
		return nil, fmt.Errorf("audit detail: %w", err)
	}
	if len(text) > detailMax {
		sum := sha256.Sum256(text)
		return json.RawMessage(`{"size":` + strconv.Itoa(len(text)) + `,"sha256":"` + hex.EncodeToString(sum[:]) + `"}`), nil
	}
	if tidy(text) {
		return text, nil
	}
	var v any
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("audit detail: %w", err)
	}
	return json.Marshal(cleanValue(v))
}

// tidy tells cheaply that JSON needs no cleaning: plain ASCII or common Han, no
// escapes, no long numbers.
func tidy(text []byte) bool {
	digits := 0
	for _, r := range string(text) {
		if r >= '0' && r <= '9' {
			if digits++; digits >= 11 {
				return false
			}
			continue
		}
		digits = 0
		if r == '\\' || r == unicode.ReplacementChar || r != harmless(r) {
			return false
		}
	}
	return true
}

func cleanValue(v any) any {
	switch v := v.(type) {
	case string:
		return clean(v, detailMax)
	case []any:
		for i := range v {
			v[i] = cleanValue(v[i])
		}
		return v
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[clean(k, shortMax)] = cleanValue(x)
		}
		return out
	}
	return v
}
