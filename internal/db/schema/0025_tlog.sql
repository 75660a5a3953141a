-- +goose Up

-- data: purpose=公开日志的签名密钥; basis=系统运行; retention=与公开日志同存
CREATE TABLE tlog_key (
	id BIGINT PRIMARY KEY, -- internal
	origin TEXT NOT NULL, -- public
	verifier TEXT NOT NULL, -- public
	signer BYTEA NOT NULL, -- internal
	made_at BIGINT NOT NULL -- internal
);
-- juli:append-only tlog_key

-- data: purpose=正式行为的公开日志; basis=政府信息公开条例第19条; retention=永久
CREATE TABLE tlog_entry (
	number BIGINT PRIMARY KEY, -- public
	event BIGINT NOT NULL UNIQUE, -- internal
	kind TEXT NOT NULL, -- public
	object TEXT NOT NULL, -- public
	at BIGINT NOT NULL, -- public
	body BYTEA NOT NULL -- public
);
CREATE INDEX tlog_entry_object ON tlog_entry (object, number);
CREATE INDEX tlog_entry_kind ON tlog_entry (kind, number);
-- juli:append-only tlog_entry

-- data: purpose=公开日志的哈希树; basis=政府信息公开条例第19条; retention=永久
CREATE TABLE tlog_hash (
	number BIGINT PRIMARY KEY, -- public
	hash BYTEA NOT NULL -- public
);
-- juli:append-only tlog_hash

-- data: purpose=公开日志的签名校验点; basis=政府信息公开条例第19条; retention=永久
CREATE TABLE tlog_checkpoint (
	size BIGINT PRIMARY KEY, -- public
	note TEXT NOT NULL, -- public
	at_real BIGINT NOT NULL -- public
);
-- juli:append-only tlog_checkpoint
