// Package audit keeps one event for every state change, sensitive read, denial
// and sign-in (AUD-1), in the transaction of the act: if the event can't be
// written, the act fails.
//
//	feature ── Append ──→ audit_event ──→ List, History
//	               │
//	               └─ audit_route ──→ audit_pending ── Pending, Take ──→ reactions (job)
//
// It is also the outbox. Each event leaves one row per consumer that its kind is
// routed to; the consumer takes the row in the transaction that handles the
// event. Nobody keeps a cursor over ids, since a slow transaction commits a
// smaller id later.
//
// A refusal rolls its transaction back, so the edge writes that event in a
// second one, at a bounded rate: [Denials].
//
//	event.go   what an event holds
//	clean.go   nothing in it breaks a log line or names a person
//	store.go   the SQL
//	outbox.go  routes and pending events
//	denial.go  refusals
//	log.go     what the audit administrator reads
//
// Events are never changed or deleted (AUD-3): triggers refuse it; only the
// retention job is let through. They hold ids, never names or numbers of people.
package audit
