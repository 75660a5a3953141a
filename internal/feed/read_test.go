package feed_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"juli/internal/city/town"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/feed"
)

// told is of whom items tell: kind and project or title.
func told(items []feed.Item) []string {
	list := make([]string, len(items))
	for i, it := range items {
		list[i] = string(it.Kind) + " " + it.ProjectName
		if it.Project == "" {
			list[i] = string(it.Kind) + " " + it.Title
		}
		if it.Topic != "" {
			list[i] += " " + it.Topic
		}
	}
	slices.Sort(list)
	return list
}

func TestAFeedHoldsWhatItsScopeNames(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.report(0, "door") // 花园小区, Huayuan
		w.report(1, "snow") // 文昌家园, Nangang
		w.report(2, "door") // 江畔名苑, Daoli
		w.call(town.Huayuan, "扫雪")
		w.call(town.Daoli, "量血压")
		w.ordered(w.registered(0), 0)
		w.registered(1) // only reported: not news

		reports := []feed.Kind{feed.Reports}
		garden := w.Projects[0].Code
		for _, tt := range []struct {
			name  string
			scope feed.Scope
			want  []string
		}{
			{"the whole city", feed.Scope{}, []string{"cases 花园小区", "reports 文昌家园 snow", "reports 江畔名苑 door", "reports 花园小区 door", "volunteers 志愿服务：扫雪", "volunteers 志愿服务：量血压"}},
			{"the city by its code", feed.Scope{Division: "2301"}, []string{"cases 花园小区", "reports 文昌家园 snow", "reports 江畔名苑 door", "reports 花园小区 door", "volunteers 志愿服务：扫雪", "volunteers 志愿服务：量血压"}},
			{"a district", feed.Scope{Division: "230102"}, []string{"reports 江畔名苑 door", "volunteers 志愿服务：量血压"}},
			{"a street", feed.Scope{Division: town.Huayuan.Up(code.Street), Kinds: reports}, []string{"reports 文昌家园 snow", "reports 花园小区 door"}},
			{"a community", feed.Scope{Division: town.Nangang}, []string{"reports 文昌家园 snow"}},
			{"a project, and what its community calls for", feed.Scope{Project: garden}, []string{"cases 花园小区", "reports 花园小区 door", "volunteers 志愿服务：扫雪"}},
			{"a kind", feed.Scope{Kinds: []feed.Kind{feed.Volunteers}}, []string{"volunteers 志愿服务：扫雪", "volunteers 志愿服务：量血压"}},
			{"two kinds", feed.Scope{Kinds: []feed.Kind{feed.Cases, feed.Reports}, Project: garden}, []string{"cases 花园小区", "reports 花园小区 door"}},
			{"a kind of report", feed.Scope{Topic: "door"}, []string{"reports 江畔名苑 door", "reports 花园小区 door"}},
			{"a kind of report in a district", feed.Scope{Topic: "door", Division: "230103"}, []string{"reports 花园小区 door"}},
			{"what has no news", feed.Scope{Kinds: []feed.Kind{feed.Lists, feed.Campaigns, feed.Surveys}}, nil},
			{"the same of a project", feed.Scope{Project: garden, Kinds: []feed.Kind{feed.Lists, feed.Campaigns, feed.Surveys}}, nil},
		} {
			if got := told(w.ask(tt.scope, w.News)); !slices.Equal(got, tt.want) {
				t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
			}
			if got := told(w.ask(tt.scope, w.Dates)); !slices.Equal(got, tt.want) {
				t.Errorf("dates of %s: %q, want %q", tt.name, got, tt.want)
			}
		}
	})
}

func TestAScopeOfNothingIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, s := range []feed.Scope{
			{Kinds: []feed.Kind{"secrets"}}, {Division: "230199"}, {Division: "23"}, {Project: "2301030010030999"}, {Topic: "none"}, {Topic: "door", Kinds: []feed.Kind{feed.Cases}},
		} {
			w.Read(func(ctx context.Context, tx *db.Tx) error {
				if err := w.Check(ctx, tx, &s); !fault.Is(err, "feed.scope") {
					t.Errorf("%+v: %v", s, err)
				}
				return nil
			})
		}
	})
}

// PI-7: no telephone, no words of residents, no flat leaves in any form.
func TestNoFeedSaysWhatResidentsSaid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for project := range 5 {
			w.report(project, "door")
			w.ordered(w.registered(project), project)
		}
		c := feed.Channel{Title: "全部", City: "2301", Base: "https://wuye.example.cn"}
		var all strings.Builder
		c.Items = w.ask(feed.Scope{}, w.News)
		if len(c.Items) != 10 {
			t.Fatalf("%d items", len(c.Items))
		}
		all.WriteString(written(t, c.RSS) + written(t, c.Atom))
		c.Items = w.ask(feed.Scope{}, w.Dates)
		all.WriteString(strings.ReplaceAll(written(t, c.Calendar), "\r\n ", ""))
		fmt.Fprintf(&all, "%+v", c.Items)
		for _, word := range []string{phone, "13912345678", "张三丰", "门关不上", "701室"} {
			if strings.Contains(all.String(), word) {
				t.Errorf("a feed says %q", word)
			}
		}
	})
}

func TestAFeedEndsAtFiftyItemsAndBeginsWithTheNewest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		first := w.call(town.Huayuan, "最早的")
		for i := range 55 {
			w.call(town.Huayuan, fmt.Sprint("第", i))
		}
		items := w.ask(feed.Scope{}, w.News)
		if at := items[0].Published; day.FromTime(at) != w.Today() || items[0].Updated.Before(at) {
			t.Errorf("published %v, changed %v: not by the city's calendar", at, items[0].Updated)
		}
		if len(items) != 50 || items[0].Title != "志愿服务：第54" {
			t.Errorf("%d items, the first is %s", len(items), items[0].Title)
		}
		if slices.ContainsFunc(items, func(it feed.Item) bool { return it.ID == first }) {
			t.Error("the oldest one is there too")
		}
		if dates := w.ask(feed.Scope{}, w.Dates); len(dates) != 56 {
			t.Errorf("%d dates", len(dates))
		}
		later := *w
		later.Town = w.On("2021-07-11")
		if dates := later.ask(feed.Scope{}, w.Dates); len(dates) != 0 {
			t.Errorf("%d dates a month later", len(dates))
		}
	})
}

// What an event leads to is told as everybody may see it, or not at all.
func TestAnEventIsNewsOnceItIsPublic(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		report, id, call := w.report(0, "door"), w.registered(0), w.call(town.Huayuan, "扫雪")
		of := func(object string) (items []feed.Item) {
			w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
				items, err = w.Of(ctx, tx, object)
				return err
			})
			return items
		}
		if got := told(of("resident_report:" + report.String())); !slices.Equal(got, []string{"reports 花园小区 door"}) {
			t.Errorf("a report: %q", got)
		}
		if got := told(of("volunteer_call:" + call.String())); !slices.Equal(got, []string{"volunteers 志愿服务：扫雪"}) {
			t.Errorf("a call: %q", got)
		}
		if got := of("supervision_case:" + id.String()); got != nil {
			t.Errorf("a case that nobody found true: %+v", got)
		}
		w.ordered(id, 0)
		if got := told(of("supervision_case:" + id.String())); !slices.Equal(got, []string{"cases 花园小区"}) {
			t.Errorf("a case: %q", got)
		}
		for _, nothing := range []string{"campaign:" + id.String(), "survey:" + id.String(), "listing_batch:" + id.String(), "listing_entry:" + id.String(), "volunteer:" + id.String(), "x", "resident_report:" + id.String()} {
			if got := of(nothing); got != nil {
				t.Errorf("%s: %+v", nothing, got)
			}
		}
	})
}
