package notify

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

// An SMS sends short messages through a gateway by HTTPS: a JSON object with
// phone, text and sign is posted with the key as bearer token. Gateways that
// want it otherwise stand behind a small proxy of the operator.
type SMS struct {
	Out  Outbound
	URL  string
	Key  string
	Sign string // 签名, e.g. 哈尔滨住建
}

// Name is "sms".
func (SMS) Name() string { return "sms" }

// Deliver sends a notice as a short message.
func (s SMS) Deliver(ctx context.Context, to Target, o Outward) error {
	return s.Text(ctx, to.Address, o.Text())
}

// Text sends one short message; any status but 2xx is a failure.
func (s SMS) Text(ctx context.Context, phone, text string) error {
	body, err := json.Marshal(map[string]string{"phone": phone, "text": text, "sign": s.Sign})
	if err != nil {
		return fmt.Errorf("encode text: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		return errRefused
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+s.Key)
	status, _, err := s.Out.Do(ctx, req)
	if err == nil && status/100 != 2 {
		err = fmt.Errorf("status %d", status)
	}
	return err
}

// A TextFile writes each short message as a file into a directory, for
// development and tests.
type TextFile struct{ Dir string }

// Text writes DIR/<random>.json.
func (f TextFile) Text(_ context.Context, phone, text string) error {
	root, err := os.OpenRoot(f.Dir)
	if err != nil {
		return fmt.Errorf("open sink: %w", err)
	}
	defer root.Close()
	body, err := json.MarshalIndent(map[string]string{"phone": phone, "text": text}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode text: %w", err)
	}
	return root.WriteFile(rand.Text()+".json", body, 0o600)
}
