package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"juli/internal/db"
	"juli/internal/fault"
)

const (
	secretPrefix = "whsec_"
	secretBytes  = 32
	signedWithin = 5 * time.Minute // a receiver's tolerance for the time stamp
)

// A Webhook posts notices to other systems, signed as standardwebhooks.com says.
type Webhook struct {
	Out Outbound
	Now func() time.Time // real clock
}

// Name is "webhook".
func (Webhook) Name() string { return "webhook" }

// Deliver posts the notice; any status but 2xx is a failure, a redirect too.
func (w Webhook) Deliver(ctx context.Context, to Target, o Outward) error {
	body, err := json.Marshal(map[string]any{"type": o.Kind, "timestamp": o.SentAt.UTC().Format(time.RFC3339), "data": o})
	if err != nil {
		return fmt.Errorf("encode notice: %w", err)
	}
	return w.Post(ctx, to, o.ID, body)
}

// Post sends a body under the id of its delivery, which is the same at every
// try, so that a receiver notices a repeat. The time stamp is of this try.
func (w Webhook) Post(ctx context.Context, to Target, delivery db.ID, body []byte) error {
	id, at := "msg_"+delivery.String(), w.Now()
	signature, err := Sign(to.Secret, id, at, body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.Address, bytes.NewReader(body))
	if err != nil {
		return errRefused
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "juli")
	req.Header.Set("Webhook-Id", id)
	req.Header.Set("Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10))
	req.Header.Set("Webhook-Signature", signature)
	status, _, err := w.Out.Do(ctx, req)
	if err == nil && status/100 != 2 {
		err = fmt.Errorf("status %d", status)
	}
	return err
}

// NewSecret makes a signing secret, "whsec_" and 32 bytes in base 64.
func NewSecret() string {
	var b [secretBytes]byte
	rand.Read(b[:]) // never fails
	return secretPrefix + base64.StdEncoding.EncodeToString(b[:])
}

// Sign gives the Standard Webhooks signature, "v1," and an HMAC-SHA256 over id,
// seconds and body.
func Sign(secret, id string, at time.Time, body []byte) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil || len(key) == 0 {
		return "", fmt.Errorf("webhook secret: not base 64")
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.", id, at.Unix())
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}

// Verify checks a received webhook: one of the signatures fits and the time
// stamp is no more than five minutes off.
func Verify(secret string, h http.Header, body []byte, now time.Time) bool {
	sec, err := strconv.ParseInt(h.Get("Webhook-Timestamp"), 10, 64)
	if err != nil {
		return false
	}
	at := time.Unix(sec, 0)
	if off := now.Sub(at); off > signedWithin || off < -signedWithin {
		return false
	}
	want, err := Sign(secret, h.Get("Webhook-Id"), at, body)
	if err != nil {
		return false
	}
	for got := range strings.FieldsSeq(h.Get("Webhook-Signature")) {
		if hmac.Equal([]byte(got), []byte(want)) {
			return true
		}
	}
	return false
}

// Check refuses an address that could never be reached.
func (w Webhook) Check(to Target) error {
	u, err := url.Parse(to.Address)
	if err != nil || u.Scheme != "https" || u.User != nil || !w.Out.Allows(u.Hostname(), u.Port()) {
		return fault.New(fault.Invalid, "notify.webhook", "回调地址不在允许范围内。").With("address", "只能使用 https 地址，且主机须由系统管理员列入名单。")
	}
	if _, err := Sign(to.Secret, "check", time.Unix(0, 0), nil); err != nil {
		return fault.New(fault.Invalid, "notify.webhook", "回调密钥不正确。").With("secret", "请使用平台生成的密钥。")
	}
	return nil
}
