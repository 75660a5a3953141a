// Package job does things later, again and beside the request.
//
//	act ──Enqueue in its own transaction──▶ queued ──claim──▶ running ──▶ done
//	                                          ▲                 │  │
//	                                          └── back-off ─────┘  ├──▶ failed
//	                                          └── lease ran out ┘  └──▶ cancelled
//
// A job exists exactly if the act that wanted it was committed. Any number of
// programs over one database share the work: each claims a job with a lease that
// it renews while it works, and a job whose holder died is claimed again (CRS-8).
//
// Handlers open their own transactions by [Job.Write], which fails with
// "job.lost" once another holder has the job; the last one calls [Job.Done]
// inside it, so that the effect and the end of the job are one. Other handlers
// run at least once and must bear repetition.
//
// Jobs go by the real clock, never by the city's. Their arguments, notes and
// results name things by id: no personal data (PI-7).
//
//	queue.go     Enqueue, Status, List, Cancel, Purge
//	runner.go    kinds, workers, claims, leases
//	work.go      one run of one job: progress, the end, back-off
//	period.go    what runs every so often
package job
