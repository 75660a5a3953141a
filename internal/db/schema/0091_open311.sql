-- +goose Up

-- data: purpose=开放接口（Open311）客户端的密钥（只存摘要）; basis=网络安全法第21条; retention=停用后三年
CREATE TABLE open311_key (
	id BIGINT PRIMARY KEY, -- internal
	name TEXT NOT NULL, -- internal
	hash BYTEA NOT NULL, -- sensitive
	made_at BIGINT NOT NULL, -- internal
	ended_at BIGINT NOT NULL -- internal
);
CREATE UNIQUE INDEX open311_key_hash ON open311_key (hash);

-- data: purpose=经开放接口提交的诉求：防止重复登记，保存提交时所附的位置和联系方式; basis=信访工作条例、个人信息保护法第13条; retention=随诉求
CREATE TABLE open311_request (
	report BIGINT PRIMARY KEY REFERENCES resident_report (id), -- internal
	client BIGINT NOT NULL REFERENCES open311_key (id), -- internal
	once BYTEA NOT NULL, -- internal
	digest BYTEA NOT NULL, -- internal
	given_sealed BYTEA NOT NULL, -- sensitive
	made_at BIGINT NOT NULL -- internal
);
CREATE INDEX open311_request_once ON open311_request (once, made_at);

-- data: purpose=经开放接口提交的补充说明：防止重复登记; basis=信访工作条例; retention=随诉求
CREATE TABLE open311_update (
	id BIGINT PRIMARY KEY, -- internal
	report BIGINT NOT NULL REFERENCES resident_report (id), -- internal
	client BIGINT NOT NULL REFERENCES open311_key (id), -- internal
	once BYTEA NOT NULL, -- internal
	digest BYTEA NOT NULL, -- internal
	status TEXT NOT NULL, -- internal
	made_at BIGINT NOT NULL -- internal
);
CREATE INDEX open311_update_once ON open311_update (once, made_at);
CREATE INDEX open311_update_report ON open311_update (report, id);

CREATE INDEX casework_step_at ON casework_step (at, case_id);
