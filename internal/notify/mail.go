package notify

import (
	"context"
	"crypto/tls"
	"fmt"

	"github.com/wneessen/go-mail"
)

// A Mail sends notices by SMTP. Without InsecureLocal the connection must be
// encrypted; the server is the operator's own, named in the settings.
type Mail struct {
	Host           string
	Port           int // 0: 465 with implicit TLS, else 587 with STARTTLS
	User, Password string
	From           string // address; the name shown is the platform's
	TLS            *tls.Config
	InsecureLocal  bool // a relay on the same machine without TLS
}

// Name is "mail".
func (Mail) Name() string { return "mail" }

// Deliver sends one mail in plain text.
func (m Mail) Deliver(ctx context.Context, to Target, o Outward) error {
	msg := mail.NewMsg()
	if err := msg.FromFormat("物业管理平台", m.From); err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	if err := msg.To(to.Address); err != nil {
		return fmt.Errorf("recipient: %w", errRefused) // the library's text holds the address
	}
	msg.Subject("新消息：" + o.Title)
	msg.SetDateWithValue(o.SentAt)
	msg.SetMessageIDWithValue(o.ID.String() + "@juli")
	msg.SetBodyString(mail.TypeTextPlain, o.Text())
	client, err := mail.NewClient(m.Host, m.options()...)
	if err != nil {
		return fmt.Errorf("mail server: %w", err)
	}
	return client.DialAndSendWithContext(ctx, msg)
}

func (m Mail) options() []mail.Option {
	opts := []mail.Option{mail.WithTimeout(outTimeout)}
	switch {
	case m.InsecureLocal:
		opts = append(opts, mail.WithTLSPolicy(mail.NoTLS), mail.WithPort(max(m.Port, 25)))
	case m.Port == 0 || m.Port == 465:
		opts = append(opts, mail.WithSSL(), mail.WithPort(465))
	default:
		opts = append(opts, mail.WithTLSPolicy(mail.TLSMandatory), mail.WithPort(m.Port))
	}
	if m.TLS != nil {
		opts = append(opts, mail.WithTLSConfig(m.TLS))
	}
	if m.User != "" {
		opts = append(opts, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.User), mail.WithPassword(m.Password))
	}
	return opts
}
