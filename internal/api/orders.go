package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/once"
	"juli/internal/resident"
	"juli/internal/web"
)

// An Order is a 12345 order as the hotline's system sends it.
type Order struct {
	OrderNo  string `json:"order_no" minLength:"1" maxLength:"64" doc:"12345 工单编号，不含空格和控制字符" example:"GD2021120100077"`
	Class    string `json:"class,omitempty" enum:"CONSULT,HELP,COMPLAINT,REPORT,SUGGEST,PRAISE" doc:"类型：咨询、求助、投诉、举报、建议、表扬；不填为求助" example:"COMPLAINT"`
	Topic    string `json:"topic,omitempty" maxLength:"40" doc:"问题类别代码，见诉求办理规则；不填按内容识别" example:"door"`
	Project  string `json:"project,omitempty" maxLength:"16" doc:"项目编码；不知道时填 estate 和 district" example:"2301030010030001"`
	Estate   string `json:"estate,omitempty" maxLength:"100" doc:"小区名称，没有项目编码时使用" example:"花园小区"`
	District string `json:"district,omitempty" maxLength:"12" doc:"小区所在区划代码" example:"230103"`
	Building int64  `json:"building,omitempty" minimum:"0" maximum:"999" doc:"楼栋号" example:"2"`
	Spot     string `json:"spot,omitempty" maxLength:"100" doc:"具体位置" example:"二单元门口"`
	Text     string `json:"text" minLength:"2" maxLength:"2000" doc:"诉求内容" example:"单元门关不上"`
	Phone    string `json:"phone,omitempty" maxLength:"11" doc:"诉求人手机号，加密保存，用于告知进展" example:"13900000000"`
	Received string `json:"received_on,omitempty" format:"date" doc:"热线受理日期，不晚于今天，不早于诉求办理规则所定的天数（通常 92 天）；不填为今天" example:"2021-12-01"`
}

// An OrderState tells how an order stands.
type OrderState struct {
	OrderNo  string `json:"order_no" doc:"12345 工单编号" example:"GD2021120100077"`
	Number   string `json:"number" doc:"平台的诉求编号" example:"2021-000123-4"`
	State    string `json:"state" doc:"状态代码" example:"dispatched"`
	Title    string `json:"state_title" doc:"状态" example:"办理中"`
	Office   string `json:"office,omitempty" doc:"承办单位" example:"物业服务企业"`
	Due      string `json:"due_on,omitempty" format:"date" doc:"答复期限" example:"2021-12-20"`
	Answered string `json:"answered_on,omitempty" format:"date" doc:"首次答复日期" example:"2021-12-03"`
	Answer   string `json:"answer,omitempty" doc:"答复；审核通过后才出现" example:"已更换闭门器。"`
	Outcome  string `json:"outcome,omitempty" doc:"谁确认了解决；无人确认时不出现" example:"居民确认已解决"`
	Known    bool   `json:"known" doc:"这份工单此前已收到，没有重复登记" example:"false"`
}

// Keyed is what every request of the hotline carries.
type Keyed struct {
	Authorization string `header:"Authorization" maxLength:"200" doc:"Bearer 加接口密钥，由系统管理员发放"`
}

type orderIn struct {
	Keyed
	Once string `header:"Idempotency-Key" required:"true" minLength:"8" maxLength:"200" doc:"请求编号：同一编号重发只登记一次"`
	Body Order
}

// An OrderPath names an order; huma sees fields of exported types only.
type OrderPath struct {
	Keyed
	OrderNo string `path:"order_no" maxLength:"64" doc:"12345 工单编号"`
}

// A Callback is what the hotline heard when it called the resident back.
type Callback struct {
	Solved    bool `json:"solved" doc:"居民说已解决" example:"true"`
	Satisfied bool `json:"satisfied" doc:"居民说满意" example:"true"`
}

type callbackIn struct {
	OrderPath
	Once string `header:"Idempotency-Key" required:"true" minLength:"8" maxLength:"200" doc:"请求编号：同一编号重发只登记一次"`
	Body Callback
}

// orders is the exchange with the 12345 hotline. It stands apart from what
// everybody may read: its own keys, its own description.
func (a *API) orders() http.Handler {
	mux := http.NewServeMux()
	c := a.config()
	c.Info.Title, c.Info.Description, c.Tags = a.CityName+"12345工单交换接口", "热线平台送来工单、查询办理情况、登记回访结果。每个请求带接口密钥，由系统管理员发放。", []*huma.Tag{{Name: "orders", Description: "12345工单"}}
	c.OpenAPIPath = prefix + "/orders/openapi"
	h := humago.New(mux, c)
	errors := []int{http.StatusUnauthorized, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusInternalServerError}
	huma.Register(h, huma.Operation{
		OperationID: "putOrder", Method: http.MethodPost, Path: prefix + "/orders", Tags: []string{"orders"}, Errors: errors,
		Summary: "送来一份12345工单", Description: "按工单编号识别：内容相同的不重复登记；同一编号、内容不同的拒绝（409，resident.order-other），不会覆盖。需要接口密钥。",
	}, func(ctx context.Context, in *orderIn) (*answer[OrderState], error) {
		return written(ctx, a, in.Keyed, "orders", in.Once, in.Body, func(tx *db.Tx, who authz.Actor) (OrderState, error) { return a.takeOrder(ctx, tx, who, in.Body) })
	})
	huma.Register(h, huma.Operation{
		OperationID: "getOrder", Method: http.MethodGet, Path: prefix + "/orders/{order_no}", Tags: []string{"orders"}, Errors: append(errors, http.StatusNotFound),
		Summary: "一份12345工单的办理情况", Description: "答复审核通过后才给出。需要接口密钥。",
	}, func(ctx context.Context, in *OrderPath) (out *answer[OrderState], err error) {
		err = a.DB.Read(ctx, func(tx *db.Tx) error {
			if _, _, err := a.Reports.ByKey(ctx, tx, bearer(in.Authorization)); err != nil {
				return err
			}
			r, err := resident.OrderOf(ctx, tx, in.OrderNo)
			if err == nil {
				out = &answer[OrderState]{Body: orderState(r, in.OrderNo)}
			}
			return err
		})
		if err != nil {
			return nil, problemOf(ctx, err)
		}
		return out, nil
	})
	huma.Register(h, huma.Operation{
		OperationID: "callBack", Method: http.MethodPost, Path: prefix + "/orders/{order_no}/callback", Tags: []string{"orders"}, Errors: append(errors, http.StatusNotFound),
		Summary: "登记一份12345工单的回访结果", Description: "居民表示没有解决的，退回承办单位重新办理。需要接口密钥。",
	}, func(ctx context.Context, in *callbackIn) (*answer[OrderState], error) {
		return written(ctx, a, in.Keyed, "callback "+in.OrderNo, in.Once, in.Body, func(tx *db.Tx, who authz.Actor) (OrderState, error) {
			r, err := resident.OrderOf(ctx, tx, in.OrderNo)
			if err != nil {
				return OrderState{}, err
			}
			if err := a.Reports.CalledBackIn(ctx, tx, who, r.ID, resident.Rating{Solved: in.Body.Solved, Satisfied: in.Body.Satisfied}); err != nil {
				return OrderState{}, err
			}
			if r, err = resident.OrderOf(ctx, tx, in.OrderNo); err != nil {
				return OrderState{}, err
			}
			return orderState(r, in.OrderNo), nil
		})
	})
	return mux
}

// written runs an act of the interface once for its key, in one transaction with
// the answer that a repetition gets.
func written[I any](ctx context.Context, a *API, k Keyed, scope, key string, body I, act func(tx *db.Tx, who authz.Actor) (OrderState, error)) (*answer[OrderState], error) {
	sent, err := json.Marshal(body)
	if err != nil {
		return nil, problemOf(ctx, err)
	}
	var out answer[OrderState]
	err = a.DB.Write(ctx, func(tx *db.Tx) error {
		who, id, err := a.Reports.ByKey(ctx, tx, bearer(k.Authorization))
		if err != nil {
			return err
		}
		_, kept, _, err := once.Do(ctx, tx, "api "+scope+" "+id.String(), key, sent, func() (int, []byte, error) {
			state, err := act(tx, who)
			if err != nil {
				return 0, nil, err
			}
			text, err := json.Marshal(state)
			return http.StatusOK, text, err
		})
		if err != nil {
			return err
		}
		return json.Unmarshal(kept, &out.Body)
	})
	if err != nil {
		return nil, problemOf(ctx, err)
	}
	return &out, nil
}

func bearer(header string) string {
	key, ok := strings.CutPrefix(header, "Bearer ")
	if !ok {
		return ""
	}
	return strings.TrimSpace(key)
}

func (a *API) takeOrder(ctx context.Context, tx *db.Tx, who authz.Actor, o Order) (OrderState, error) {
	in := resident.Submission{SourceRef: o.OrderNo, Class: o.Class, Topic: o.Topic, Building: o.Building, Spot: o.Spot, Body: o.Text, Phone: o.Phone}
	var err error
	if in.Project, err = placeOf(ctx, tx, o.Project, o.Estate, o.District); err != nil {
		return OrderState{}, err
	}
	if o.Received != "" {
		if in.Received, err = day.Parse(o.Received); err != nil {
			return OrderState{}, fault.New(fault.Invalid, "resident.order-day", "受理日期应写成 2021-12-01。").With("received_on", "受理日期应写成 2021-12-01。")
		}
	}
	out, known, err := a.Reports.TakeOrderIn(ctx, tx, who, in)
	if err != nil {
		return OrderState{}, asSent(err)
	}
	r, err := a.Reports.Find(ctx, tx, who, out.Report)
	if err != nil {
		return OrderState{}, err
	}
	state := orderState(r, o.OrderNo)
	state.Known = known
	return state, nil
}

// asSent names what is wrong as the hotline sent it.
func asSent(err error) error {
	f := fault.From(err)
	for ours, theirs := range map[string]string{"body": "text", "received": "received_on"} {
		if why, ok := f.Fields[ours]; ok {
			delete(f.Fields, ours)
			f.Fields[theirs] = why
		}
	}
	return f
}

// placeOf is a project by its code, or the only one of a name.
func placeOf(ctx context.Context, tx *db.Tx, project, estate, district string) (code.ProjectCode, error) {
	if project != "" {
		return code.ParseProjectCode(project)
	}
	at, err := code.ParseDivision(district)
	if err != nil {
		return "", fault.New(fault.Invalid, "resident.place", "请给出项目编码，或小区名称和区划代码。").With("district", fault.From(err).Text)
	}
	c, ok, err := resident.ProjectNamed(ctx, tx, estate, at)
	if err == nil && !ok {
		err = fault.New(fault.Invalid, "resident.place", "没有找到唯一的小区，请给出项目编码。").With("estate", "没有这个小区，或有重名。")
	}
	return c, err
}

func orderState(r *resident.Report, no string) OrderState {
	s := OrderState{
		OrderNo: no, Number: r.Number, State: r.State, Title: r.StateTitle(), Office: r.Office.Title(), Due: r.Due.String(), Answered: r.AnsweredOn.String(), Outcome: r.OutcomeTitle(),
	}
	if r.Rateable() || r.State == resident.Closed || r.State == resident.Archived {
		s.Answer = r.Answer
	}
	return s
}

// private answers what is not everybody's: nothing is kept by caches, and no
// page of another origin may read it.
func (e *edge) private(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if !e.allow(web.Actor(r).Addr) {
			w.Header().Set("Retry-After", "10")
			writeProblem(w, r, problemOf(r.Context(), fault.New(fault.TooMany, "api.rate", "请求太频繁，请稍后再试。")))
			return
		}
		next.ServeHTTP(w, r)
	})
}
