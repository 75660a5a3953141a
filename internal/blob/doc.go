// Package blob keeps uploaded files, named by what they contain.
//
//	form ─→ Receive ──────────────────────────────→ Upload ─→ Keep ─→ File
//	         size, extension and magic (INP-2)                 in the act's
//	         pictures painted anew, without EXIF               transaction
//	         aside in tmp/, synced
//
// A file is written aside, synced, renamed to its SHA-256, its folder synced, and
// only then does a row name it (CRS-8). So a row never lacks its file; a file
// without a row is left by an act that failed, and Collect removes it later.
// The folder is an [os.Root]: no name, link or dots lead out of it.
//
// What may come in: pdf, jpg, png, webp (kept as jpg or png), xlsx, docx, csv.
// Extension and content must agree; macros, scripts in PDF, SVG, HTML and
// everything else are refused. Pages serve files as attachments with nosniff and
// a sandbox policy; that is the desks' part.
//
//	store.go    the folder: Receive, Keep, Open
//	check.go    which files may come in
//	office.go   xlsx and docx without macros
//	picture.go  pictures, decoded and encoded anew
//	collect.go  orphans
package blob
