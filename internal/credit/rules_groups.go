package credit

import (
	"cmp"
	"slices"

	"juli/internal/day"
	"juli/internal/money"
)

// groupRules applies what looks at several records of one subject: the newest
// assessment, de-duplication, repeats, maxima, orders. Rows are sorted.
func (e *Evaluator) groupRules() {
	if e.book.needVoid {
		e.voidFalse()
	}
	e.eachGroup(func(it *Item, rows []row) {
		if it.Valid.Kind == ValidNext {
			newestOnly(rows)
		}
	})
	e.dedup()
	e.eachGroup(func(it *Item, rows []row) {
		if !it.linked() {
			e.repeatAndMax(it, rows)
		}
	})
	if !e.book.needOrder {
		return
	}
	for i := range e.rows {
		if r := &e.rows[i]; r.rec >= 0 {
			e.orders[r.id] = int32(i)
		}
	}
	e.eachGroup(func(it *Item, rows []row) {
		if it.linked() {
			e.onOrders(it, rows)
			e.repeatAndMax(it, rows)
		}
	})
}

// eachGroup calls fn for the rows of each subject and grouped item.
func (e *Evaluator) eachGroup(fn func(*Item, []row)) {
	for lo := 0; lo < len(e.rows); {
		g, hi := e.rows[lo].group(), lo+1
		for hi < len(e.rows) && e.rows[hi].group() == g {
			hi++
		}
		if it := e.book.Item(e.rows[lo].item()); it != nil && it.grouped() {
			fn(it, e.rows[lo:hi])
		}
		lo = hi
	}
}

// voidFalse takes back what was had by false material: the record that a
// counted, or since expired, finding names, if its class is one that the item
// voids. What was false stays so when the finding has run out.
func (e *Evaluator) voidFalse() {
	for i := range e.rows {
		r := &e.rows[i]
		it := e.book.Item(r.item())
		if it == nil || len(it.Voids) == 0 || r.rec < 0 || !r.reason.Counts() && r.reason != Expired {
			continue
		}
		had := e.bundle.Records[r.rec].Order
		for j := range e.rows {
			x := &e.rows[j]
			if had != 0 && x.id == had && x.rec >= 0 && slices.Contains(it.Voids, x.class()) {
				x.drop(FalseVoid)
			}
		}
	}
}

func (r *row) drop(why Reason) { r.points, r.reason = 0, why }

// newestOnly keeps the newest assessment (PC-44 until the next one).
func newestOnly(rows []row) {
	seen := false
	for i := len(rows) - 1; i >= 0; i-- {
		if !rows[i].reason.Counts() {
			continue
		}
		if seen {
			rows[i].drop(Superseded)
		}
		seen = true
	}
}

// dedup keeps the highest of the records with one key in one group (PC-19).
func (e *Evaluator) dedup() {
	e.group = e.group[:0]
	for i := range e.rows {
		r := &e.rows[i]
		it := e.book.Item(r.item())
		if it != nil && it.Dedup > 0 && r.reason.Counts() && r.rec >= 0 && e.bundle.Records[r.rec].Key != "" {
			e.group = append(e.group, int32(i))
		}
	}
	same := func(a, b *row) int {
		return cmp.Or(
			cmp.Compare(a.slot(), b.slot()),
			cmp.Compare(e.book.Items[a.item()].Dedup, e.book.Items[b.item()].Dedup),
			cmp.Compare(e.bundle.Records[a.rec].Key, e.bundle.Records[b.rec].Key),
		)
	}
	slices.SortFunc(e.group, func(x, y int32) int {
		a, b := &e.rows[x], &e.rows[y]
		return cmp.Or(same(a, b), cmp.Compare(size(b.points), size(a.points)), cmp.Compare(a.date, b.date), cmp.Compare(a.id, b.id))
	})
	for i := 1; i < len(e.group); i++ {
		if same(&e.rows[e.group[i-1]], &e.rows[e.group[i]]) == 0 {
			e.rows[e.group[i]].drop(Duplicate)
		}
	}
}

func size(p money.Points) money.Points { return max(p, -p) }

// onOrders ties records to their orders (PC-22): points as the order's, valid
// as long as the order counts.
func (e *Evaluator) onOrders(it *Item, rows []row) {
	for i := range rows {
		r := &rows[i]
		if !r.reason.Counts() || r.rec < 0 {
			continue
		}
		at, found := e.orders[e.bundle.Records[r.rec].Order]
		if !found {
			if it.Mode == parentPoints || it.Valid.Kind == ValidParent {
				r.drop(ParentVoid)
			}
			continue
		}
		order := &e.rows[at]
		fits := len(it.Orders) == 0
		if of := e.book.Item(order.item()); of != nil && !fits {
			fits = slices.Contains(it.Orders, of.Code)
		}
		if !fits || it.Valid.Kind == ValidParent && !order.reason.Counts() {
			r.drop(ParentVoid)
			continue
		}
		if rec := &e.bundle.Records[r.rec]; it.Overdue && rec.Due == 0 && !e.overdue(order, rec.Rectified) {
			r.drop(NotDue)
			continue
		}
		if it.Mode == parentPoints {
			r.points = share(order.points, it.Points)
		}
		if it.Valid.Kind == ValidParent {
			r.until = order.until
		}
	}
}

// overdue says whether an order's day has passed without rectification in time.
func (e *Evaluator) overdue(order *row, rectified day.Date) bool {
	o := &e.bundle.Records[order.rec]
	if rectified == 0 {
		rectified = o.Rectified
	}
	if o.Due >= e.opt.AsOf && o.Due != 0 {
		e.soon(order.slot(), o.Due.AddDays(1))
	}
	return o.Due != 0 && e.opt.AsOf > o.Due && (rectified == 0 || rectified > o.Due)
}
