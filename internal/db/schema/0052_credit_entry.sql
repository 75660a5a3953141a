-- +goose Up

-- The scoring table: one row per record and subject, kept in the same
-- transaction as the record's state, so that a city streams through evaluation
-- in the order of its enterprises. It is derived: the records are the truth.
-- data: purpose=信用计分事实（由信用记录派生）; basis=物业服务企业信用评价办法; retention=随信用记录
CREATE TABLE credit_entry (
	enterprise BIGINT NOT NULL, -- internal
	id BIGINT NOT NULL, -- internal
	record BIGINT NOT NULL, -- internal
	subject_kind BIGINT NOT NULL, -- internal
	subject BIGINT NOT NULL, -- internal
	person BIGINT, -- internal
	item TEXT NOT NULL, -- public
	level TEXT, -- public
	event TEXT NOT NULL, -- public
	decision TEXT, -- public
	identified TEXT NOT NULL, -- public
	effective TEXT, -- public
	expires TEXT, -- public
	due TEXT, -- public
	rectified TEXT, -- public
	repaired TEXT, -- public
	annulled TEXT, -- public
	points BIGINT NOT NULL, -- public
	value BIGINT NOT NULL, -- public
	parent BIGINT, -- internal
	document BIGINT, -- internal
	dedup_key TEXT, -- internal
	evidence TEXT, -- public
	reasoned BOOLEAN NOT NULL, -- internal
	contested BOOLEAN NOT NULL, -- internal
	PRIMARY KEY (enterprise, id)
); -- juli:clustered
CREATE INDEX credit_entry_record ON credit_entry (record);
CREATE INDEX credit_entry_subject ON credit_entry (subject_kind, subject);
