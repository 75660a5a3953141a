// Package db makes two engines behave as one: SQLite for one machine,
// PostgreSQL for many.
//
//	Open ─→ DB ─┬─ Write(fn) ─→ Tx ─→ Exec, All, One, Rows, Value, Bulk, Lock, NewID
//	            └─ Read(fn)  ─→ Tx (a snapshot; nothing can be written)
//
// It is the only door to the tables and the only package that imports
// database/sql. One SQL text serves both engines (portable_test.go pins the
// subset); schema/ holds one text of each migration, which migrate.go adapts.
//
//	db.go       open, the two clocks
//	tx.go       transactions
//	lease.go    each program's number, from which ids are made
//	id.go       time-ordered 64-bit identifiers
//	query.go    rows as values and iterators
//	bulk.go     many rows at once: COPY or multi-row inserts
//	migrate.go  the schema, append-only tables
//	sqlite.go, postgres.go   what differs, and the settings that start-up refuses
//	sqlite_conn.go, sqlite_session.go   SQLite without database/sql's cost per row, statements kept prepared
//	kept.go, changes.go      what was read is kept until its tables change
//
// A transaction carries city time (Now: rules, deadlines, acts) and real time
// (Real: sessions, codes, leases). They differ only in a demo database, which
// stores an offset at its creation.
package db
