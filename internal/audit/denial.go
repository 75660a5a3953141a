package audit

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

const (
	deniedRate  = 20  // events a second, in all
	deniedBurst = 200 // events at once
	ownRate     = 1   // events a second, of one address
	ownBurst    = 30
	addrsMax    = 10000 // addresses remembered
)

// Denials writes refusals in transactions of their own, since the refused one
// was rolled back. What comes faster than the limit is counted, and the count
// goes into the next event, so that a flood can't fill the disk and is still seen.
type Denials struct {
	DB *db.DB

	mu      sync.Mutex
	all     *rate.Limiter
	own     map[string]*rate.Limiter
	dropped int
}

// Append writes the refusal f of a request by who at a route.
func (n *Denials) Append(ctx context.Context, who authz.Actor, f *fault.Error, where string) error {
	outcome, kind := Failed, "request.failed"
	switch f.Kind {
	case fault.Forbidden, fault.NotFound, fault.StepUp, fault.Unauthenticated:
		outcome, kind = Denied, "request.denied"
	}
	return n.Write(ctx, who, kind, where, outcome, map[string]any{"rule": f.Rule})
}

// Write writes any event that must outlive a rolled-back transaction: a failed
// sign-in, a refused restore.
func (n *Denials) Write(ctx context.Context, who authz.Actor, kind, object string, outcome Outcome, detail map[string]any) error {
	dropped, ok := n.allow(authz.Network(who.Addr), n.DB.Real())
	if !ok {
		return nil
	}
	more := map[string]any{}
	for k, v := range detail {
		more[k] = v
	}
	if dropped > 0 {
		more["dropped"] = dropped
	}
	return n.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := Write(ctx, tx, who, kind, object, outcome, more)
		return err
	})
}

// allow tells how many events were dropped before this one, or drops it.
func (n *Denials) allow(addr string, now time.Time) (dropped int, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.all == nil {
		n.all, n.own = rate.NewLimiter(deniedRate, deniedBurst), map[string]*rate.Limiter{}
	}
	own := n.own[addr]
	if own == nil {
		if len(n.own) >= addrsMax {
			clear(n.own)
		}
		own = rate.NewLimiter(ownRate, ownBurst)
		n.own[addr] = own
	}
	if !own.AllowN(now, 1) || !n.all.AllowN(now, 1) {
		n.dropped++
		return 0, false
	}
	dropped, n.dropped = n.dropped, 0
	return dropped, true
}
