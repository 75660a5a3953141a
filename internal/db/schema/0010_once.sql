-- +goose Up

-- data: purpose=防止同一请求重复生效并返回原答复; basis=系统运行; retention=24小时以上，资金与表决长期
CREATE TABLE once_key (
	scope TEXT NOT NULL, -- internal
	key TEXT NOT NULL, -- internal
	body BYTEA NOT NULL, -- internal
	status BIGINT NOT NULL, -- internal
	answer BYTEA NOT NULL, -- pi
	forever BOOLEAN NOT NULL, -- internal
	created_ms BIGINT NOT NULL, -- internal
	PRIMARY KEY (scope, key)
);
CREATE INDEX once_key_created ON once_key (created_ms, scope, key) WHERE NOT forever;
