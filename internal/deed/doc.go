// Package deed keeps the ledger of practical deeds (“我为群众办实事”): what people
// asked for, who promised what by when, what came of it, how many people it
// serves and how they were counted, and what those people say.
//
//	COLLECTED ─→ ACCEPTED ─→ SCHEDULED ─→ DOING ─→ DONE ─→ VERIFIED ─→ CLOSED
//	    │           ↑  └──────────┴─────────┤ ↑      │ (called back)
//	    ↓           │                       ↓ └──────┘ not solved: back to work
//	 DECLINED       ├─────────────────  SUSPENDING ─→ SUSPENDED (policy limit:
//	 (answered)     └────────────────────────────────────┘ reason, a leader's sign)
//
// A deed stands at a place in one district; the city is the sum of its districts.
// People are counted only once the deed is done, and always with how they were
// counted. A matter that is linked to a 12345 order or to a case is one deed. Who
// works on a deed does not call back those it served; once one of them says that it
// is not solved nobody is added to their list, and after a second end they are asked
// again. Terms, the day of the monthly report, how many are to be called and the
// words of the ledger are a rulebook of kind "deed".
//
//	book.go         the rulebook
//	machine.go      the procedures of a deed and of a month
//	rules.go        what may be promised, and sums; pure
//	rules_done.go   what a result, a list and a call-back must show; pure
//	service_collect.go  what is asked for, where, and who takes it on
//	service.go      from the plan to a suspension
//	service_done.go result, closing, publication
//	service_call.go call-back and confirmation, and back to work
//	month.go        what each district reports and freezes each month
//	programme.go    sets of deeds with a budget
//	import.go       past deeds from a file
//	list.go         lists, and the sum of just what they list
//	read.go         one deed for officials; totals
//	read_public.go  one deed for everybody
//	store.go        SQL
package deed
