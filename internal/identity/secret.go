package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"juli/internal/fault"
)

const (
	codeChars = 20 // of a one-time code: 100 bits
	totpStep  = 30 // seconds
)

// newToken makes an opaque token of 256 bits; only its hash is stored (SES-1).
func newToken() (token string, hash []byte) {
	var b [32]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	token = base64.RawURLEncoding.EncodeToString(b[:])
	return token, hashOf(token)
}

func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// newCode makes a one-time code that a person can type: ABCDE-FGHIJ-KLMNO-PQRST.
func newCode() (shown string, hash []byte) {
	raw := rand.Text()[:codeChars]
	return raw[:5] + "-" + raw[5:10] + "-" + raw[10:15] + "-" + raw[15:], hashOf(raw)
}

// readCode drops what people add when they type a code.
func readCode(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '2' && r <= '7':
			return r
		}
		return -1
	}, s)
}

// newSecond makes a TOTP secret of 160 bits (RFC 6238).
func newSecond() string {
	var b [20]byte
	rand.Read(b[:])
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])
}

// Code is the one-time code of a TOTP secret at a real time: what an
// authenticator shows. The demo city and `juli totp` use it.
func Code(secret string, at time.Time) (string, error) { return totp.GenerateCode(secret, at) }

// secondURI is what the QR code for an authenticator holds.
func secondURI(issuer, login, secret string) string {
	v := url.Values{"secret": {secret}, "issuer": {issuer}, "digits": {"6"}, "period": {"30"}}
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + login, RawQuery: strings.ReplaceAll(v.Encode(), "+", "%20")}
	return u.String()
}

// matchStep finds the time step, the present one or one beside it, whose code
// was given; 0: none. Steps up to last were used already.
func matchStep(secret, given string, last int64, at time.Time) (int64, error) {
	given = strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == ' ':
			return -1
		}
		return 'x'
	}, given)
	now := at.Unix() / totpStep
	found := int64(0)
	for step := now - 1; step <= now+1; step++ {
		want, err := Code(secret, time.Unix(step*totpStep, 0))
		if err != nil {
			return 0, err
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(given)) == 1 && step > last {
			found = step
		}
	}
	return found, nil
}

func wrongSecond() *fault.Error {
	return fault.New(fault.Invalid, "identity.second", "动态码不对或已经用过，请等待下一个动态码再试。").With("code", "动态码不对或已经用过。")
}
