package feed

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode"

	"juli/internal/campaign"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/resident"
	"juli/internal/supervision"
	"juli/internal/volunteer"
)

const (
	newsMax  = 50  // items of a feed
	datesMax = 300 // of a calendar
	pastDays = 30  // that a calendar looks back
	kindMax  = 200 // dates of one kind
)

// A Kind is what an item tells of.
type Kind string

// The kinds.
const (
	Reports    Kind = "reports"
	Cases      Kind = "cases"
	Lists      Kind = "lists"
	Volunteers Kind = "volunteers"
	Campaigns  Kind = "campaigns"
	Surveys    Kind = "surveys"
)

// Kinds are all of them, in the order in which pages offer them.
var Kinds = []Kind{Reports, Cases, Lists, Volunteers, Campaigns, Surveys}

var kindTitles = map[Kind]string{Reports: "居民诉求", Cases: "整改案件", Lists: "红黑榜", Volunteers: "志愿服务", Campaigns: "专项检查", Surveys: "满意度调查"}

// Title is the kind in Chinese.
func (k Kind) Title() string { return kindTitles[k] }

// An Item is one thing that everybody may know.
type Item struct {
	Kind        Kind
	ID          db.ID
	Title       string
	Summary     string
	State       string
	Path        string // of its page
	Project     code.ProjectCode
	ProjectName string
	Places      []code.Division // where; a campaign may have several
	Topic       string          // of a report
	Published   time.Time
	Updated     time.Time
	Date        *Date // what stands in a calendar, if anything

	whole bool // of the whole city alone: its parts are items of their own
}

// A Date is one entry of a calendar: whole days, or an hour.
type Date struct {
	Title    string
	From, To day.Date // To is the last day
	At       string   // "09:00"; "": whole days
	Minutes  int64
	Where    string
	Off      bool // called off
}

// UID names an item for good: a UUID of version 8 over kind, id and city, so that
// it stays when the address of the platform changes.
func (it Item) UID(city code.Division) string { return uid(city, string(it.Kind)+":"+it.ID.String()) }

func uid(city code.Division, name string) string {
	sum := sha256.Sum256([]byte("juli:" + string(city) + ":" + name))
	u := sum[:16]
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	x := hex.EncodeToString(u)
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}

// A Channel is a feed with its heading.
type Channel struct {
	Title string
	Self  string // address of the feed itself
	Home  string // address of the page that shows the same
	Base  string // put before the items' paths; "" leaves them as they are
	City  code.Division
	Items []Item
}

// Updated is when the newest of the items changed.
func (c Channel) Updated() time.Time {
	var t time.Time
	for _, it := range c.Items {
		if it.Updated.After(t) {
			t = it.Updated
		}
	}
	return t
}

// Feeds reads the news of one city.
type Feeds struct {
	City       code.Division
	Reports    *resident.Reports
	Cases      *supervision.Cases
	Listing    *listing.Service
	Campaigns  *campaign.Campaigns
	Volunteers *volunteer.Service
}

// plain is text on one line, without what could end a line of a calendar.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
