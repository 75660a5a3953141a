-- +goose Up

-- data: purpose=红黑榜批次（一批一榜）; basis=物业服务企业信用评价办法、政府信息公开条例; retention=长期
CREATE TABLE listing_batch (
	id BIGINT PRIMARY KEY, -- internal
	year BIGINT NOT NULL, -- public
	ordinal BIGINT NOT NULL, -- public
	sides TEXT NOT NULL CHECK (sides IN ('RED', 'BLACK', 'BOTH')), -- public
	theme TEXT NOT NULL, -- public
	title TEXT NOT NULL, -- public
	period_from TEXT NOT NULL, -- public
	period_to TEXT NOT NULL, -- public
	media TEXT NOT NULL, -- public
	book TEXT NOT NULL, -- public
	state TEXT NOT NULL, -- internal
	number TEXT NOT NULL, -- public
	digest TEXT NOT NULL, -- public
	published_on TEXT, -- public
	inspections BIGINT NOT NULL, -- public
	inspected BIGINT NOT NULL, -- public
	changed_at BIGINT NOT NULL, -- internal
	UNIQUE (year, ordinal)
);
CREATE INDEX listing_batch_published ON listing_batch (published_on, id);
CREATE INDEX listing_batch_state ON listing_batch (state, id);
-- What was published stands: only where the batch stands may change.
-- juli:append-only listing_batch when OLD.published_on IS NOT NULL AND (NEW.id <> OLD.id OR NEW.year <> OLD.year OR NEW.ordinal <> OLD.ordinal OR NEW.sides <> OLD.sides OR NEW.theme <> OLD.theme OR NEW.title <> OLD.title OR NEW.period_from <> OLD.period_from OR NEW.period_to <> OLD.period_to OR NEW.media <> OLD.media OR NEW.book <> OLD.book OR NEW.number <> OLD.number OR NEW.digest <> OLD.digest OR NEW.published_on IS DISTINCT FROM OLD.published_on)

-- data: purpose=红黑榜候选和条目（对象、理由、评分、期限）; basis=物业服务企业信用评价办法、政府信息公开条例; retention=长期
CREATE TABLE listing_entry (
	id BIGINT PRIMARY KEY, -- internal
	batch BIGINT NOT NULL REFERENCES listing_batch (id), -- internal
	side TEXT NOT NULL CHECK (side IN ('RED', 'BLACK')), -- public
	kind TEXT NOT NULL CHECK (kind IN ('PROJECT', 'ENTERPRISE')), -- public
	subject TEXT NOT NULL, -- public
	subject_id BIGINT NOT NULL, -- internal
	name TEXT NOT NULL, -- public
	enterprise TEXT NOT NULL, -- public
	project TEXT NOT NULL, -- public
	division TEXT NOT NULL, -- public
	state TEXT NOT NULL, -- internal
	origin TEXT NOT NULL CHECK (origin IN ('RULE', 'NOMINATION')), -- public
	rule TEXT NOT NULL, -- public
	reason TEXT NOT NULL, -- public
	score BIGINT NOT NULL, -- public
	homes BIGINT NOT NULL, -- public
	area BIGINT NOT NULL, -- public
	built BIGINT NOT NULL, -- public
	projects BIGINT NOT NULL, -- public
	inspections BIGINT NOT NULL, -- public
	inspection_score BIGINT, -- public
	cases_found BIGINT NOT NULL, -- public
	cases_open BIGINT NOT NULL, -- public
	records_bad BIGINT NOT NULL, -- public
	records_good BIGINT NOT NULL, -- public
	red_line BOOLEAN NOT NULL, -- internal
	nominated_by TEXT NOT NULL, -- internal
	nominator BIGINT, -- internal
	notice TEXT NOT NULL, -- public
	notified_on TEXT, -- public
	reply_due TEXT, -- public
	listed_on TEXT, -- public
	until_day TEXT, -- public
	ended_on TEXT, -- public
	ended_why TEXT NOT NULL, -- public
	record BIGINT, -- internal
	changed_at BIGINT NOT NULL, -- internal
	UNIQUE (batch, kind, subject)
);
CREATE INDEX listing_entry_batch ON listing_entry (batch, side, state, score, id);
CREATE INDEX listing_entry_listed ON listing_entry (listed_on, id);
CREATE INDEX listing_entry_score ON listing_entry (score, id);
CREATE INDEX listing_entry_subject ON listing_entry (kind, subject, listed_on, id);
CREATE INDEX listing_entry_enterprise ON listing_entry (enterprise, id);
CREATE INDEX listing_entry_project ON listing_entry (project, id);
CREATE INDEX listing_entry_division ON listing_entry (division, id);
CREATE INDEX listing_entry_until ON listing_entry (state, until_day, id);
-- What was published stands beside what became of it.
-- juli:append-only listing_entry when OLD.listed_on IS NOT NULL AND (NEW.id <> OLD.id OR NEW.batch <> OLD.batch OR NEW.side <> OLD.side OR NEW.kind <> OLD.kind OR NEW.subject <> OLD.subject OR NEW.reason <> OLD.reason OR NEW.score <> OLD.score OR NEW.listed_on IS DISTINCT FROM OLD.listed_on OR NEW.until_day IS DISTINCT FROM OLD.until_day OR OLD.ended_on IS NOT NULL)

-- data: purpose=列入红黑榜的依据; basis=物业服务企业信用评价办法; retention=长期
CREATE TABLE listing_evidence (
	entry BIGINT NOT NULL REFERENCES listing_entry (id), -- internal
	place BIGINT NOT NULL, -- internal
	kind TEXT NOT NULL CHECK (kind IN ('CASE', 'INSPECTION', 'RECORD', 'RESULT', 'NOMINATION')), -- public
	ref TEXT NOT NULL, -- public
	text TEXT NOT NULL, -- public
	PRIMARY KEY (entry, place)
);
-- juli:append-only listing_evidence

-- data: purpose=红黑榜条目的材料（提名、申辩、修复）; basis=物业服务企业信用评价办法; retention=长期
CREATE TABLE listing_file (
	entry BIGINT NOT NULL REFERENCES listing_entry (id), -- internal
	file BIGINT NOT NULL, -- internal
	purpose TEXT NOT NULL CHECK (purpose IN ('NOMINATION', 'REPLY', 'REPAIR')), -- internal
	sha256 TEXT NOT NULL, -- internal
	added_at BIGINT NOT NULL, -- internal
	PRIMARY KEY (entry, file)
);
CREATE INDEX listing_file_file ON listing_file (file);
-- juli:append-only listing_file

-- data: purpose=企业的陈述申辩和修复申请，以及决定; basis=物业服务企业信用评价办法、信用修复管理办法; retention=长期
CREATE TABLE listing_word (
	id BIGINT PRIMARY KEY, -- internal
	entry BIGINT NOT NULL REFERENCES listing_entry (id), -- internal
	kind TEXT NOT NULL CHECK (kind IN ('REPLY', 'REPAIR', 'DECISION')), -- public
	text TEXT NOT NULL, -- public
	account BIGINT, -- internal
	at BIGINT NOT NULL -- public
);
CREATE INDEX listing_word_entry ON listing_word (entry, id);
-- juli:append-only listing_word

-- data: purpose=连续或多次列入黑榜的后续措施; basis=物业服务企业信用评价办法; retention=长期
CREATE TABLE listing_followup (
	id BIGINT PRIMARY KEY, -- internal
	entry BIGINT NOT NULL REFERENCES listing_entry (id), -- internal
	code TEXT NOT NULL, -- internal
	title TEXT NOT NULL, -- internal
	why TEXT NOT NULL, -- internal
	enterprise TEXT NOT NULL, -- internal
	project TEXT NOT NULL, -- internal
	division TEXT NOT NULL, -- internal
	state TEXT NOT NULL, -- internal
	opened_on TEXT NOT NULL, -- internal
	done_on TEXT, -- internal
	result TEXT NOT NULL, -- internal
	UNIQUE (entry, code)
);
CREATE INDEX listing_followup_division ON listing_followup (division, id);
CREATE INDEX listing_followup_state ON listing_followup (state, id);
