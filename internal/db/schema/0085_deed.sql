-- +goose Up

-- data: purpose=为群众办实事的专项（一组实事、预算和目标）; basis=“我为群众办实事”实践活动台账制度; retention=长期
CREATE TABLE deed_programme (
	id BIGINT PRIMARY KEY, -- public
	kind TEXT NOT NULL, -- public
	name TEXT NOT NULL, -- public
	division TEXT NOT NULL, -- public
	goal TEXT NOT NULL, -- public
	starts TEXT NOT NULL, -- public
	ends TEXT NOT NULL CHECK (ends >= starts), -- public
	is_open BOOLEAN NOT NULL, -- public
	made_at BIGINT NOT NULL, -- internal
	made_by BIGINT -- internal
);
CREATE UNIQUE INDEX deed_programme_name ON deed_programme (division, name);
CREATE INDEX deed_programme_open ON deed_programme (is_open, id);

-- data: purpose=专项预算的每次核定; basis=“我为群众办实事”实践活动台账制度; retention=长期
CREATE TABLE deed_budget (
	programme BIGINT NOT NULL REFERENCES deed_programme (id), -- public
	seq BIGINT NOT NULL, -- internal
	fen BIGINT NOT NULL CHECK (fen >= 0), -- public
	reason TEXT NOT NULL, -- internal
	account BIGINT, -- internal
	at BIGINT NOT NULL, -- internal
	PRIMARY KEY (programme, seq)
);
-- juli:append-only deed_budget

-- data: purpose=为群众办实事台账（一件实事的现状，经过见办理步骤）; basis=“我为群众办实事”实践活动台账制度; retention=长期
CREATE TABLE deed (
	id BIGINT PRIMARY KEY, -- public
	number TEXT NOT NULL UNIQUE, -- public
	state TEXT NOT NULL, -- public
	title TEXT NOT NULL, -- public
	category TEXT NOT NULL, -- public
	source TEXT NOT NULL, -- public
	source_ref TEXT NOT NULL, -- internal
	link TEXT UNIQUE, -- internal
	division TEXT NOT NULL, -- public
	district TEXT NOT NULL, -- public
	project TEXT NOT NULL, -- public
	detail TEXT NOT NULL, -- internal
	programme BIGINT REFERENCES deed_programme (id), -- public
	lead TEXT NOT NULL, -- public
	helping TEXT NOT NULL, -- public
	leader TEXT NOT NULL, -- internal
	responsible BIGINT, -- internal
	promise TEXT NOT NULL, -- public
	starts TEXT NOT NULL, -- public
	deadline TEXT NOT NULL, -- public
	percent BIGINT NOT NULL CHECK (percent BETWEEN 0 AND 100), -- public
	reported TEXT NOT NULL, -- internal
	result TEXT NOT NULL, -- public
	people BIGINT NOT NULL, -- public
	counted_how TEXT NOT NULL, -- public
	households BIGINT NOT NULL CHECK (households >= 0), -- public
	spent BIGINT NOT NULL CHECK (spent >= 0), -- public
	done_on TEXT NOT NULL, -- public
	closed_on TEXT NOT NULL, -- public
	is_open BOOLEAN NOT NULL, -- public
	imported BOOLEAN NOT NULL, -- internal
	version BIGINT NOT NULL, -- internal
	collected_on TEXT NOT NULL, -- public
	CHECK (people = 0 OR state IN ('done', 'verified', 'closed')),
	CHECK (people >= 0 AND (people = 0 OR counted_how <> '')),
	CHECK ((closed_on <> '') = (state = 'closed'))
);
CREATE INDEX deed_district ON deed (district, id);
CREATE INDEX deed_division ON deed (division, id);
CREATE INDEX deed_state ON deed (state, id);
CREATE INDEX deed_category ON deed (category, id);
CREATE INDEX deed_programme_of ON deed (programme, id) WHERE programme IS NOT NULL;
CREATE INDEX deed_project ON deed (project, id) WHERE project <> '';
CREATE INDEX deed_deadline ON deed (deadline, id);
CREATE INDEX deed_people ON deed (people, id);
CREATE INDEX deed_closed ON deed (closed_on, district);
CREATE INDEX deed_shown ON deed (is_open, id);

-- data: purpose=实事的节点; basis=“我为群众办实事”实践活动台账制度; retention=长期
CREATE TABLE deed_milestone (
	deed BIGINT NOT NULL REFERENCES deed (id), -- public
	plan BIGINT NOT NULL, -- internal
	seq BIGINT NOT NULL, -- public
	title TEXT NOT NULL, -- public
	due TEXT NOT NULL, -- public
	reached TEXT NOT NULL, -- public
	PRIMARY KEY (deed, plan, seq)
);

-- data: purpose=实事的按月进展; basis=“我为群众办实事”实践活动台账制度（定期报告）; retention=长期
CREATE TABLE deed_progress (
	deed BIGINT NOT NULL REFERENCES deed (id), -- internal
	version BIGINT NOT NULL, -- internal
	month TEXT NOT NULL, -- internal
	percent BIGINT NOT NULL CHECK (percent BETWEEN 0 AND 100), -- internal
	text TEXT NOT NULL, -- internal
	account BIGINT, -- internal
	at BIGINT NOT NULL, -- internal
	PRIMARY KEY (deed, version)
);
CREATE INDEX deed_progress_month ON deed_progress (deed, month);
-- juli:append-only deed_progress

-- data: purpose=实事办理前后的照片和材料; basis=“我为群众办实事”实践活动台账制度; retention=长期
CREATE TABLE deed_file (
	deed BIGINT NOT NULL REFERENCES deed (id), -- internal
	file BIGINT NOT NULL, -- internal
	moment TEXT NOT NULL CHECK (moment IN ('before', 'after', 'other')), -- public
	sha256 TEXT NOT NULL, -- public
	name TEXT NOT NULL, -- internal
	type TEXT NOT NULL, -- internal
	size BIGINT NOT NULL, -- internal
	released BOOLEAN NOT NULL, -- public
	account BIGINT, -- internal
	at BIGINT NOT NULL, -- internal
	PRIMARY KEY (deed, file)
);
CREATE INDEX deed_file_file ON deed_file (file);

-- data: purpose=受益群众回访名单（姓名和电话加密，确认码只存摘要）; basis=个人信息保护法第13条（履行法定职责）; retention=办结一年后删除姓名和电话
CREATE TABLE deed_served (
	id BIGINT PRIMARY KEY, -- internal
	deed BIGINT NOT NULL REFERENCES deed (id), -- internal
	round BIGINT NOT NULL, -- internal
	name_sealed BYTEA, -- pi
	phone_sealed BYTEA, -- pi
	phone_blind BYTEA, -- pi
	code_hash BYTEA NOT NULL UNIQUE, -- sensitive
	added_by BIGINT, -- internal
	added_at BIGINT NOT NULL -- internal
);
CREATE UNIQUE INDEX deed_served_phone ON deed_served (deed, round, phone_blind) WHERE phone_blind IS NOT NULL;
CREATE INDEX deed_served_deed ON deed_served (deed, id);

-- data: purpose=受益群众对实事的确认; basis=“我为群众办实事”实践活动台账制度（回访）; retention=长期
CREATE TABLE deed_answer (
	served BIGINT PRIMARY KEY REFERENCES deed_served (id), -- internal
	deed BIGINT NOT NULL REFERENCES deed (id), -- internal
	round BIGINT NOT NULL, -- internal
	way TEXT NOT NULL CHECK (way IN ('call', 'code')), -- internal
	solved BOOLEAN NOT NULL, -- public
	satisfied BOOLEAN NOT NULL, -- public
	account BIGINT, -- internal
	at BIGINT NOT NULL -- internal
);
CREATE INDEX deed_answer_deed ON deed_answer (deed, round);
-- juli:append-only deed_answer
