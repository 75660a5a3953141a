package notify

import (
	"slices"
	"strings"
	"time"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

const (
	titleMax      = 200   // characters
	bodyMax       = 20000 // characters
	recipientsMax = 500   // of one message
	boxesMax      = 60    // of one actor
)

// A Party is who a message goes to: one account, an enterprise, or a body, that
// is a role at a division or at a project.
type Party struct {
	Account    db.ID
	Enterprise code.USCC
	Role       authz.Role
	Division   code.Division
	Project    string
}

// ToAccount addresses one person's account.
func ToAccount(id db.ID) Party { return Party{Account: id} }

// ToEnterprise addresses an enterprise: its staff may open the message, its
// project managers not, who act for one project only.
func ToEnterprise(c code.USCC) Party { return Party{Enterprise: c} }

// ToBody addresses an official body: whoever holds the role at that division.
func ToBody(role authz.Role, at code.Division) Party { return Party{Role: role, Division: at} }

// ToProject addresses who holds the role at a project: its manager, its committee.
func ToProject(role authz.Role, project string) Party { return Party{Role: role, Project: project} }

// Key names the party in the tables: "account@…", "enterprise@…", "role@place".
func (p Party) Key() string {
	switch {
	case p.Account != 0:
		return "account@" + p.Account.String()
	case p.Enterprise != "":
		return "enterprise@" + string(p.Enterprise)
	case p.Role != "" && p.Division != "":
		return string(p.Role) + "@" + string(p.Division)
	case p.Role != "" && p.Project != "":
		return string(p.Role) + "@" + p.Project
	}
	return ""
}

func parseParty(key string) Party {
	role, at, _ := strings.Cut(key, "@")
	switch role {
	case "account":
		id, _ := db.ParseID(at)
		return Party{Account: id}
	case "enterprise":
		return Party{Enterprise: code.USCC(at)}
	}
	p := Party{Role: authz.Role(role)}
	if duty, _ := authz.DutyOf(p.Role); duty.Kind == authz.ByProject {
		p.Project = at
	} else {
		p.Division = code.Division(at)
	}
	return p
}

// Boxes lists the parties for which an actor may open messages.
func Boxes(who authz.Actor) []Party {
	var boxes []Party
	add := func(p Party) {
		if p.Key() != "" && !slices.Contains(boxes, p) && len(boxes) < boxesMax {
			boxes = append(boxes, p)
		}
	}
	add(ToAccount(who.Account))
	for _, g := range who.Grants {
		duty, ok := authz.DutyOf(g.Role)
		if !ok || duty.Second && !who.Second {
			continue
		}
		switch duty.Kind {
		case authz.ByDivision:
			add(ToBody(g.Role, g.Scope.Division))
		case authz.ByEnterprise:
			add(ToEnterprise(g.Scope.Enterprise))
		case authz.ByProject:
			add(ToProject(g.Role, g.Scope.Project))
		}
	}
	return boxes
}

// A Message is what a feature sends.
type Message struct {
	Kind   string   // stable name, e.g. "credit.notice"
	Title  string   // without personal data: it may leave the system
	Body   string   // stays in the system
	Object string   // what it is about, e.g. "credit_record:0ABC…"
	Link   string   // path of the page in the product, without personal data
	Number string   // 文号, from NextNumber; "" for a plain message
	Deemed day.Term // an unopened notice is deemed served after it; zero: never
	To     []Party
}

// check refuses what may not be stored or sent.
func (m Message) check() error {
	f := fault.New(fault.Invalid, "notify.message", "消息内容不完整。")
	if m.Kind == "" {
		f.With("kind", "请说明消息的种类。")
	}
	if n := len([]rune(m.Title)); n == 0 || n > titleMax {
		f.With("title", "标题不能为空，且不超过200字。")
	}
	if len([]rune(m.Body)) > bodyMax {
		f.With("body", "正文不超过20000字。")
	}
	if personal(m.Title) || personal(m.Link) || strings.ContainsAny(m.Link, " \n\r") {
		f.With("title", "标题和链接会发送到系统之外，不能含有电话、证件号码或邮箱。")
	}
	if m.Link != "" && (!strings.HasPrefix(m.Link, "/") || strings.HasPrefix(m.Link, "//")) {
		f.With("link", "链接应是本平台内的地址。")
	}
	if len(m.To) == 0 || len(m.To) > recipientsMax {
		f.With("to", "请指定收件人，每条消息最多500个。")
	}
	for _, p := range m.To {
		if p.Key() == "" {
			f.With("to", "收件人不完整。")
		}
	}
	return f.OrNil()
}

// An Item is a message as one recipient sees it.
type Item struct {
	ID       db.ID
	Message  Message // To is empty
	Party    Party
	SentAt   time.Time
	OpenedAt time.Time // zero: nobody has opened it
	OpenedBy db.ID     // account
}

// A Proof is what the city can show about one recipient of one message.
type Proof struct {
	Message     db.ID
	Party       Party
	Number      string
	DeliveredAt time.Time // it lay in the recipient's box
	OpenedAt    time.Time
	OpenedBy    db.ID
	Served      Service
	Receipts    []Receipt
}

// A Receipt says that an account opened a message for a party.
type Receipt struct {
	Party   Party
	Account db.ID
	At      time.Time
}
