// Package importing takes over files of enterprises, projects, staff and past
// credit records, xlsx or csv, and hands out the same columns again.
//
//	template ─→ people fill it ─→ upload ─→ Inspect ─→ Mapping
//	                                                     │
//	               ┌──── what is wrong: row, column, rule ◀── check (dry run) ─┐
//	               ▼                                                           │
//	           annotated xlsx                            nothing wrong ─→ commit, all or nothing
//
// The register judges its own rows (registry.ImportEnterprises and so on), credit
// its records; this package gives them the cells as text that no longer depends
// on how the file wrote it, and gathers what they refuse together with what the
// cells themselves got wrong. A file is known by the codes in it, so the same
// file twice changes nothing.
//
// A job checks first, in a reading transaction that holds nobody up, and only
// then stores, in one writing transaction. Rows over the limits of INP-3 are
// refused by package sheet. Reports hold no cell values (PI-7).
//
//	kinds.go    what files there are, and their columns
//	run.go      one file: check or commit
//	records.go  rows of past credit records
//	orders.go   rows of 12345 orders
//	job.go      files as jobs, and their annotated copies
//	export.go   the same columns out
package importing
