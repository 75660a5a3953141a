// Package backup copies a running city into one sealed file and puts it back
// (BAK-1; GB/T 22239-2019 §8.1.4.9, backup and recovery).
//
//	database ─ one snapshot ─┐                       ┌─→ an empty database
//	files ───────────────────┼─→ frames ─→ gzip ─→ sealed pieces ─→ FILE ─→┤
//	manifest, counts, digests┘                       └─→ verify: a temporary one
//
// The rows are read in one read-only transaction, so the copy is of one instant
// while everybody goes on working; rows, not pages, so that a copy taken from
// one engine can be put back on the other. Files are named by their content and
// written before the row that names them, so copying them after the snapshot
// was taken finds every file that the snapshot names.
//
// stream.go seals: AES-256-GCM over pieces of 64 KiB, each bound to its place
// and to whether it is the last, under a key made for this one file; a cut,
// altered, reordered, mixed or lengthened file is refused. frame.go is the
// format within. create.go writes, restore.go checks the whole file before it
// touches anything and then puts it back in one transaction, verify.go does so
// in a temporary place and asks the invariants.
//
// The file's key comes from the master keys of seal, which are not in the copy
// (CRY-4): without the key file it is noise. Leases are not in it either: nobody
// holds one in a restored city.
package backup
