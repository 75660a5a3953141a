-- +goose Up

-- data: purpose=现场检查的对象、检查人员和结果; basis=国办发〔2015〕58号、物业管理条例; retention=长期
CREATE TABLE inspection (
	id BIGINT PRIMARY KEY, -- public
	campaign BIGINT NOT NULL REFERENCES campaign (id), -- public
	project TEXT NOT NULL, -- public
	enterprise TEXT NOT NULL, -- public
	division TEXT NOT NULL, -- public
	first_account BIGINT NOT NULL, -- internal
	first_body TEXT NOT NULL, -- internal
	second_account BIGINT NOT NULL, -- internal
	second_body TEXT NOT NULL, -- internal
	were TEXT NOT NULL, -- internal
	state TEXT NOT NULL, -- public
	round BIGINT NOT NULL DEFAULT 0, -- internal
	due TEXT NOT NULL, -- public
	made_on TEXT, -- public
	made_at BIGINT NOT NULL DEFAULT 0, -- internal
	position TEXT NOT NULL DEFAULT '', -- internal
	note TEXT NOT NULL DEFAULT '', -- internal
	score BIGINT NOT NULL DEFAULT 0, -- public
	applied BIGINT NOT NULL DEFAULT 0, -- public
	passed BOOLEAN, -- public
	settled_on TEXT, -- public
	changed_at BIGINT NOT NULL -- internal
);
CREATE UNIQUE INDEX inspection_project ON inspection (campaign, project);
CREATE INDEX inspection_settled ON inspection (settled_on, id) WHERE settled_on IS NOT NULL;
CREATE INDEX inspection_enterprise ON inspection (enterprise, id);
CREATE INDEX inspection_division ON inspection (division, id);
CREATE INDEX inspection_first ON inspection (first_account, id);
CREATE INDEX inspection_second ON inspection (second_account, id);

-- data: purpose=检查表的逐项记录; basis=物业管理条例; retention=长期
CREATE TABLE inspection_answer (
	inspection BIGINT NOT NULL REFERENCES inspection (id), -- public
	round BIGINT NOT NULL, -- internal
	item TEXT NOT NULL, -- public
	verdict TEXT NOT NULL CHECK (verdict IN ('PASS', 'FAIL', 'NA')), -- public
	PRIMARY KEY (inspection, round, item)
);
-- juli:append-only inspection_answer

-- data: purpose=检查发现的问题、整改期限和整改结果; basis=物业管理条例; retention=长期
CREATE TABLE inspection_finding (
	id BIGINT PRIMARY KEY, -- public
	inspection BIGINT NOT NULL REFERENCES inspection (id), -- public
	round BIGINT NOT NULL, -- internal
	item TEXT NOT NULL, -- public
	facts TEXT NOT NULL, -- internal
	deadline TEXT NOT NULL, -- public
	due TEXT NOT NULL, -- public
	points BOOLEAN NOT NULL, -- internal
	case_id BIGINT, -- internal
	mended_on TEXT -- public
);
CREATE UNIQUE INDEX inspection_finding_item ON inspection_finding (inspection, round, item);
CREATE INDEX inspection_finding_case ON inspection_finding (case_id) WHERE case_id IS NOT NULL;

-- data: purpose=检查和整改的照片; basis=行政处罚法第47条（全过程记录）; retention=长期
CREATE TABLE inspection_photo (
	inspection BIGINT NOT NULL REFERENCES inspection (id), -- internal
	item TEXT NOT NULL, -- internal
	file BIGINT NOT NULL REFERENCES blob_file (id), -- internal
	after BOOLEAN NOT NULL, -- internal
	added_by BIGINT, -- internal
	added_at BIGINT NOT NULL, -- internal
	PRIMARY KEY (inspection, file)
);
-- juli:append-only inspection_photo
