// Package campaign inspects: a theme, the estates it reaches, a checklist, and
// who goes where drawn by lot (双随机、一公开), with what was found and whether it
// was mended.
//
//	draft ─ approve ─→ pool frozen, its digest in the public log
//	                      │ seed (drawn, or a public number named before)
//	                      ▼
//	                   Draw(pool, seed) ─→ estates × inspectors, in the public log
//	                      │ start
//	                      ▼
//	inspection: assigned ─ submit ─→ confirming ─→ mending ─→ mended ─→ done
//	                      (second inspector)  └ each finding with points a case
//
// The draw is a pure function that anybody can repeat from the pool and the seed
// (draw.go says how, exactly); the pool is fixed before the seed is known, so
// nobody can choose who is inspected or who inspects. Checklists, deadlines, the
// pass mark and who inspects are the rulebook "inspection"; how often a grade is
// looked at comes from the credit rulebook. A campaign of the kind assessment
// (物业服务质量评定) reports its results to the credit evaluation.
//
// book*.go, draw.go, rules.go and machine.go are pure. service*.go acts, store*.go
// is the SQL, query.go reads for pages. The package does not know who shows its
// results.
package campaign
