// Package api is the desk of other programs: everything that the public pages
// show, as JSON under /api/v1, under the same keys as pages and open data.
//
//	api.go       routes, one transaction per request
//	describe.go  the OpenAPI description: what huma cannot know by itself
//	problem.go   refusals as RFC 9457 problem details
//	edge.go      rate limit, ETag, what is no operation
//	words.go     identifiers, amounts and pages in answers
//	city.go      figures, divisions, duties
//	register.go  enterprises and projects
//	result.go    periods, the league, a subject's result
//	explain.go   a result line by line
//	rule.go      rulebooks
//	page.go      the readable page at /api
//
// It only reads, knows no sessions and shows nothing that a visitor without an
// account may not see. Amounts are decimal strings, since a program's floating
// point would round them; identifiers are the 13 characters of package db.
package api
