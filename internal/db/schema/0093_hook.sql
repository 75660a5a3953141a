-- +goose Up

-- data: purpose=向其他系统推送公开信息的订阅（地址和签名密钥加密保存）; basis=政府信息公开条例; retention=停用后三年
CREATE TABLE hook_subscription (
	id BIGINT PRIMARY KEY, -- internal
	name TEXT NOT NULL, -- internal
	host TEXT NOT NULL, -- internal
	target_sealed BYTEA NOT NULL, -- sensitive
	kinds TEXT NOT NULL, -- internal
	division TEXT NOT NULL, -- internal
	project TEXT NOT NULL, -- internal
	topic TEXT NOT NULL, -- internal
	state TEXT NOT NULL CHECK (state IN ('active', 'paused', 'ended')), -- internal
	failures BIGINT NOT NULL, -- internal
	hold_until BIGINT NOT NULL, -- internal
	made_at BIGINT NOT NULL, -- internal
	made_real BIGINT NOT NULL, -- internal
	made_by BIGINT, -- internal
	changed_at BIGINT NOT NULL -- internal
);
CREATE INDEX hook_subscription_state ON hook_subscription (state, id);

-- data: purpose=待推送和已推送的公开信息; basis=系统运行; retention=推送后三十天
CREATE TABLE hook_delivery (
	id BIGINT PRIMARY KEY, -- internal
	subscription BIGINT NOT NULL REFERENCES hook_subscription (id), -- internal
	event BIGINT NOT NULL, -- internal
	item BIGINT NOT NULL, -- internal
	type TEXT NOT NULL, -- internal
	body TEXT NOT NULL, -- public
	state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'given-up')), -- internal
	tries BIGINT NOT NULL, -- internal
	next_at BIGINT NOT NULL, -- internal
	done_at BIGINT NOT NULL, -- internal
	failure TEXT NOT NULL -- internal
);
CREATE UNIQUE INDEX hook_delivery_once ON hook_delivery (subscription, event, item);
CREATE INDEX hook_delivery_due ON hook_delivery (state, next_at, id);
CREATE INDEX hook_delivery_of ON hook_delivery (subscription, id);
