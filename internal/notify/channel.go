package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"juli/internal/db"
)

// An Outward is what leaves the system about one message: that it waits.
type Outward struct {
	ID     db.ID     `json:"id"` // of the delivery; the same at every try
	Kind   string    `json:"kind"`
	Title  string    `json:"title"`
	Number string    `json:"number,omitempty"`
	Link   string    `json:"link,omitempty"` // whole address
	SentAt time.Time `json:"sent_at"`
}

// Text is the one sentence that a person reads in a mail or short message.
func (o Outward) Text() string {
	text := "您在物业管理平台有一条新消息：《" + o.Title + "》"
	if o.Number != "" {
		text += "（" + o.Number + "）"
	}
	text += "。\n请登录平台查看全文。"
	if o.Link != "" {
		text += "\n" + o.Link
	}
	return text + "\n本消息由系统自动发送，请勿回复。\n"
}

// A Target is where a channel delivers to: an address of mail, or the address of
// a webhook with its secret.
type Target struct {
	Address string `json:"address"`
	Secret  string `json:"secret,omitempty"`
}

// A Channel carries a notice out of the system. Deliver may be called again with
// the same Outward after a failure, so receivers see its ID to notice a repeat.
type Channel interface {
	Name() string // "mail", "webhook", "file"
	Deliver(ctx context.Context, to Target, o Outward) error
}

// A File writes every notice as a JSON file into a directory, for development
// and tests. A repeat overwrites the first.
type File struct{ Dir string }

// Name is "file".
func (File) Name() string { return "file" }

// Deliver writes DIR/<delivery id>.json.
func (f File) Deliver(_ context.Context, to Target, o Outward) error {
	root, err := os.OpenRoot(f.Dir)
	if err != nil {
		return fmt.Errorf("open sink: %w", err)
	}
	defer root.Close()
	text, err := json.MarshalIndent(map[string]any{"to": to.Address, "notice": o, "text": o.Text()}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode notice: %w", err)
	}
	return root.WriteFile(filepath.Base(o.ID.String())+".json", text, 0o600)
}
