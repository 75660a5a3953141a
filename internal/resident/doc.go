// Package resident takes what residents report (诉求), 12345 orders among it, and
// leads each report until somebody who lives there says that it is mended.
//
//	web, 12345, Open311 ──Submit──▶ report ──route──▶ office ──Answer──▶ review ──▶ resident rates
//	      phone code ──Draft──┘        │                 │ late                        │ not solved
//	                                   └ merge, unmerge  └▶ district: a case           └▶ reopened
//
// A report names a project and so a community, a street, a district and an
// enterprise. The rulebook says who answers which topic, by when and who reviews
// the answer. “Closed” is not “solved”: a report says who confirmed it, if anybody.
// Kind, place, state and days are public; text and photos only after an official
// released them. Telephones are sealed; each voice follows its report by a secret.
//
//	book.go, book_read.go  the rulebook: terms, routing, weights
//	machine.go             the procedure
//	rules.go               number, rates, outcome: pure
//	service.go             submit and join
//	service_route.go       to whom a report goes
//	service_act.go         sign, dispatch, answer, review
//	service_release.go     what the public may read, telephones, notices
//	insider.go             whose account is not a resident's
//	service_follow.go      what a voice sees of its report
//	said.go                what joiners noted and residents added, for who handles it
//	service_topic.go       another topic: its office and its term
//	service_rate.go        rate and reopen
//	service_callback.go    the hotline asks the resident
//	service_merge.go       merge and unmerge
//	service_clock.go       what time does by itself
//	draft.go               without an account: a code by SMS
//	mine.go                a new link for who lost it, the reports of a telephone
//	text.go                short messages on their way
//	photo.go               photos, painted anew by a job
//	order.go               12345 orders
//	key.go                 keys of the systems that bring reports
//	given.go               what comes over the open interface
//	contact.go             who reported, masked and in full
//	keep.go                what is erased when its term is over
//	list.go, rates.go      lists and rates; withhold.go what is not published of them
package resident
