-- +goose Up

-- data: purpose=办理事项的状态、期限和承办单位; basis=行政处罚法、信访工作条例等办理期限规定; retention=随业务记录
CREATE TABLE casework_case (
	id BIGINT PRIMARY KEY, -- internal
	machine TEXT NOT NULL, -- internal
	object TEXT NOT NULL, -- internal
	title TEXT NOT NULL, -- internal
	division TEXT NOT NULL, -- internal
	enterprise TEXT NOT NULL, -- internal
	project TEXT NOT NULL, -- internal
	state TEXT NOT NULL, -- internal
	version BIGINT NOT NULL CHECK (version > 0), -- internal
	due TEXT NOT NULL, -- internal
	due_assumed BOOLEAN NOT NULL, -- internal
	holder TEXT NOT NULL, -- internal
	account BIGINT, -- internal
	closed BOOLEAN NOT NULL, -- internal
	opened_at BIGINT NOT NULL, -- internal
	opened_by BIGINT, -- internal
	moved_at BIGINT NOT NULL -- internal
);
CREATE UNIQUE INDEX casework_case_object ON casework_case (object, machine);
CREATE INDEX casework_case_holder ON casework_case (holder, due, id);
CREATE INDEX casework_case_due ON casework_case (machine, state, due, id);
CREATE INDEX casework_case_account ON casework_case (account, id) WHERE account IS NOT NULL;

-- data: purpose=办理过程的每一步; basis=行政处罚法第47条（全过程记录）; retention=随业务记录
CREATE TABLE casework_step (
	case_id BIGINT NOT NULL REFERENCES casework_case (id), -- internal
	version BIGINT NOT NULL, -- internal
	act TEXT NOT NULL, -- internal
	from_state TEXT NOT NULL, -- internal
	to_state TEXT NOT NULL, -- internal
	account BIGINT, -- internal
	person BIGINT, -- internal
	system TEXT NOT NULL, -- internal
	body TEXT NOT NULL, -- internal
	note TEXT NOT NULL, -- internal
	due TEXT NOT NULL, -- internal
	holder TEXT NOT NULL, -- internal
	at BIGINT NOT NULL, -- internal
	at_real BIGINT NOT NULL, -- internal
	request TEXT NOT NULL, -- internal
	PRIMARY KEY (case_id, version)
);
-- juli:append-only casework_step
