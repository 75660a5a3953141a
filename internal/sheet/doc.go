// Package sheet reads and writes spreadsheets: xlsx, and csv in UTF-8, UTF-16
// or GB18030, whichever the file turns out to be.
//
//	bytes ─→ Open ─→ File ─→ Schema.Inspect ─→ Mapping ─┐
//	          │ limits of INP-3                         ▼
//	          └──────────────────────────────→ Schema.Read ─→ typed rows + problems ─→ Report
//
//	rows  ─→ Schema.Write ─→ xlsx | csv          (formulas neutralised, INP-4)
//	         Schema.Template ─→ an empty file with an example and 填写说明
//	         File.Annotate ─→ the same file again, with a column 问题
//
// A [Schema] names the columns by key and says what each holds. Reading streams:
// one row at a time, numbered as the user sees it, its cells already exact
// integers, dates or clean text, its mistakes as [Problem] values that name row,
// column and rule. A mistake in a cell never stops the reading; a file that
// breaks a limit or isn't a table does.
//
// What goes out comes back: Write, then Read, changes nothing. So text that a
// spreadsheet program could take for a formula leaves with an apostrophe before
// it and loses that apostrophe on its way in.
//
// Numbers are never floats here. A numeric cell of xlsx is the decimal text of a
// binary number with up to 17 digits, of which Excel shows 15; it is rounded to
// those 15 as text and then read strictly, as a typed number would be.
//
// Reading xlsx is our own on archive/zip and encoding/xml: excelize takes a
// worksheet that is cut off for one that has ended, keeps all parts but the
// sheets in memory, and doesn't tell a number from digits typed as text.
// Writing is excelize's stream writer.
//
//	limits.go container.go feed.go   what a file may cost
//	book.go strings.go styles.go xlsx.go csv.go encoding.go   raw rows
//	schema.go mapping.go read.go cell.go number.go text.go    typed rows
//	write.go xlsxwriter.go template.go annotate.go report.go  the way out
//
// The package knows neither tables nor permissions.
package sheet
