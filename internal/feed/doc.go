// Package feed is the public news of the city in the forms that other programs
// read: RSS 2.0 and Atom for readers, iCalendar for the calendar of a phone, and
// one item at a time for webhooks (package hook).
//
//	reports  cases  lists  volunteers  campaigns  surveys
//	    └──────┴──────┴───┬────┴───────────┴─────────┘
//	                    Item ──→ RSS · Atom · Calendar · hook
//
// It reads the features as everybody's pages do, through the same public
// questions, and adds nothing to what these pages show: no words of residents,
// no names, no telephones. What is narrowed by a [Scope] is narrowed for all forms
// by one rule, [Scope.Takes]. A feed holds the newest 50 items, a calendar at most
// 300 dates from 30 days ago on; right-of-reply terms of lists are not among them,
// since they end before anything is published.
//
// item.go has the types, scope.go who gets what, read.go and read_dates.go the
// reading, event.go which audit events are news, rss.go, atom.go and ical.go the
// forms.
package feed
