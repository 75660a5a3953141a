package app

import (
	"context"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"time"

	"juli/internal/db"
	"juli/internal/hook"
	"juli/internal/notify"
)

// hooks are the webhooks of public news; they reach only the hosts that
// JULI_HOOK_HOSTS lists and, of inner networks, those of JULI_HOOK_NETWORKS (INP-5).
func (a *App) hooks(d *db.DB) *hook.Service {
	return &hook.Service{
		DB: d, Keys: a.Keys, City: a.City, Feeds: a.Feeds, Base: base(), Policy: hook.DefaultPolicy,
		Way: notify.Webhook{Now: time.Now, Out: hookWay(os.Getenv("JULI_HOOK_HOSTS"), os.Getenv("JULI_HOOK_NETWORKS"))},
	}
}

// base is the address of the platform, as the operator knows it.
func base() string { return strings.TrimSuffix(os.Getenv("JULI_BASE"), "/") }

// hookWay reads lists of hosts and networks, separated by commas. What is no
// network opens nothing.
func hookWay(hosts, networks string) notify.Outbound {
	var out notify.Outbound
	for h := range strings.SplitSeq(hosts, ",") {
		if h = strings.TrimSpace(h); h != "" {
			out.Hosts = append(out.Hosts, h)
		}
	}
	for n := range strings.SplitSeq(networks, ",") {
		if n = strings.TrimSpace(n); n == "" {
			continue
		}
		p, err := netip.ParsePrefix(n)
		if err != nil {
			slog.Warn("JULI_HOOK_NETWORKS holds what is no network")
			continue
		}
		out.Networks = append(out.Networks, p)
	}
	return out
}

// push delivers what is due; what is news was queued as the events settled.
func (a *App) push(ctx context.Context) error {
	_, _, err := a.Hooks.DeliverDue(ctx)
	return err
}
