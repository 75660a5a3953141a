-- +goose Up

-- data: purpose=业主满意度调查及其结果; basis=物业管理条例、黑龙江省住宅物业管理条例; retention=长期
CREATE TABLE survey (
	id BIGINT PRIMARY KEY, -- public
	book TEXT NOT NULL, -- public
	title TEXT NOT NULL, -- public
	project TEXT NOT NULL, -- public
	project_id BIGINT NOT NULL, -- internal
	division TEXT NOT NULL, -- public
	enterprise TEXT NOT NULL, -- public
	homes BIGINT NOT NULL CHECK (homes > 0), -- public
	renovated BOOLEAN NOT NULL, -- public
	needed BIGINT NOT NULL, -- public
	drawn BIGINT NOT NULL CHECK (drawn BETWEEN 1 AND homes), -- public
	seed TEXT NOT NULL, -- public
	draw TEXT NOT NULL, -- public
	days BIGINT NOT NULL, -- public
	opened_on TEXT, -- public
	closes_on TEXT, -- public
	state TEXT NOT NULL, -- public
	running TEXT UNIQUE, -- internal
	why TEXT NOT NULL, -- public
	online BIGINT NOT NULL, -- public
	paper BIGINT NOT NULL, -- public
	answered BIGINT NOT NULL, -- public
	rated BIGINT NOT NULL, -- public
	satisfied BIGINT NOT NULL, -- public
	score BIGINT NOT NULL, -- public
	published_on TEXT, -- public
	changed_at BIGINT NOT NULL -- internal
);
CREATE INDEX survey_state ON survey (state, id);
CREATE INDEX survey_division ON survey (division, id);
CREATE INDEX survey_project ON survey (project, id);
CREATE INDEX survey_enterprise ON survey (enterprise, id);
CREATE INDEX survey_published ON survey (published_on, id) WHERE published_on IS NOT NULL;

-- data: purpose=抽中的住户是否已答（每户一份，不记谁怎么答）; basis=黑龙江省住宅物业管理条例; retention=公布后一年
CREATE TABLE survey_home (
	survey BIGINT NOT NULL REFERENCES survey (id), -- internal
	home BIGINT NOT NULL, -- internal
	issue BIGINT NOT NULL, -- internal
	code_blind BYTEA NOT NULL UNIQUE, -- sensitive
	mode TEXT NOT NULL CHECK (mode IN ('', 'ONLINE', 'PAPER')), -- internal
	PRIMARY KEY (survey, home)
);

-- data: purpose=每份答卷（网上的不记住户，纸质的记住户以便复核）; basis=黑龙江省住宅物业管理条例; retention=公布后三年
CREATE TABLE survey_answer (
	survey BIGINT NOT NULL REFERENCES survey (id), -- internal
	id BIGINT NOT NULL, -- internal
	mode TEXT NOT NULL CHECK (mode IN ('ONLINE', 'PAPER')), -- internal
	home BIGINT, -- pi
	choices TEXT NOT NULL, -- internal
	account BIGINT, -- internal
	person BIGINT, -- internal
	on_day TEXT NOT NULL, -- internal
	CHECK ((mode = 'PAPER') = (home IS NOT NULL)),
	PRIMARY KEY (survey, id)
);
CREATE UNIQUE INDEX survey_answer_home ON survey_answer (survey, home) WHERE home IS NOT NULL;
-- juli:append-only survey_answer

-- data: purpose=另一人对纸质答卷录入的复核; basis=系统的内控要求; retention=公布后三年
CREATE TABLE survey_check (
	survey BIGINT NOT NULL, -- internal
	answer BIGINT NOT NULL, -- internal
	choices TEXT NOT NULL, -- internal
	same BOOLEAN NOT NULL, -- internal
	account BIGINT, -- internal
	person BIGINT, -- internal
	at BIGINT NOT NULL, -- internal
	PRIMARY KEY (survey, answer)
);
-- juli:append-only survey_check

-- data: purpose=公布的调查结果，每题每个选项的户数; basis=政府信息公开条例; retention=长期
CREATE TABLE survey_count (
	survey BIGINT NOT NULL REFERENCES survey (id), -- public
	question TEXT NOT NULL, -- public
	choice TEXT NOT NULL, -- public
	homes BIGINT NOT NULL, -- public
	PRIMARY KEY (survey, question, choice)
);
