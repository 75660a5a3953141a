package web

import (
	"context"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/volunteer"
)

// CallStates are the states of calls for volunteers, to choose from.
var CallStates = []Option{{Value: volunteer.Open, Text: "招募中"}, {Value: volunteer.Held, Text: "待确认时长"}, {Value: volunteer.Confirmed, Text: "已确认"}, {Value: volunteer.Cancelled, Text: "已取消"}}

// CallFacts are what is wanted of volunteers.
func CallFacts(c volunteer.Call) []Fact {
	when := c.On.String()
	if c.At != "" {
		when += " " + c.At
	}
	facts := []Fact{{Name: "时间", Text: when}, {Name: "地点", Text: c.Place}, {Name: "每人大约", Text: volunteer.Hours(c.Minutes) + " 小时"}, {Name: "名额", Text: Ratio(c.Signed, c.Places) + " 人已报名"}}
	if c.State == volunteer.Confirmed {
		facts = append(facts, Fact{Name: "到场", Text: Count(c.People) + " 人"}, Fact{Name: "已确认时长", Text: volunteer.Hours(c.Total) + " 小时"})
	}
	return facts
}

// CallTable is one page of a list of calls.
func CallTable(ctx context.Context, tx *db.Tx, l *List, q volunteer.CallQuery, at string) (Table, error) {
	t := Table{
		Caption: "志愿服务", List: l, None: Nothing{Text: "还没有发布过志愿服务。"},
		Cols: []Col{{Name: "服务"}, {Name: "社区"}, {Name: "日期"}, {Name: "状态"}, {Name: "报名（人）", Num: true}, {Name: "需要（人）", Num: true}, {Name: "到场（人）", Num: true}, {Name: "已确认时长（小时）", Num: true}},
	}
	if key := l.After(); len(key) == 2 {
		on, err := day.Parse(key[0])
		if err != nil {
			return t, l.Unknown("after")
		}
		id, err := db.ParseID(key[1])
		if err != nil {
			return t, l.Unknown("after")
		}
		q.After = volunteer.CallKey{On: on, ID: id}
	} else if key != nil {
		return t, l.Unknown("after")
	}
	var rows []volunteer.Call
	for q.Limit = min(l.Limit(), callStep); ; {
		part, err := volunteer.Calls(ctx, tx, q)
		if err != nil {
			return t, err
		}
		rows = append(rows, part...)
		if len(part) < q.Limit || len(rows) >= l.Limit() {
			break
		}
		q.After = volunteer.CallKey{On: part[len(part)-1].On, ID: part[len(part)-1].ID}
	}
	rows = Cut(l, rows, func(c volunteer.Call) []string { return []string{c.On.String(), c.ID.String()} })
	names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
		for _, c := range rows {
			if !yield(c.Division) {
				return
			}
		}
	})
	for _, c := range rows {
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			L(c.Title, at+c.ID.String()), T(names[c.Division]), D(c.On), Tagged(c.StateTitle(), callTone(c.State)), N(c.Signed, ""), N(c.Places, ""), N(c.People, ""), T(volunteer.Hours(c.Total)),
		}})
	}
	return t, err
}

// callStep is how many calls are read at once.
const callStep = 200

func callTone(state string) Tone {
	return map[string]Tone{volunteer.Open: Info, volunteer.Held: Warn, volunteer.Confirmed: Good}[state]
}
