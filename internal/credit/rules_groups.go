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

// repeatAndMax applies the repeat rule, then the maximum, in the order of dates.
func (e *Evaluator) repeatAndMax(it *Item, rows []row) {
	if it.Repeat != nil && it.Repeat.Kind != "add" {
		repeated(it.Repeat, rows)
	}
	if it.Limit != nil {
		e.limited(it.Limit, rows)
	}
}

// repeated weighs the second, third … record within the window after the one
// before it (PC-21).
func repeated(rule *Repeat, rows []row) {
	nth, last := 0, day.Date(0)
	for i := range rows {
		r := &rows[i]
		if !r.reason.Counts() {
			continue
		}
		if nth > 0 && r.date > addTerm(last, rule.Window) {
			nth = 0
		}
		if nth == 0 || rule.Kind == "factors" {
			last = r.date
		}
		nth++
		if rule.Kind == "once" {
			if nth > 1 {
				r.drop(Repetition)
			}
			continue
		}
		r.points = share(r.points, rule.Factors[min(nth, len(rule.Factors))-1])
	}
}

// limited stops counting at the item's maximum within each window (PC-20). Of
// more records than may count the highest do, of equal ones the earlier; the
// record that passes the points counts in part, in the order of dates.
func (e *Evaluator) limited(m *Max, rows []row) {
	for lo := 0; lo < len(rows); {
		window, hi := e.book.windowStart(m.Per, rows[lo].date, e.period), lo+1
		for hi < len(rows) && e.book.windowStart(m.Per, rows[hi].date, e.period) == window {
			hi++
		}
		if m.Count > 0 {
			e.highestOnly(m.Count, rows[lo:hi])
		}
		if m.HasPoints {
			cutPoints(m.Points, rows[lo:hi])
		}
		lo = hi
	}
}

// highestOnly lets the n highest count.
func (e *Evaluator) highestOnly(n int, rows []row) {
	e.group = e.group[:0]
	for i := range rows {
		if rows[i].reason.Counts() {
			e.group = append(e.group, int32(i))
		}
	}
	if len(e.group) <= n {
		return
	}
	slices.SortStableFunc(e.group, func(x, y int32) int { return cmp.Compare(size(rows[y].points), size(rows[x].points)) })
	for _, i := range e.group[n:] {
		rows[i].drop(OverMax)
	}
}

// cutPoints lets rows count up to some points.
func cutPoints(most money.Points, rows []row) {
	var sum money.Points
	for i := range rows {
		r := &rows[i]
		if !r.reason.Counts() {
			continue
		}
		room := most - sum
		switch {
		case room <= 0:
			r.drop(OverMax)
		case size(r.points) > room:
			if r.points < 0 {
				room = -room
			}
			r.points, r.reason, sum = room, PartlyCounted, most
		default:
			sum += size(r.points)
		}
	}
}

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

// derive hands counted rows on to other subjects (PC-23, PC-24) and reports
// whether it added any.
func (e *Evaluator) derive() bool {
	n := len(e.rows)
	for i := range n {
		r := e.rows[i]
		it := e.book.Item(r.item())
		if it == nil || !r.reason.Counts() || r.kind == DerivedLine || len(it.Also) == 0 && len(e.book.Derive) == 0 {
			continue
		}
		for a := range it.Also {
			e.also(&r, it, a)
		}
		e.deriveByRule(&r, it)
	}
	return len(e.rows) > n
}

// also applies one "also" of an item: its own points or level table, or a share.
func (e *Evaluator) also(r *row, it *Item, n int) {
	a := &it.Also[n]
	pts := a.Points
	switch {
	case a.Share != 0:
		pts = share(r.points, a.Share)
	case len(a.Levels) > 0:
		level := uint8(0)
		if r.rec >= 0 {
			level = e.bundle.Records[r.rec].Level
		}
		if level == 0 || int(level) > len(a.Levels) {
			return
		}
		pts = a.Levels[level-1]
	}
	e.derived(r, a.Subject, ByEvent, a.Class, pts, int16(n+1))
}

func (e *Evaluator) deriveByRule(r *row, it *Item) {
	from := e.kindOf(r.slot())
	for n := range e.book.Derive {
		d := &e.book.Derive[n]
		fromFits := d.From == from || d.From == Enterprise && from == Branch
		classFits := len(d.Classes) == 0 || slices.Contains(d.Classes, it.Class)
		signFits := d.Sign == 0 || d.Sign > 0 && r.points > 0 || d.Sign < 0 && r.points < 0
		named := slices.ContainsFunc(it.Also, func(a Also) bool { return a.Subject == d.To })
		if !fromFits || !classFits || !signFits || named {
			continue // the item's own "also" goes before the general rule
		}
		class := d.ToClass
		if class < 0 {
			class = it.Class
		}
		e.derived(r, d.To, d.Placed, class, share(r.points, d.Share), int16(-1-n))
	}
}

// derived adds the row to whoever it goes to: the manager in charge on the day,
// the enterprise that held the project on the day.
func (e *Evaluator) derived(r *row, to SubjectKind, on DateChoice, class int16, pts money.Points, via int16) {
	add := func(slot int32) {
		d := *r
		d.key, d.points, d.via, d.src, d.kind = rowKey(slot, class, r.item()), pts, via, r.slot(), DerivedLine
		e.rows = append(e.rows, d)
	}
	when, slot := r.date, r.slot()
	var rec Record
	if r.rec >= 0 {
		rec = e.bundle.Records[r.rec]
		when = rec.date(on)
	}
	switch to {
	case Manager, Staff:
		rec.Event = when
		e.eachManager(&rec, slot, add)
	case Enterprise, Branch:
		if slot == 0 || int(slot) <= len(e.bundle.Projects) && !heldOn(e.bundle.Projects[slot-1].Held, when) {
			return
		}
		add(0)
	case Project:
	}
}
