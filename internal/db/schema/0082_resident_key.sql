-- +goose Up

-- data: purpose=12345平台调用接口的密钥（只存摘要）; basis=网络安全法第21条; retention=停用后三年
CREATE TABLE resident_key (
	id BIGINT PRIMARY KEY, -- internal
	name TEXT NOT NULL, -- internal
	hash BYTEA NOT NULL, -- sensitive
	made_at BIGINT NOT NULL, -- internal
	made_by BIGINT, -- internal
	ended_at BIGINT NOT NULL, -- internal
	used_at BIGINT NOT NULL -- internal
);
CREATE UNIQUE INDEX resident_key_hash ON resident_key (hash);
