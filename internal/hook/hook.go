package hook

import (
	"encoding/json"
	"time"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/feed"
)

// The states of a subscription.
const (
	Active = "active"
	Paused = "paused"
	Ended  = "ended"
)

// The states of a delivery.
const (
	Waiting = "waiting"
	Sent    = "sent"
	GivenUp = "given-up"
)

var stateTitles = map[string]string{
	Active: "推送中", Paused: "已暂停", Ended: "已停用", Waiting: "等待推送", Sent: "已送达", GivenUp: "未送达，不再重试",
}

// StateTitle is a state in Chinese.
func StateTitle(state string) string { return stateTitles[state] }

var failureTitles = map[string]string{
	"refused": "地址不在允许范围内", "timeout": "对方没有按时答复", "network": "连接不上", "failed": "发送失败",
}

// FailureTitle is why a delivery failed, in Chinese; a status of HTTP is said as
// it is.
func FailureTitle(failure string) string {
	if t := failureTitles[failure]; t != "" {
		return t
	}
	if len(failure) > 7 && failure[:7] == "status " {
		return "对方答复 HTTP " + failure[7:]
	}
	return failure
}

// A Draft is what a new subscription is to be.
type Draft struct {
	Name    string
	Address string
	Scope   feed.Scope
}

// A Subscription is where news go. Its address and secret stay sealed; the host is shown.
type Subscription struct {
	ID       db.ID
	Name     string
	Host     string
	Scope    feed.Scope
	State    string
	Failures int64 // in a row
	MadeAt   time.Time
	Last     Delivery // the newest that was tried; zero: none yet
	Waiting  int64

	made time.Time // by the real clock
}

// A Delivery is one event on its way to one subscription.
type Delivery struct {
	ID      db.ID
	Type    string
	State   string
	Tries   int64
	NextAt  time.Time
	DoneAt  time.Time
	Failure string
}

// payload is the body of a delivery: what happened, when, and what there is to
// know of it.
func payload(kind string, at time.Time, it feed.Item, base string, city code.Division) ([]byte, error) {
	data := map[string]any{
		"id": it.UID(city), "kind": it.Kind, "title": it.Title, "summary": it.Summary, "state": it.State, "url": base + it.Path,
		"published": it.Published.UTC().Format(time.RFC3339), "updated": it.Updated.UTC().Format(time.RFC3339), "places": it.Places,
	}
	if it.Project != "" {
		data["project"], data["project_name"] = it.Project, it.ProjectName
	}
	if it.Topic != "" {
		data["topic"] = it.Topic
	}
	if d := it.Date; d != nil && d.From != 0 {
		data["from"], data["to"] = d.From, d.To
		if d.Where != "" {
			data["where"] = d.Where
		}
	}
	return json.Marshal(map[string]any{"type": kind, "timestamp": at.UTC().Format(time.RFC3339), "data": data})
}
