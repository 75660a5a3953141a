// Package supervision leads faults of property service to their end
// (行业乱象整治): whoever saw a fault, by whatever channel, it becomes one case
// with one deadline, is mended, checked by another person, and has consequences.
//
//	registered → verifying → found ─order→ ordered → reported → passed → closed → archived
//	     │            │                      ↑  ↓ late   │ fail     │ not fixed
//	  merged     dismissed                   └ overdue ←─┘  reopened┘
//
//	book.go         the rulebook: violations with their legal basis, terms, the ladder
//	machine.go      states and acts of a case; measure_machine.go those of a measure;
//	                plea.go those of the right to be heard
//	rules.go        when which measure may be taken (pure)
//	case.go         what a case and its parts are
//	service*.go     acts on cases: intake, order, check, measures, what time does
//	store*.go list.go  SQL
//
// What was found true is handed on, ended or given more time than the rulebook's by
// two persons (service_second.go), and falls on the enterprise that served the
// project when it was found (service_firm.go). Two persons verify; nobody re-checks what they ordered; no measure comes before
// the fault is verified and the enterprise could reply (domain: 监管整改 §4).
// "Closed" is never shown as fixed: a case says who confirmed it, and how.
package supervision
