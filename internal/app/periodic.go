package app

import (
	"context"
	"log/slog"
	"net/url"
	"os"
	"strconv"
	"time"

	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/hook"
	"juli/internal/importing"
	"juli/internal/job"
	"juli/internal/notify"
	"juli/internal/once"
	"juli/internal/registry"
	"juli/internal/resident"
)

const (
	dayLong  = 24 * time.Hour
	week     = 7 * dayLong
	jobsKept = 90 * dayLong
	filesAge = time.Hour // an upload under way is younger
)

// A periodic is work that returns by the clock; offset is after the city's midnight.
type periodic struct {
	kind, title   string
	every, offset time.Duration
	do            func(a *App, ctx context.Context) error
}

// periodics is the whole table. A demo city's midnight may be at any hour of the
// real clock, so what follows the city calendar looks every hour.
var periodics = []periodic{
	{"reactions", "办理后续事项", 5 * time.Second, 0, (*App).Settle},
	{"keys", "更新密钥", time.Minute, 0, func(a *App, ctx context.Context) error { return a.Keys.Refresh(ctx) }},
	{"sessions", "清理过期登录", 10 * time.Minute, 0, func(a *App, ctx context.Context) error { _, err := a.Identity.Sweep(ctx); return err }},
	{"deliveries", "发送通知", time.Minute, 0, (*App).deliver},
	{"hooks", "推送公开信息", 10 * time.Second, 0, (*App).push},
	{"credit-terms", "推进办理期限和信用信息时效", time.Hour, 5 * time.Minute, (*App).advance},
	{"listing-terms", "推进红黑榜期限", time.Hour, 15 * time.Minute, func(a *App, ctx context.Context) error { _, err := a.Listing.Advance(ctx); return err }},
	{"supervision-terms", "推进整改期限", time.Hour, 10 * time.Minute, (*App).advanceCases},
	{"survey-terms", "结束到期的满意度调查", time.Hour, 6 * time.Minute, func(a *App, ctx context.Context) error { return a.Surveys.Advance(ctx) }},
	{"credit-findings", "查找应计的信用信息", week, 3 * time.Hour, (*App).find},
	{"reports", "推进诉求办理期限", time.Hour, 10 * time.Minute, func(a *App, ctx context.Context) error { return a.Reports.Advance(ctx) }},
	{"report-texts", "发送短信", 10 * time.Second, 0, (*App).text},
	{"report-drafts", "清理未确认的诉求", time.Hour, 40 * time.Minute, func(a *App, ctx context.Context) error { return a.Reports.Sweep(ctx) }},
	{"report-credit", "报送逾期诉求件数", dayLong, 4 * time.Hour, func(a *App, ctx context.Context) error { return a.Reports.FeedCredit(ctx) }},
	{"deeds", "提示实事月报和清理回访名单", time.Hour, 10 * time.Minute, func(a *App, ctx context.Context) error {
		return a.DB.Write(ctx, func(tx *db.Tx) error { _, err := a.Deeds.AdvanceIn(ctx, tx); return err })
	}},
	{"erase", "清除到期的个人信息", dayLong, 210 * time.Minute, (*App).erase},
	{"purge", "清理到期数据", dayLong, 2 * time.Hour, (*App).purge},
	{"files", "清理未保存的上传文件", dayLong, 150 * time.Minute, func(a *App, ctx context.Context) error {
		_, err := a.Files.Collect(ctx, a.DB, filesAge)
		return err
	}},
	{"search", "整理查询索引", dayLong, 200 * time.Minute, func(a *App, ctx context.Context) error {
		return a.DB.Write(ctx, func(tx *db.Tx) error { return registry.CompactSearch(ctx, tx) })
	}},
}

// jobTitles names the kinds of work, for administrators.
func jobTitles() map[string]string {
	titles := map[string]string{importing.JobKind: "批量导入", credit.EvaluateJob: "信用评价", resident.PhotoJob: "处理诉求照片"}
	for _, p := range periodics {
		titles[p.kind] = p.title
	}
	return titles
}

// handlers registers the long work and the periodic work.
func (a *App) handlers() {
	a.Jobs.Handle(importing.JobKind, func(ctx context.Context, j *job.Job) error {
		if err := a.disk.room(); err != nil { // tried again later
			return err
		}
		return a.Importing.Handle(ctx, j)
	})
	a.Jobs.Handle(credit.EvaluateJob, func(ctx context.Context, j *job.Job) error {
		if err := a.disk.room(); err != nil {
			return err
		}
		return a.Evaluations.Handle(ctx, j)
	})
	a.Jobs.Handle(resident.PhotoJob, func(ctx context.Context, j *job.Job) error {
		if err := a.disk.room(); err != nil {
			return err
		}
		return a.Reports.HandlePhotos(ctx, j)
	})
	for _, p := range periodics {
		a.Jobs.Every(p.kind, p.every, p.offset, func(ctx context.Context, _ *job.Job) error { return p.do(a, ctx) })
	}
}

// advance lets time do its work: terms run out, records end, and where grades
// are of the moment they move.
func (a *App) advance(ctx context.Context) error {
	if _, err := a.Records.Advance(ctx); err != nil {
		return err
	}
	_, err := a.Evaluations.KeepJournal(ctx, true)
	return err
}

// advanceCases lets the deadlines of cases run out, a batch a transaction.
func (a *App) advanceCases(ctx context.Context) error {
	for more := true; more; {
		err := a.DB.Write(ctx, func(tx *db.Tx) (err error) {
			_, more, err = a.Cases.AdvanceIn(ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// purge deletes idempotency keys and ended jobs past their time, a thousand a
// transaction, so that no writer waits long.
func (a *App) purge(ctx context.Context) error {
	for _, clean := range []func(context.Context, *db.Tx) (int64, error){
		func(ctx context.Context, tx *db.Tx) (int64, error) {
			return once.Purge(ctx, tx, tx.Real.Add(-once.Keep))
		},
		func(ctx context.Context, tx *db.Tx) (int64, error) { return job.Purge(ctx, tx, tx.Real.Add(-jobsKept)) },
		func(ctx context.Context, tx *db.Tx) (int64, error) {
			return hook.Purge(ctx, tx, tx.Real.Add(-hook.Kept))
		},
	} {
		for n := int64(1); n > 0; {
			err := a.DB.Write(ctx, func(tx *db.Tx) (err error) {
				n, err = clean(ctx, tx)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// erase erases personal data whose term is over: it runs by the city's calendar.
func (a *App) erase(ctx context.Context) error {
	if err := a.Reports.Erase(ctx); err != nil {
		return err
	}
	return a.Volunteers.Erase(ctx)
}

// find proposes what the system itself found (PC-25): each in a transaction of
// its own, so that one refusal does not hold up the others. A city whose
// rulebook is not there yet has nothing to find.
func (a *App) find(ctx context.Context) error {
	var book *credit.Book
	var found []credit.Finding
	err := a.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if book, err = a.Books.InForce(ctx, tx, tx.Today()); err != nil {
			return err
		}
		found, err = a.Evaluations.Findings(ctx, tx, book)
		return err
	})
	if fault.From(err) != nil && fault.From(err).Kind == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	for _, f := range found {
		err := a.DB.Write(ctx, func(tx *db.Tx) error {
			_, _, err := a.Records.ProposeFinding(ctx, tx, book, f)
			return err
		})
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			slog.WarnContext(ctx, "finding refused", "subject", f.Subject.ID.String(), "err", err)
		}
	}
	return nil
}

// deliver sends what is due through the channels that the environment names.
func (a *App) deliver(ctx context.Context) error {
	channels, err := channels(os.Getenv("JULI_SMTP"))
	if err != nil || len(channels) == 0 {
		return err
	}
	post := &notify.Post{DB: a.DB, Keys: a.Keys, Channels: channels, Base: os.Getenv("JULI_BASE")}
	_, _, err = post.DeliverDue(ctx)
	return err
}

// channels reads JULI_SMTP, e.g. smtp://user:password@mail.example.cn:587?from=wuye@example.cn;
// without it notices stay inside the platform.
func channels(address string) ([]notify.Channel, error) {
	if address == "" {
		return nil, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "smtp" || u.Hostname() == "" || u.Query().Get("from") == "" {
		return nil, fault.New(fault.Invalid, "app.smtp", "JULI_SMTP 应写成 smtp://用户:密码@主机:端口?from=发件地址。") // the address holds a password: no cause
	}
	m := notify.Mail{Host: u.Hostname(), From: u.Query().Get("from"), User: u.User.Username()}
	m.Password, _ = u.User.Password()
	if s := u.Port(); s != "" {
		if m.Port, err = strconv.Atoi(s); err != nil {
			return nil, fault.New(fault.Invalid, "app.smtp", "JULI_SMTP 的端口不正确。")
		}
	}
	return []notify.Channel{m}, nil
}

// text sends short messages through the gateway that JULI_SMS names; without one
// they are dropped when they are too old.
func (a *App) text(ctx context.Context) error {
	via, err := texts(os.Getenv("JULI_SMS"))
	if err != nil {
		return err
	}
	_, err = a.Reports.SendTexts(ctx, via)
	return err
}

// texts reads JULI_SMS: https://gateway.example.cn/send?key=…&sign=… or, for
// development, file:///folder. No address, no short messages.
func texts(address string) (resident.Sender, error) {
	bad := fault.New(fault.Invalid, "app.sms", "JULI_SMS 应写成 https://网关地址?key=密钥&sign=签名，开发时可写 file:///目录。")
	if address == "" {
		return nil, nil
	}
	u, err := url.Parse(address)
	switch {
	case err != nil: // the address holds a key: no cause
		return nil, bad
	case u.Scheme == "file" && u.Path != "":
		return notify.TextFile{Dir: u.Path}, nil
	case u.Scheme == "https" && u.Hostname() != "" && u.Query().Get("key") != "":
		key, sign := u.Query().Get("key"), u.Query().Get("sign")
		u.RawQuery = ""
		return notify.SMS{Out: notify.Outbound{Hosts: []string{u.Host}}, URL: u.String(), Key: key, Sign: sign}, nil
	}
	return nil, bad
}

// demo says whether the city's calendar is its own: only a demonstration's is.
func (a *App) demo() bool { return a.DB.Offset() != 0 }

// texting says whether residents can be sent a code; in a demonstration the page
// says it.
func (a *App) texting() bool { return os.Getenv("JULI_SMS") != "" || a.demo() }
