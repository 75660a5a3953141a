package feed

import (
	"io"
	"time"

	ics "github.com/arran4/golang-ical"
)

// Calendar writes the channel's dates as iCalendar (RFC 5545). Hours are written
// in UTC, so that no calendar has to know our time zone.
func (c Channel) Calendar(w io.Writer) error {
	cal := ics.NewCalendarFor("juli")
	cal.SetProductId("-//Juli//feeds//ZH")
	cal.SetMethod(ics.MethodPublish)
	cal.SetName(plain(c.Title))
	cal.SetXWRCalName(plain(c.Title))
	cal.SetXWRTimezone("Asia/Shanghai")
	cal.SetXPublishedTTL("PT1H")
	cal.SetRefreshInterval("PT1H")
	for _, it := range c.Items {
		if it.Date == nil {
			continue
		}
		c.event(cal.AddEvent(it.UID(c.City)), it)
	}
	return cal.SerializeTo(w, ics.WithNewLineWindows)
}

func (c Channel) event(e *ics.VEvent, it Item) {
	d := it.Date
	e.SetDtStampTime(it.Updated)
	e.SetLastModifiedAt(it.Updated)
	e.SetSummary(plain(d.Title))
	e.SetDescription(plain(it.Summary))
	if c.Base != "" {
		e.SetURL(c.Base + it.Path)
	}
	e.AddCategory(it.Kind.Title())
	if d.Where != "" {
		e.SetLocation(plain(d.Where))
	}
	e.SetStatus(ics.ObjectStatusConfirmed)
	if d.Off {
		e.SetStatus(ics.ObjectStatusCancelled)
	}
	if at, err := time.Parse("15:04", d.At); err == nil {
		start := d.From.Time().Add(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute)
		e.SetStartAt(start)
		e.SetEndAt(start.Add(time.Duration(d.Minutes) * time.Minute))
		return
	}
	e.SetAllDayStartAt(d.From.Time())
	e.SetAllDayEndAt(d.To.AddDays(1).Time()) // the day after the last one
	e.SetTimeTransparency(ics.TransparencyTransparent)
}
