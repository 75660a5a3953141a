-- +goose Up

-- data: purpose=安全审计与行为追溯; basis=网络安全法第21条、GB/T 22239-2019; retention=三年，不少于六个月
CREATE TABLE audit_event (
	id BIGINT PRIMARY KEY, -- internal
	kind TEXT NOT NULL, -- internal
	outcome TEXT NOT NULL CHECK (outcome IN ('done', 'denied', 'failed')), -- internal
	at BIGINT NOT NULL, -- internal
	at_real BIGINT NOT NULL, -- internal
	account BIGINT, -- internal
	person BIGINT, -- internal
	role TEXT NOT NULL, -- internal
	scope TEXT NOT NULL, -- internal
	deputy BIGINT, -- internal
	program TEXT NOT NULL, -- internal
	session BIGINT, -- internal
	request TEXT NOT NULL, -- internal
	addr TEXT NOT NULL, -- pi
	act TEXT NOT NULL, -- internal
	object TEXT NOT NULL, -- internal
	before_digest TEXT NOT NULL, -- internal
	after_digest TEXT NOT NULL, -- internal
	detail TEXT NOT NULL -- internal
);
CREATE INDEX audit_event_kind ON audit_event (kind, id);
CREATE INDEX audit_event_object ON audit_event (object, id);
CREATE INDEX audit_event_account ON audit_event (account, id);
CREATE INDEX audit_event_person ON audit_event (person, id);
CREATE INDEX audit_event_outcome ON audit_event (outcome, id) WHERE outcome <> 'done';
-- juli:append-only audit_event

-- data: purpose=业务反应的登记; basis=系统运行; retention=程序升级时更新
CREATE TABLE audit_route (
	kind TEXT NOT NULL, -- internal
	consumer TEXT NOT NULL, -- internal
	PRIMARY KEY (kind, consumer)
);

-- data: purpose=待处理的业务反应; basis=系统运行; retention=处理后即删除
CREATE TABLE audit_pending (
	consumer TEXT NOT NULL, -- internal
	event_id BIGINT NOT NULL REFERENCES audit_event (id), -- internal
	tries BIGINT NOT NULL DEFAULT 0, -- internal
	due_real BIGINT NOT NULL DEFAULT 0, -- internal
	failure TEXT NOT NULL DEFAULT '', -- internal
	PRIMARY KEY (consumer, event_id)
);
CREATE INDEX audit_pending_due ON audit_pending (consumer, due_real, event_id);
