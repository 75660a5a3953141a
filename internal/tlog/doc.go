// Package tlog is the public log of official acts (公开日志): a Merkle tree that
// anybody can fetch and check, so that an act that was published can't be
// changed or taken back unseen (AUD-4).
//
//	audit_event ── outbox ──→ Sequence ──→ tlog_entry, tlog_hash, tlog_checkpoint
//	                                             │
//	                     /log/tile/…, /log/checkpoint (C2SP tlog-tiles)
//	                                             │
//	                              Verify: the reader's side, nothing of ours trusted
//
// Acts are taken out of the outbox in batches, after their transactions, so the
// log costs the acts nothing. Entries, hashes and the signed checkpoint of a
// batch are stored in one transaction, and a new checkpoint is signed only after
// the tree was checked against the last one: two checkpoints never contradict
// each other.
//
//	entry.go       what an entry says, as bytes that never change
//	sequence.go    from the outbox into the tree
//	key.go         the log's name and its signing key, sealed
//	store.go       the SQL
//	tiles.go       tiles and bundles by their C2SP paths
//	proof.go       the proof of one entry, checked without us
//	verify.go      the reader: inclusion, consistency, the whole log
//
// Sources: C2SP tlog-tiles, tlog-checkpoint, signed-note, tlog-proof; RFC 6962
// section 2.1.
package tlog
