package app_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/web"
)

// TestDesks opens pages as the people of a small city: each desk to its own
// people, and to nobody else.
func TestDesks(t *testing.T) {
	tn := newTown(t)
	people := map[string]authz.Actor{}
	for _, login := range []string{"firm1", "city1", "nangang1", "sysadmin", "secadmin1", "auditadmin", "committee1"} {
		who := tn.actor(t, login)
		who.Second = true
		people[login] = who
	}
	site := tn.HandlerAs(func(_ context.Context, token string) (authz.Actor, error) {
		if who, ok := people[token]; ok {
			return who, nil
		}
		return authz.Actor{}, web.NeedSignin()
	})
	for _, tt := range []struct {
		name, login, path string
		status            int
		says              string
	}{
		{"a firm sees what waits", "firm1", "/enterprise/", 200, "可以提出异议的信息"},
		{"its records", "firm1", "/enterprise/records", 200, "申报良好信息"},
		{"its file, masked", "firm1", "/enterprise/file", 200, "**"},
		{"what it may declare", "firm1", "/enterprise/records/new", 200, "评价项目"},
		{"a record that is not there", "firm1", "/enterprise/records/0000000000001", 404, ""},
		{"a filter that the list does not know", "firm1", "/enterprise/records?sort=points", 400, ""},
		{"a committee sees what was sent to it", "committee1", "/committee/", 200, "派给业委会"},
		{"an enterprise has another desk", "firm1", "/committee/", 403, "业委会（物管会）的工作台"},
		{"an official has another desk", "city1", "/enterprise/", 403, "企业的工作台"},
		{"an administrator too", "secadmin1", "/enterprise/records", 403, ""},
		{"a visitor signs in first", "", "/enterprise/", 303, ""},
		{"a visitor may ask for an account", "", "/enterprise-account", 200, "法定代表人"},
		{"nobody sees a record that is not public", "", "/records/0000000000001", 404, ""},
		{"jobs are the system administrator's", "sysadmin", "/admin/jobs", 200, "任务队列"},
		{"and not the auditor's", "auditadmin", "/admin/jobs", 403, ""},
		{"the log is the auditor's", "auditadmin", "/admin/audit", 200, "审计记录"},
		{"what happened is named in Chinese", "auditadmin", "/admin/audit?kind=identity.signed-in", 200, "账号：登录"},
		{"people by their login names", "auditadmin", "/admin/audit?account=firm1", 200, ">firm1"},
		{"a whole group of events", "auditadmin", "/admin/audit?kind=audit.", 200, "查看审计记录"},
		{"nobody's login", "auditadmin", "/admin/audit?account=nobody", 400, "没有登录名或编号为“nobody”的账号"},
		{"and not the system administrator's", "sysadmin", "/admin/audit", 403, ""},
		{"taking the log away wants a fresh second factor", "auditadmin", "/admin/audit?format=csv", 303, ""},
		{"people are the security administrator's", "secadmin1", "/admin/people", 200, "邀请人员"},
		{"inviting wants a fresh second factor", "secadmin1", "/admin/people/new", 303, ""},
		{"grants are not the system administrator's", "sysadmin", "/admin/grants", 403, ""},
		{"a district confirms accounts", "nangang1", "/admin/requests", 200, "企业账号申请"},
		{"a firm does not", "firm1", "/admin/requests", 403, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res := tn.get(t, site, route{http.MethodGet, tt.path}, tt.login)
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != tt.status || !strings.Contains(string(body), tt.says) {
				t.Errorf("%s as %q: status %d, want %d saying %q", tt.path, tt.login, res.StatusCode, tt.status, tt.says)
			}
		})
	}
}
