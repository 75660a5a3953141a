// Package listing makes the red and black lists (红黑榜): who did well and who
// badly in a period, by rule and with evidence, published batch by batch.
//
//	collecting → scored → district review → reply of the enterprise
//	           → approved → published → corrected | expired
//
// Candidates come by the rulebook's triggers from published credit results,
// credit information, cases and inspections, or by nomination with evidence. The
// city takes some of them; another person of the district looks at each; the
// subject is told and may answer, and the answer stands beside the entry for
// everybody; one official of the city approves, another reads every answer, keeps
// personal data in it from the public and publishes (AZ-5). What is published is frozen by a digest and goes into the public log. An entry
// ends by its term, by repair that somebody else grants, or by a correction,
// which is an act of its own: nothing that was published is overwritten.
//
// Two procedures keep apart what waits for whom: the batch (batch_machine.go)
// waits for the city; each entry (entry_machine.go) for its district, its
// enterprise, or again the city. What repeated listing leads to waits for the
// district (follow_machine.go).
//
// book*.go and rules*.go are pure; service*.go act; store*.go keep.
package listing
