-- +goose Up

-- data: purpose=文号的连续编排; basis=党政机关公文处理工作条例; retention=长期
CREATE TABLE notify_number (
	series TEXT NOT NULL, -- public
	year BIGINT NOT NULL, -- public
	last BIGINT NOT NULL CHECK (last > 0), -- public
	PRIMARY KEY (series, year)
);

-- data: purpose=站内消息与文书正文; basis=行政处罚法第61条; retention=十年
CREATE TABLE notify_message (
	id BIGINT PRIMARY KEY, -- internal
	kind TEXT NOT NULL, -- internal
	title TEXT NOT NULL, -- internal
	body TEXT NOT NULL, -- internal
	object TEXT NOT NULL, -- internal
	link TEXT NOT NULL, -- internal
	number TEXT NOT NULL, -- public
	deemed TEXT NOT NULL, -- internal
	sender BIGINT, -- internal
	sent_at BIGINT NOT NULL, -- internal
	sent_real BIGINT NOT NULL -- internal
);
CREATE INDEX notify_message_object ON notify_message (object, id);
CREATE UNIQUE INDEX notify_message_number ON notify_message (number) WHERE number <> '';
-- juli:append-only notify_message

-- data: purpose=消息的收件人与首次阅读; basis=行政处罚法第61条; retention=十年
CREATE TABLE notify_recipient (
	message_id BIGINT NOT NULL REFERENCES notify_message (id), -- internal
	party TEXT NOT NULL, -- internal
	opened_at BIGINT NOT NULL DEFAULT 0, -- internal
	opened_by BIGINT, -- internal
	PRIMARY KEY (message_id, party)
);
CREATE INDEX notify_recipient_box ON notify_recipient (party, message_id);
CREATE INDEX notify_recipient_unread ON notify_recipient (party, opened_at);

-- data: purpose=送达回证; basis=行政处罚法第61条; retention=十年
CREATE TABLE notify_receipt (
	message_id BIGINT NOT NULL REFERENCES notify_message (id), -- internal
	party TEXT NOT NULL, -- internal
	account BIGINT NOT NULL, -- internal
	at BIGINT NOT NULL, -- internal
	at_real BIGINT NOT NULL, -- internal
	PRIMARY KEY (message_id, party, account)
);
-- juli:append-only notify_receipt

-- data: purpose=向系统外发送提醒的地址; basis=收件人自愿填写; retention=停用后一年
CREATE TABLE notify_address (
	id BIGINT PRIMARY KEY, -- internal
	party TEXT NOT NULL, -- internal
	channel TEXT NOT NULL, -- internal
	target BYTEA NOT NULL, -- pi
	created_at BIGINT NOT NULL, -- internal
	created_by BIGINT, -- internal
	ended_at BIGINT NOT NULL DEFAULT 0 -- internal
);
CREATE INDEX notify_address_party ON notify_address (party, ended_at, id);

-- data: purpose=对外提醒的发送队列; basis=系统运行; retention=一年
CREATE TABLE notify_delivery (
	id BIGINT PRIMARY KEY, -- internal
	message_id BIGINT NOT NULL REFERENCES notify_message (id), -- internal
	address_id BIGINT NOT NULL REFERENCES notify_address (id), -- internal
	channel TEXT NOT NULL, -- internal
	state TEXT NOT NULL, -- internal
	tries BIGINT NOT NULL DEFAULT 0, -- internal
	next_at BIGINT NOT NULL, -- internal
	done_at BIGINT NOT NULL DEFAULT 0, -- internal
	failure TEXT NOT NULL DEFAULT '' -- internal
);
CREATE INDEX notify_delivery_due ON notify_delivery (state, next_at, id);
CREATE INDEX notify_delivery_message ON notify_delivery (message_id, id);
