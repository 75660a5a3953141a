package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"juli/internal/db"
	"juli/internal/rulebook"
)

// A Rulebook is one version of a rulebook.
type Rulebook struct {
	Digest      string `json:"digest" doc:"文件摘要（SHA-256，十六进制）" minLength:"64" maxLength:"64" example:"3f786850e387550fdab836ed7e6dc881de23001b3f786850e387550fdab836ed"`
	Kind        string `json:"kind" doc:"种类" example:"credit"`
	Code        string `json:"code" doc:"代码" example:"harbin"`
	Version     string `json:"version" doc:"版本" example:"2021.1"`
	Title       string `json:"title" doc:"名称" example:"哈尔滨市物业服务企业信用评价规则"`
	City        string `json:"city" doc:"适用地区的区划代码" example:"2301"`
	State       string `json:"state" enum:"draft,comment,adopted,retired" doc:"状态：draft 草案，comment 公开征求意见，adopted 已采用，retired 已停用" example:"adopted"`
	From        string `json:"from" format:"date" doc:"施行日期" example:"2021-04-15"`
	To          string `json:"to,omitempty" format:"date" doc:"最后一天；长期有效时不出现" example:"2023-12-31"`
	CommentFrom string `json:"comment_from,omitempty" format:"date" doc:"征求意见的第一天" example:"2021-02-01"`
	CommentTo   string `json:"comment_to,omitempty" format:"date" doc:"征求意见的最后一天" example:"2021-03-03"`
}

// A RulebookText is a version with its file.
type RulebookText struct {
	Rulebook
	Text string `json:"text" doc:"规则文件原文（YAML），字节与摘要一致" example:"kind: credit"`
}

type rulebooksIn struct {
	After string `query:"after" maxLength:"13" doc:"上一页答复中的 next；第一页不填" example:"0NZ4Q8T1R0001"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"每页条数"`
	Kind  string `query:"kind" maxLength:"40" doc:"种类" example:"credit"`
	State string `query:"state" enum:"draft,comment,adopted,retired" doc:"状态" example:"adopted"`
}

type rulebookIn struct {
	Digest string `path:"digest" maxLength:"64" doc:"文件摘要（SHA-256，十六进制）" example:"3f786850e387550fdab836ed7e6dc881de23001b3f786850e387550fdab836ed"`
}

// rules registers rulebooks.
func (a *API) rules() {
	get(a, huma.Operation{
		OperationID: "list-rulebooks", Path: "/rulebooks", Tags: []string{"rulebooks"}, Summary: "规则目录",
		Description: "各版规则，包括草案和其他城市的规则，最近登记的在前。",
	}, a.rulebooks)
	one(a, huma.Operation{
		OperationID: "get-rulebook", Path: "/rulebooks/{digest}", Tags: []string{"rulebooks"}, Summary: "一份规则",
		Description: "一版规则及其文件原文，可以用 juli evaluate 重新计算任何一期结果。",
	}, a.rulebook)
}

func rulebookOut(v rulebook.Version) Rulebook {
	return Rulebook{
		Digest: v.Digest, Kind: v.Kind, Code: v.Code, Version: v.Version, Title: v.Title, City: string(v.City), State: string(v.State),
		From: date(v.From), To: date(v.To), CommentFrom: date(v.CommentFrom), CommentTo: date(v.CommentTo),
	}
}

func (a *API) rulebooks(ctx context.Context, tx *db.Tx, in *rulebooksIn) (out List[Rulebook], err error) {
	var after db.ID
	if in.After != "" {
		if after, err = db.ParseID(in.After); err != nil {
			return out, err
		}
	}
	list, err := rulebook.List(ctx, tx, rulebook.Filter{Kind: in.Kind, State: rulebook.State(in.State)}, after, min(in.Limit+1, 200))
	if err != nil {
		return out, err
	}
	next := ""
	if len(list) > in.Limit {
		list = list[:in.Limit]
		next = list[in.Limit-1].ID.String()
	}
	items := make([]Rulebook, len(list))
	for i, v := range list {
		items[i] = rulebookOut(v)
	}
	return listOf(items, next), nil
}

func (a *API) rulebook(ctx context.Context, tx *db.Tx, in *rulebookIn) (out RulebookText, err error) {
	v, err := rulebook.ByDigest(ctx, tx, in.Digest)
	if err != nil {
		return out, err
	}
	text, err := rulebook.TextOf(ctx, tx, v.ID)
	return RulebookText{rulebookOut(v), string(text)}, err
}
