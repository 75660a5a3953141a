// Package hook tells other systems of public news as it happens: a subscription
// names an https address, what it wants to hear of (package feed's scopes) and has a
// secret; every event that fits is posted in the Standard Webhooks format.
//
//	audit outbox ── Take ──→ feed.Of ──→ delivery ── DeliverDue ──→ notify.Webhook
//	                                        └─ failed: again later; too often: paused
//
// An event is delivered at least once. Its webhook-id and body are the same at
// every try. The address is one of the hosts that the operator listed, checked
// when it is dialled (INP-5). A subscription whose deliveries fail too often in a
// row is paused until an administrator resumes it; what it missed goes out then.
//
// Subscriptions are served beside each other, so that a slow receiver holds up its
// own deliveries alone.
//
// service.go has who may do what, queue.go fills the queue, deliver.go empties it,
// store.go is the SQL. Only what [feed] gives is sent, so nothing that is not public leaves.
package hook
