-- +goose Up

-- data: purpose=等待手机验证码确认的诉求; basis=个人信息保护法第13条; retention=一天
CREATE TABLE resident_draft (
	id BIGINT PRIMARY KEY, -- internal
	ticket BYTEA NOT NULL, -- sensitive
	phone_sealed BYTEA NOT NULL, -- sensitive
	phone_blind BYTEA NOT NULL, -- sensitive
	content_sealed BYTEA NOT NULL, -- sensitive
	code_hash BYTEA NOT NULL, -- sensitive
	code_until BIGINT NOT NULL, -- internal
	tries BIGINT NOT NULL, -- internal
	made_at BIGINT NOT NULL -- internal
);
CREATE UNIQUE INDEX resident_draft_ticket ON resident_draft (ticket);
CREATE INDEX resident_draft_made ON resident_draft (made_at, id);

-- data: purpose=限制验证码发送和试错次数; basis=网络安全法第21条; retention=两天
CREATE TABLE resident_try (
	key TEXT NOT NULL, -- internal
	slot BIGINT NOT NULL, -- internal
	n BIGINT NOT NULL, -- internal
	PRIMARY KEY (key, slot)
);

-- data: purpose=等待发送的短信; basis=个人信息保护法第13条; retention=发出即删，最多一天
CREATE TABLE resident_text (
	id BIGINT PRIMARY KEY, -- internal
	phone_sealed BYTEA NOT NULL, -- sensitive
	body_sealed BYTEA NOT NULL, -- sensitive
	tries BIGINT NOT NULL, -- internal
	next_at BIGINT NOT NULL, -- internal
	until_at BIGINT NOT NULL -- internal
);
CREATE INDEX resident_text_next ON resident_text (next_at, id);
