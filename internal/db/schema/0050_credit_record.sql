-- +goose Up

-- data: purpose=信用信息草稿; basis=物业服务企业信用评价办法; retention=提交或撤回后删除
CREATE TABLE credit_draft (
	record BIGINT PRIMARY KEY, -- internal
	content TEXT NOT NULL, -- internal
	changed_at BIGINT NOT NULL -- internal
);

-- data: purpose=信用信息（一次事件及其证明）; basis=物业服务企业信用评价办法; retention=长期
CREATE TABLE credit_record (
	id BIGINT PRIMARY KEY, -- internal
	book TEXT NOT NULL, -- public
	opened TEXT NOT NULL, -- public
	item TEXT NOT NULL, -- public
	class TEXT NOT NULL, -- public
	level TEXT NOT NULL, -- public
	enterprise TEXT NOT NULL, -- public
	enterprise_id BIGINT NOT NULL, -- internal
	project TEXT NOT NULL, -- public
	project_id BIGINT, -- internal
	person BIGINT, -- internal
	division TEXT NOT NULL, -- public
	event TEXT NOT NULL, -- public
	summary TEXT NOT NULL, -- internal
	document_type TEXT NOT NULL, -- public
	document_number TEXT NOT NULL, -- public
	document_issuer TEXT NOT NULL, -- public
	document_date TEXT, -- public
	document_expires TEXT, -- public
	honour TEXT NOT NULL, -- internal
	value BIGINT NOT NULL, -- public
	parent BIGINT, -- internal
	rectify_by TEXT, -- public
	source TEXT NOT NULL CHECK (source IN ('person', 'system', 'import')), -- internal
	body TEXT NOT NULL, -- internal
	account BIGINT, -- internal
	made_at BIGINT NOT NULL -- internal
);
CREATE INDEX credit_record_document ON credit_record (document_number, document_issuer) WHERE document_number <> '';
CREATE INDEX credit_record_honour ON credit_record (enterprise_id, honour) WHERE honour <> '';
CREATE INDEX credit_record_parent ON credit_record (parent) WHERE parent IS NOT NULL;
-- juli:append-only credit_record

-- data: purpose=一次事件所计分的各对象; basis=物业服务企业信用评价办法; retention=长期
CREATE TABLE credit_record_subject (
	record BIGINT NOT NULL REFERENCES credit_record (id), -- internal
	entry BIGINT NOT NULL, -- internal
	kind BIGINT NOT NULL, -- public
	subject BIGINT NOT NULL, -- internal
	PRIMARY KEY (record, entry)
);
CREATE INDEX credit_record_subject_of ON credit_record_subject (kind, subject, record);
-- juli:append-only credit_record_subject

-- data: purpose=信用信息的证明材料; basis=物业服务企业信用评价办法; retention=长期
CREATE TABLE credit_record_file (
	record BIGINT NOT NULL, -- internal
	file BIGINT NOT NULL, -- internal
	purpose TEXT NOT NULL, -- internal
	sha256 TEXT NOT NULL, -- internal
	added_at BIGINT NOT NULL, -- internal
	added_by BIGINT, -- internal
	PRIMARY KEY (record, file)
);
CREATE INDEX credit_record_file_file ON credit_record_file (file);
CREATE INDEX credit_record_file_digest ON credit_record_file (sha256, record);
-- juli:append-only credit_record_file

-- data: purpose=信用信息状态的每次变化; basis=物业服务企业信用评价办法; retention=长期
CREATE TABLE credit_record_state (
	record BIGINT NOT NULL, -- internal
	version BIGINT NOT NULL, -- internal
	state TEXT NOT NULL, -- public
	identified TEXT, -- public
	effective TEXT, -- public
	until_day TEXT, -- public
	rectify_by TEXT, -- public
	rectified TEXT, -- public
	repaired TEXT, -- public
	annulled TEXT, -- public
	points BIGINT NOT NULL, -- public
	reasoned BOOLEAN NOT NULL, -- internal
	contested BOOLEAN NOT NULL, -- public
	number TEXT NOT NULL, -- public
	at BIGINT NOT NULL, -- internal
	PRIMARY KEY (record, version)
);
-- juli:append-only credit_record_state

-- data: purpose=信用信息的当前状态（供列表查询，由状态变化派生）; basis=物业服务企业信用评价办法; retention=长期
CREATE TABLE credit_current (
	record BIGINT PRIMARY KEY, -- internal
	version BIGINT NOT NULL, -- internal
	state TEXT NOT NULL, -- public
	identified TEXT, -- public
	effective TEXT, -- public
	until_day TEXT, -- public
	rectify_by TEXT, -- public
	rectified TEXT, -- public
	repaired TEXT, -- public
	annulled TEXT, -- public
	points BIGINT NOT NULL, -- public
	reasoned BOOLEAN NOT NULL, -- internal
	contested BOOLEAN NOT NULL, -- public
	number TEXT NOT NULL, -- public
	at BIGINT NOT NULL, -- internal
	division TEXT NOT NULL, -- public
	enterprise TEXT NOT NULL, -- public
	project TEXT NOT NULL, -- public
	item TEXT NOT NULL, -- public
	class TEXT NOT NULL, -- public
	event TEXT NOT NULL, -- public
	body TEXT NOT NULL -- internal
);
CREATE INDEX credit_current_state ON credit_current (state, record);
CREATE INDEX credit_current_division ON credit_current (division, record);
CREATE INDEX credit_current_enterprise ON credit_current (enterprise, record);
CREATE INDEX credit_current_project ON credit_current (project, record);
CREATE INDEX credit_current_item ON credit_current (item, record);
CREATE INDEX credit_current_until ON credit_current (state, until_day, record);
CREATE INDEX credit_current_event ON credit_current (event, record);

-- data: purpose=对信用信息的异议; basis=物业服务企业信用评价办法; retention=长期
CREATE TABLE credit_objection (
	id BIGINT PRIMARY KEY, -- internal
	record BIGINT NOT NULL REFERENCES credit_record (id), -- internal
	ground TEXT NOT NULL, -- internal
	text TEXT NOT NULL, -- internal
	account BIGINT NOT NULL, -- internal
	at BIGINT NOT NULL -- internal
);
CREATE INDEX credit_objection_record ON credit_objection (record, id);
-- juli:append-only credit_objection

-- data: purpose=信用修复申请; basis=物业服务企业信用评价办法、信用修复管理办法; retention=长期
CREATE TABLE credit_repair (
	id BIGINT PRIMARY KEY, -- internal
	record BIGINT NOT NULL REFERENCES credit_record (id), -- internal
	text TEXT NOT NULL, -- internal
	account BIGINT NOT NULL, -- internal
	at BIGINT NOT NULL -- internal
);
CREATE INDEX credit_repair_record ON credit_repair (record, id);
-- juli:append-only credit_repair

-- data: purpose=异议和修复申请的决定; basis=物业服务企业信用评价办法; retention=长期
CREATE TABLE credit_decision (
	plea BIGINT PRIMARY KEY, -- internal
	record BIGINT NOT NULL REFERENCES credit_record (id), -- internal
	granted BOOLEAN NOT NULL, -- internal
	reason TEXT NOT NULL, -- internal
	number TEXT NOT NULL, -- public
	account BIGINT, -- internal
	at BIGINT NOT NULL -- internal
);
CREATE INDEX credit_decision_record ON credit_decision (record, plea);
-- juli:append-only credit_decision
