-- +goose Up

-- data: purpose=数据密钥（由主密钥封装后保存）; basis=个人信息保护法第51条、密码法; retention=长期
CREATE TABLE seal_key (
	id BIGINT PRIMARY KEY, -- internal
	kind TEXT NOT NULL CHECK (kind IN ('data', 'blind')), -- internal
	master TEXT NOT NULL, -- internal
	wrapped BYTEA NOT NULL, -- sensitive
	active_ms BIGINT NOT NULL, -- internal
	created_ms BIGINT NOT NULL -- internal
);

-- data: purpose=每人一把的密钥，销毁即删除其已封存的个人信息; basis=个人信息保护法第47条; retention=至本人信息删除
CREATE TABLE seal_person (
	person BIGINT PRIMARY KEY, -- internal
	wrapped BYTEA, -- sensitive
	created_ms BIGINT NOT NULL, -- internal
	forgotten_ms BIGINT NOT NULL DEFAULT 0 -- internal
);
