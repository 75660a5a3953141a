package notify

import (
	"bufio"
	"mime/quotedprintable"
	"net"
	"strings"
	"testing"
	"time"
)

// smtpd is the least of a mail server: it takes one mail and hands it over.
func smtpd(t *testing.T) (port int, mail <-chan string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	got := make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		in := bufio.NewScanner(c)
		say := func(s string) { _, _ = c.Write([]byte(s + "\r\n")) }
		say("220 test")
		var body []string
		for data := false; in.Scan(); {
			line := in.Text()
			switch verb := strings.ToUpper(strings.Fields(line + " -")[0]); {
			case data && line == ".":
				data = false
				got <- strings.Join(body, "\n")
				say("250 ok")
			case data:
				body = append(body, line)
			case verb == "DATA":
				data = true
				say("354 go on")
			case verb == "QUIT":
				say("221 bye")
				return
			default:
				say("250 ok")
			}
		}
	}()
	return l.Addr().(*net.TCPAddr).Port, got
}

func TestMailSaysThatSomethingWaits(t *testing.T) {
	port, got := smtpd(t)
	m := Mail{Host: "127.0.0.1", Port: port, From: "noreply@example.cn", InsecureLocal: true}
	o := Outward{ID: 9, Kind: "credit.notice", Title: "信用信息告知书", Number: "哈物信告〔2021〕1号", SentAt: time.Now()}
	if err := m.Deliver(t.Context(), Target{Address: "ann@example.cn"}, o); err != nil {
		t.Fatal(err)
	}
	raw := <-got
	head, body, _ := strings.Cut(raw, "\n\n")
	text := new(strings.Builder)
	if _, err := bufio.NewReader(quotedprintable.NewReader(strings.NewReader(body))).WriteTo(text); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(head, "<"+o.ID.String()+"@juli>") || !strings.Contains(text.String(), "哈物信告〔2021〕1号") {
		t.Errorf("mail:\n%s\n\n%s", head, text)
	}
	if err := m.Deliver(t.Context(), Target{Address: "a@b\r\nBcc: x@example.cn"}, o); err == nil {
		t.Error("a second header was let in")
	}
}

func TestMailWantsEncryption(t *testing.T) {
	port, _ := smtpd(t)
	m := Mail{Host: "127.0.0.1", Port: port, From: "noreply@example.cn"}
	if err := m.Deliver(t.Context(), Target{Address: "ann@example.cn"}, Outward{ID: 9, Title: "x", SentAt: time.Now()}); err == nil {
		t.Error("a mail left without encryption")
	}
}
