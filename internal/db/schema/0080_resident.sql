-- +goose Up

-- data: purpose=各年度诉求编号的最后一号; basis=政务服务便民热线工单管理; retention=长期
CREATE TABLE resident_serial (
	year BIGINT PRIMARY KEY, -- internal
	last BIGINT NOT NULL CHECK (last > 0) -- internal
);

-- data: purpose=居民诉求和12345工单; basis=物业管理条例第48条、信访工作条例; retention=办结后五年
CREATE TABLE resident_report (
	id BIGINT PRIMARY KEY, -- internal
	number TEXT NOT NULL, -- public
	project TEXT NOT NULL, -- public
	division TEXT NOT NULL, -- public
	enterprise TEXT NOT NULL, -- public
	channel TEXT NOT NULL CHECK (channel IN ('WEB', 'HOTLINE_12345', 'OPEN311', 'OWNER')), -- public
	source_ref TEXT NOT NULL, -- internal
	class TEXT NOT NULL, -- public
	topic TEXT NOT NULL, -- public
	building BIGINT NOT NULL, -- public
	spot TEXT NOT NULL, -- pi
	body TEXT NOT NULL, -- pi
	book TEXT NOT NULL, -- internal
	state TEXT NOT NULL, -- public
	office TEXT NOT NULL, -- public
	review TEXT NOT NULL, -- internal
	received_on TEXT NOT NULL, -- public
	received_at BIGINT NOT NULL, -- public
	due TEXT, -- public
	answer TEXT NOT NULL, -- pi
	answered_on TEXT, -- public
	in_time BOOLEAN NOT NULL, -- public
	late BOOLEAN NOT NULL, -- public
	checked TEXT NOT NULL, -- public
	outcome TEXT NOT NULL, -- public
	public_body TEXT NOT NULL, -- public
	public_answer TEXT NOT NULL, -- public
	released_at BIGINT NOT NULL, -- public
	merged_into BIGINT, -- internal
	voices BIGINT NOT NULL, -- public
	reopened BIGINT NOT NULL, -- public
	supervised BIGINT, -- internal
	closed_on TEXT, -- public
	changed_at BIGINT NOT NULL -- internal
);
CREATE UNIQUE INDEX resident_report_number ON resident_report (number);
CREATE UNIQUE INDEX resident_report_source ON resident_report (channel, source_ref) WHERE source_ref <> '';
CREATE INDEX resident_report_project ON resident_report (project, state, topic, id);
CREATE INDEX resident_report_division ON resident_report (division, received_on, id);
CREATE INDEX resident_report_enterprise ON resident_report (enterprise, received_on, id);
CREATE INDEX resident_report_received ON resident_report (received_on, id);
CREATE INDEX resident_report_due ON resident_report (due, id);
CREATE INDEX resident_report_voices ON resident_report (voices, id);
CREATE INDEX resident_report_state ON resident_report (state, id);
CREATE INDEX resident_report_merged ON resident_report (merged_into) WHERE merged_into IS NOT NULL;

-- data: purpose=反映同一问题的居民：联系方式、查询凭证和回访评价; basis=信访工作条例、个人信息保护法第13条; retention=办结后一年
CREATE TABLE resident_voice (
	id BIGINT PRIMARY KEY, -- internal
	report BIGINT NOT NULL REFERENCES resident_report (id), -- internal
	account BIGINT, -- internal
	phone_sealed BYTEA, -- sensitive
	phone_blind BYTEA, -- sensitive
	follow BYTEA NOT NULL, -- sensitive
	note TEXT NOT NULL, -- pi
	joined_on TEXT NOT NULL, -- internal
	division TEXT NOT NULL, -- public
	enterprise TEXT NOT NULL, -- public
	project TEXT NOT NULL, -- public
	received_on TEXT NOT NULL, -- public
	solved BIGINT NOT NULL CHECK (solved IN (0, 1, 2)), -- public
	satisfied BIGINT NOT NULL CHECK (satisfied IN (0, 1, 2)), -- public
	said TEXT NOT NULL, -- pi
	rated_on TEXT -- public
);
CREATE UNIQUE INDEX resident_voice_follow ON resident_voice (follow);
CREATE INDEX resident_voice_report ON resident_voice (report, id);
CREATE INDEX resident_voice_phone ON resident_voice (phone_blind, report) WHERE phone_blind IS NOT NULL;
CREATE INDEX resident_voice_rated ON resident_voice (received_on, id);
CREATE INDEX resident_voice_enterprise ON resident_voice (enterprise, received_on, id);
CREATE INDEX resident_voice_division ON resident_voice (division, received_on, id);

-- data: purpose=诉求和答复所附照片; basis=信访工作条例; retention=随诉求
CREATE TABLE resident_photo (
	id BIGINT PRIMARY KEY, -- internal
	report BIGINT NOT NULL REFERENCES resident_report (id), -- internal
	side TEXT NOT NULL CHECK (side IN ('report', 'answer')), -- internal
	file BIGINT, -- internal
	state TEXT NOT NULL CHECK (state IN ('raw', 'ready', 'bad')), -- internal
	released BOOLEAN NOT NULL, -- internal
	added_at BIGINT NOT NULL -- internal
);
CREATE INDEX resident_photo_report ON resident_photo (report, id);

-- data: purpose=历次答复; basis=政府信息公开条例; retention=办结后五年
CREATE TABLE resident_reply (
	id BIGINT PRIMARY KEY, -- internal
	report BIGINT NOT NULL REFERENCES resident_report (id), -- internal
	body_sealed BYTEA NOT NULL, -- sensitive
	by_body TEXT NOT NULL, -- internal
	said_at BIGINT NOT NULL -- internal
);
CREATE INDEX resident_reply_report ON resident_reply (report, id);
