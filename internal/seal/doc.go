// Package seal keeps sensitive columns unreadable to whoever holds the database
// without its keys (CRY-2, CRY-4).
//
//	key file (0600)         seal_key                    any table
//	master keys ──wrap──▶ data keys ──AES-256-GCM──▶ sealed columns
//	                      blind key ──HMAC-SHA-256──▶ blind index columns
//	                      data key  ──wrap──▶ seal_person ──▶ what one person can have destroyed
//
// The master keys stand in a file beside the database or at JULI_KEYS, never in
// the database, its backups or the program. Everything sealed is bound to its
// table, column and row: a ciphertext that was moved to another row doesn't
// open. Each sealed value names its data key, so that keys rotate while the
// program runs and old rows stay readable until they are sealed again.
//
//	keyfile.go  the file of master keys
//	masters.go  those keys alone, which seal backups
//	keys.go     loading, rotation, refresh
//	aead.go     Seal, Open, Blind, Reseal: pure once keys are loaded
//	person.go   one key per person, whose destruction is the deletion (PI-5)
package seal
