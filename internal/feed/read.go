package feed

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"juli/internal/authz"
	"juli/internal/campaign"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/supervision"
	"juli/internal/survey"
	"juli/internal/volunteer"
)

// News reads the newest items of a scope that [Feeds.Check] has seen.
func (f *Feeds) News(ctx context.Context, tx *db.Tx, s Scope) ([]Item, error) {
	var all []Item
	for _, read := range []struct {
		kind Kind
		do   func(context.Context, *db.Tx, Scope) ([]Item, error)
	}{{Reports, f.reports}, {Cases, f.cases}, {Lists, f.lists}, {Volunteers, f.calls}, {Campaigns, f.campaigns}, {Surveys, f.surveys}} {
		if !s.Wants(read.kind) {
			continue
		}
		list, err := read.do(ctx, tx, s)
		if err != nil {
			return nil, err
		}
		all = append(all, taken(s, list)...)
	}
	slices.SortStableFunc(all, func(a, b Item) int {
		return cmp.Or(b.Published.Compare(a.Published), cmp.Compare(b.ID, a.ID))
	})
	return all[:min(len(all), newsMax)], nil
}

func taken(s Scope, list []Item) []Item {
	return slices.DeleteFunc(list, func(it Item) bool { return !s.Takes(it) })
}

func (f *Feeds) reports(ctx context.Context, tx *db.Tx, s Scope) ([]Item, error) {
	list, err := resident.List(ctx, tx, resident.Query{Public: true, Division: s.below(), Project: s.Project, Topic: s.Topic, Sort: "received", Desc: true, Limit: newsMax})
	if err != nil {
		return nil, err
	}
	return f.ofReports(ctx, tx, list)
}

// below narrows a question by division where the project does not do so already.
func (s Scope) below() code.Division {
	if s.Project != "" || s.Division.Level() <= code.City {
		return ""
	}
	return s.Division
}

// ofReports says what the public list says: kind, place, state and days.
func (f *Feeds) ofReports(ctx context.Context, tx *db.Tx, list []resident.Report) ([]Item, error) {
	names, err := projectNames(ctx, tx, list, func(r resident.Report) code.ProjectCode { return r.Project })
	if err != nil {
		return nil, err
	}
	items := make([]Item, 0, len(list))
	for _, r := range list {
		book, err := f.Reports.Books.ByDigest(ctx, tx, r.Book)
		if err != nil {
			return nil, err
		}
		it := Item{
			Kind: Reports, ID: r.ID, Title: book.TopicTitle(r.Topic) + " · " + names[r.Project], State: r.StateTitle(), Path: "/reports/" + r.Number,
			Project: r.Project, ProjectName: names[r.Project], Places: []code.Division{r.Division}, Topic: r.Topic,
			Published: r.ReceivedAt, Updated: r.ChangedAt,
		}
		it.Summary = "编号 " + r.Number + "，" + r.ReceivedOn.String() + " 受理，" + it.State + "，" + strconv.FormatInt(r.Voices, 10) + " 人反映"
		if r.Due != 0 {
			it.Summary += "，答复期限 " + r.Due.String()
			it.Date = &Date{Title: "答复期限：" + it.Title, From: r.Due, To: r.Due}
		}
		if r.OutcomeTitle() != "" {
			it.Summary += "，" + r.OutcomeTitle()
		}
		items = append(items, it)
	}
	return items, nil
}

func projectNames[T any](ctx context.Context, tx *db.Tx, list []T, of func(T) code.ProjectCode) (map[code.ProjectCode]string, error) {
	codes := make([]code.ProjectCode, len(list))
	for i, x := range list {
		codes[i] = of(x)
	}
	return registry.ProjectNames(ctx, tx, codes)
}

func (f *Feeds) cases(ctx context.Context, tx *db.Tx, s Scope) ([]Item, error) {
	list, err := f.Cases.Public(ctx, tx, supervision.Query{Division: s.below(), Project: s.Project, Limit: newsMax})
	return f.ofCases(list), err
}

// ofCases says what the public list of cases says.
func (f *Feeds) ofCases(list []supervision.Case) []Item {
	items := make([]Item, 0, len(list))
	for i := range list {
		c := &list[i]
		it := Item{
			Kind: Cases, ID: c.ID, Title: c.ViolationTitle + " · " + c.ProjectName, State: c.StateTitle(), Path: "/cases/" + c.ID.String(),
			Project: c.Project, ProjectName: c.ProjectName, Places: []code.Division{c.Division}, Published: c.Verified.Time(), Updated: c.ChangedAt,
		}
		it.Summary = "编号 " + c.No + "，" + c.EnterpriseName + "，" + c.Verified.String() + " 查实，" + it.State
		if c.Deadline != 0 {
			it.Summary += "，整改期限 " + c.Deadline.String()
			if s, _ := supervision.CaseMachine.State(c.State); !s.Final && c.ClosedOn == 0 {
				it.Date = &Date{Title: "整改期限：" + it.Title, From: c.Deadline, To: c.Deadline}
			}
		}
		items = append(items, it)
	}
	return items
}

// lists are the batches for the whole city, the entries for a place.
func (f *Feeds) lists(ctx context.Context, tx *db.Tx, s Scope) ([]Item, error) {
	if s.place() == "" && s.Project == "" {
		rows, err := f.Listing.Batches(ctx, tx, authz.Anonymous, "", 0, newsMax)
		items := make([]Item, 0, len(rows))
		for _, b := range rows {
			items = append(items, ofBatch(b.Batch, f.City))
		}
		return items, err
	}
	list, err := f.Listing.Entries(ctx, tx, authz.Anonymous, listing.Query{Public: true, District: s.below(), Project: string(s.Project), Sort: "listed", Desc: true, Limit: newsMax})
	return ofEntries(list), err
}

func ofBatch(b listing.Batch, city code.Division) Item {
	return Item{
		Kind: Lists, ID: b.ID, Title: b.Title, State: b.StateTitle(), Path: "/lists/" + b.ID.String(), Places: []code.Division{city}, whole: true,
		Summary:   b.Number + "，评判期间 " + b.From.String() + " 至 " + b.To.String() + "，" + b.PublishedOn.String() + " 公布",
		Published: b.PublishedOn.Time(), Updated: b.PublishedOn.Time(),
	}
}

func ofEntries(list []listing.Entry) []Item {
	items := make([]Item, 0, len(list))
	for _, e := range list {
		it := Item{
			Kind: Lists, ID: e.ID, Title: e.Name + "列入" + e.Side.Title(), State: "在榜至 " + e.Until.String(), Path: "/lists/entries/" + e.ID.String(),
			Project: code.ProjectCode(e.Project), Places: []code.Division{e.Division}, Published: e.ListedOn.Time(), Updated: e.ListedOn.Time(),
			Date: &Date{Title: e.Name + e.Side.Title() + "期满", From: e.Until, To: e.Until},
		}
		if e.EndedOn != 0 {
			it.State, it.Updated, it.Date = e.EndedOn.String()+" "+e.EndedWhy, e.EndedOn.Time(), nil
		}
		it.Summary = e.Kind.Title() + "，" + e.Reason + "，" + e.ListedOn.String() + " 列入，" + it.State
		if e.Project != "" {
			it.ProjectName = e.Name
		}
		items = append(items, it)
	}
	return items
}

func (f *Feeds) calls(ctx context.Context, tx *db.Tx, s Scope) ([]Item, error) {
	list, err := volunteer.Calls(ctx, tx, volunteer.CallQuery{Division: s.place(), Desc: true, Limit: newsMax})
	return ofCalls(list), err
}

func ofCalls(list []volunteer.Call) []Item {
	items := make([]Item, 0, len(list))
	for _, c := range list {
		it := Item{
			Kind: Volunteers, ID: c.ID, Title: "志愿服务：" + c.Title, State: c.StateTitle(), Path: "/volunteers/calls/" + c.ID.String(),
			Places: []code.Division{c.Division}, Published: c.Called, Updated: c.Changed,
			Date: &Date{Title: c.Title, From: c.On, To: c.On, At: c.At, Minutes: c.Minutes, Where: c.Place, Off: c.State == volunteer.Cancelled},
		}
		when := c.On.String()
		if c.At != "" {
			when += " " + c.At
		}
		it.Summary = when + "，" + c.Place + "，" + it.State + "，需要 " + strconv.FormatInt(c.Places, 10) + " 人，已报名 " + strconv.FormatInt(c.Signed, 10) + " 人。" + c.Task
		items = append(items, it)
	}
	return items
}

func (f *Feeds) campaigns(ctx context.Context, tx *db.Tx, s Scope) ([]Item, error) {
	list, err := f.Campaigns.List(ctx, tx, authz.Anonymous, campaign.Query{Public: true, Limit: kindMax})
	return ofCampaigns(list), err
}

func ofCampaigns(list []campaign.Campaign) []Item {
	items := make([]Item, 0, len(list))
	for _, c := range list {
		places := c.Scope
		if len(places) == 0 {
			places = []code.Division{c.Division}
		}
		it := Item{
			Kind: Campaigns, ID: c.ID, Title: c.Title, State: c.StateTitle(), Path: "/campaigns/" + c.ID.String(), Places: places,
			Published: db.FromMillis(c.FrozenAt), Updated: db.FromMillis(max(c.FrozenAt, c.DrawnAt, c.ConcludedAt)),
			Date: &Date{Title: "专项检查：" + c.Title, From: c.From, To: c.To, Off: c.State == campaign.Cancelled},
		}
		it.Summary = c.KindTitle() + "，" + c.ThemeTitle() + "，检查期 " + c.From.String() + " 至 " + c.To.String() + "，" + it.State
		items = append(items, it)
	}
	return items
}

func (f *Feeds) surveys(ctx context.Context, tx *db.Tx, s Scope) ([]Item, error) {
	list, err := survey.List(ctx, tx, authz.Anonymous, survey.Query{Public: true, Division: s.below(), Project: s.Project, Limit: newsMax})
	if err != nil {
		return nil, err
	}
	return f.ofSurveys(ctx, tx, list)
}

func (f *Feeds) ofSurveys(ctx context.Context, tx *db.Tx, list []survey.Survey) ([]Item, error) {
	names, err := projectNames(ctx, tx, list, func(x survey.Survey) code.ProjectCode { return x.Project })
	items := make([]Item, 0, len(list))
	for _, x := range list {
		it := Item{
			Kind: Surveys, ID: x.ID, Title: x.Title, State: x.StateTitle(), Path: "/surveys/" + x.ID.String(),
			Project: x.Project, ProjectName: names[x.Project], Places: []code.Division{x.Division}, Published: x.Opened.Time(), Updated: x.Changed(),
			Date: &Date{Title: x.Title, From: x.Opened, To: x.Closes, Off: x.State == survey.Cancelled},
		}
		if x.State == survey.Open {
			it.Path = "/surveys?project=" + string(x.Project)
		}
		it.Summary = names[x.Project] + "，" + x.Opened.String() + " 至 " + x.Closes.String() + "，" + it.State
		if x.State == survey.Published {
			it.Summary += "，有评价 " + strconv.FormatInt(x.Rated, 10) + " 户，满意 " + strconv.FormatInt(x.Satisfied, 10) + " 户"
		}
		items = append(items, it)
	}
	return items, err
}
