package main

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"strings"
	"time"

	"juli/internal/app"
	"juli/internal/city"
	"juli/internal/day"
	"juli/internal/fault"
)

type serveCmd struct {
	database
	vault
	Addr      string        `default:"127.0.0.1:8080" env:"JULI_ADDR" help:"监听地址。" placeholder:"HOST:PORT"`
	AdminAddr string        `name:"admin-addr" env:"JULI_ADMIN_ADDR" help:"监控指标和性能剖析的监听地址，只能是本机或内网 IP；不写则不开。" placeholder:"IP:PORT"`
	TLS       bool          `name:"https" env:"JULI_HTTPS" help:"由前面的 https 代理转来：使用 __Host- Cookie 和 HSTS。"`
	Cert      string        `env:"JULI_CERT" help:"TLS 证书文件（PEM）；与 --cert-key 一起给出时自己提供 https。" placeholder:"FILE"`
	CertKey   string        `name:"cert-key" env:"JULI_CERT_KEY" help:"TLS 证书的私钥文件（PEM）。" placeholder:"FILE"`
	Hosts     []string      `env:"JULI_HOSTS" help:"对外使用的域名，逗号分隔；其他域名一律拒绝。默认不限。" placeholder:"NAME"`
	Proxies   []string      `env:"JULI_PROXIES" help:"前置代理的 IP 或网段，逗号分隔；只相信它们的 X-Forwarded-For。" placeholder:"CIDR"`
	Region    string        `name:"jurisdiction" env:"JULI_JURISDICTION" default:"hrb.gov.cn" help:"开放接口（Open311）的辖区名（jurisdiction_id）。" placeholder:"NAME"`
	Drain     time.Duration `env:"JULI_DRAIN" default:"0s" help:"停止时先让 /readyz 失败这么久再断开监听，供前面的代理改道。" placeholder:"5s"`
	Demo      string        `enum:"no,small,city" default:"no" env:"JULI_DEMO" help:"数据库为空时一边服务一边建立演示城市。"`
	Log       string        `enum:"debug,info,warn,error" default:"warn" env:"JULI_LOG" help:"日志级别。"`
}

// Run serves the city until it is told to stop.
func (c *serveCmd) Run(e env) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log)); err != nil {
		return err
	}
	slog.SetDefault(slog.New(slog.NewJSONHandler(e.err, &slog.HandlerOptions{Level: level})))
	cfg, err := c.edge()
	if err != nil {
		return err
	}
	a, err := app.Open(e.ctx, cfg)
	if err != nil {
		return err
	}
	defer a.Close()
	release, err := a.DB.Exclusive("serve") // before a word is said of accounts
	if err != nil {
		return err
	}
	defer release()
	if a.TLS, err = app.Certificate(c.Cert, c.CertKey); err != nil {
		return err
	}
	if c.AdminAddr != "" {
		if a.Admin, err = app.AdminListen(c.AdminAddr); err != nil {
			return err
		}
		defer a.Admin.Close()
	}
	ln, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "app.listen", "不能在 %s 监听。", c.Addr)
	}
	defer ln.Close()
	site, err := c.site(e, a)
	if err != nil {
		return err
	}
	weight := ballast()
	defer runtime.KeepAlive(weight)
	return a.Serve(e.ctx, ln, site, e.out)
}

// edge is the city's configuration with what serve alone asks for.
func (c *serveCmd) edge() (app.Config, error) {
	cfg := c.config(c.database)
	cfg.Secure, cfg.Drain = c.TLS || c.Cert != "", min(c.Drain, time.Minute)
	cfg.Jurisdiction = c.Region
	for _, name := range c.Hosts {
		cfg.Hosts = append(cfg.Hosts, strings.ToLower(name))
	}
	for _, text := range c.Proxies {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			at, err := netip.ParseAddr(text)
			if err != nil {
				return cfg, fault.New(fault.Invalid, "app.proxies", "前置代理应写成 IP 或网段，如 127.0.0.1 或 10.1.0.0/16：%s", text)
			}
			p = netip.PrefixFrom(at, at.BitLen())
		}
		cfg.Proxies = append(cfg.Proxies, p)
	}
	return cfg, nil
}

// site is the city's pages; with --demo and an empty database, a city that grows.
func (c *serveCmd) site(e env, a *app.App) (http.Handler, error) {
	empty, err := a.DB.Empty(e.ctx)
	if err != nil {
		return nil, err
	}
	if c.Demo != "no" && empty {
		fmt.Fprintln(e.out, "正在建立演示城市，大约一分钟，可以先打开网页看进度。")
		return a.Grow(e.ctx, demoOptions(c.Demo, 1, day.MustParse("2021-12-31")), func(list []city.Account, err error) {
			if err != nil {
				complain(e.err, err)
				return
			}
			printAccounts(e.out, c.DB, list)
		}), nil
	}
	if half, err := a.DB.HalfBuilt(e.ctx); err != nil || half {
		return nil, cmp.Or(err, error(fault.New(fault.Conflict, "city.half", "演示城市上次没有建完，请删除数据库文件后重新运行。")))
	}
	if list, err := city.LoadAccounts(c.DB); err == nil && len(list) > 0 && demoOf(a) {
		printAccounts(e.out, c.DB, list)
	}
	return a.Handler(), nil
}

type adminCmd struct {
	Init adminInitCmd `cmd:"" help:"为四位首任管理员生成一次性激活码。"`
}

type adminInitCmd struct {
	database
	output
	vault
}

type firstAdmin struct {
	Login string    `json:"login"`
	Role  string    `json:"role"`
	Title string    `json:"title"`
	Code  string    `json:"code"`
	Until time.Time `json:"until"`
}

// Run prints the one-time codes of the first four administrators, once (AUT-1).
func (c *adminInitCmd) Run(e env) error {
	a, err := app.Open(e.ctx, c.config(c.database))
	if err != nil {
		return err
	}
	defer a.Close()
	list, err := a.Identity.Init(e.ctx, a.City)
	if err != nil {
		return err
	}
	out := make([]firstAdmin, len(list))
	for i, f := range list {
		out[i] = firstAdmin{f.Login, string(f.Role), f.Role.Title(), f.Code, f.Ends}
	}
	return c.answer(e, out, func(w io.Writer) {
		fmt.Fprintln(w, "以下激活码只显示这一次，24 小时内有效，请分别交给四位不同的人，到 /join 激活：")
		for _, f := range out {
			fmt.Fprintf(w, "  %-12s %-12s %s\n", f.Login, f.Title, f.Code)
		}
	})
}

type totpCmd struct {
	database
	output
	Account string `arg:"" help:"演示账号，如 city1。"`
}

// Run prints the present one-time code of a demo account.
func (c *totpCmd) Run(e env) error {
	code, err := city.OneTimeCode(c.DB, c.Account, time.Now())
	if err != nil {
		return err
	}
	return c.answer(e, map[string]string{"account": c.Account, "code": code}, func(w io.Writer) { fmt.Fprintln(w, code) })
}
