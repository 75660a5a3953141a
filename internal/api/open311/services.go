package open311

import (
	"context"
	"strings"

	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/resident"
)

// read gives the book in force in one snapshot of the database.
func (a *API) read(q question, fn func(ctx context.Context, tx *db.Tx, book *resident.Book) error) error {
	if err := a.jurisdiction(q.r.URL.Query().Get("jurisdiction_id")); err != nil {
		return err
	}
	ctx := q.r.Context()
	return a.DB.Read(ctx, func(tx *db.Tx) error {
		book, err := a.Reports.Books.InForce(ctx, tx, tx.Today())
		if err != nil {
			return err
		}
		return fn(ctx, tx, book)
	})
}

func (a *API) services(q question) (document, error) {
	list := []Service{}
	err := a.read(q, func(_ context.Context, _ *db.Tx, book *resident.Book) error {
		for _, t := range book.Topics {
			group := t.Title
			if t.Parent != "" {
				group = book.TopicTitle(t.Parent)
			}
			list = append(list, Service{
				Code: t.Code, Name: t.Title, Description: "住宅小区" + t.Title + "方面的诉求", Metadata: true, Type: "realtime",
				Keywords: strings.Join(t.Words, ","), Group: group,
			})
		}
		return nil
	})
	return document{list, services{List: list}}, err
}

func noService() error {
	return fault.New(fault.NotFound, "open311.service", "service_code was not found: 没有这个类别。")
}

func (a *API) definition(q question) (document, error) {
	var d Definition
	err := a.read(q, func(_ context.Context, _ *db.Tx, book *resident.Book) error {
		t, ok := book.Topic(q.id)
		if !ok {
			return noService()
		}
		d = Definition{Code: t.Code, Attributes: attributes(book)}
		return nil
	})
	return both(d), err
}

// attributes are the same for every topic: what the form on the web asks too.
func attributes(book *resident.Book) []Attribute {
	var classes []Value
	for _, c := range book.Classes {
		classes = append(classes, Value{c.Code, c.Title})
	}
	return []Attribute{
		{Variable: true, Code: "project", Datatype: "string", DatatypeHint: "小区名称或 16 位项目编码；没有写 address_id 时，由它或 address_string 找到小区", Order: 1, Description: "哪个小区？"},
		{Variable: true, Code: "building", Datatype: "number", DatatypeHint: "楼号，整数", Order: 2, Description: "几号楼？"},
		{Variable: true, Code: "spot", Datatype: "string", DatatypeHint: "不超过 100 个字", Order: 3, Description: "具体位置"},
		{Variable: true, Code: "class", Datatype: "singlevaluelist", DatatypeHint: "不选为求助", Order: 4, Description: "诉求类型", Values: classes},
	}
}
