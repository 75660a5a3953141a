-- +goose Up

-- data: purpose=一次信用评价（试算、周期评价、更正重算）; basis=物业服务企业信用评价办法; retention=长期
CREATE TABLE credit_evaluation (
	id BIGINT PRIMARY KEY, -- internal
	purpose TEXT NOT NULL CHECK (purpose IN ('cycle', 'correction', 'trial')), -- public
	book TEXT NOT NULL, -- public
	book_code TEXT NOT NULL, -- public
	book_version TEXT NOT NULL, -- public
	period TEXT NOT NULL, -- public
	period_from TEXT, -- public
	period_to TEXT NOT NULL, -- public
	as_of TEXT NOT NULL, -- public
	known TEXT NOT NULL, -- public
	enterprises BIGINT NOT NULL, -- public
	projects BIGINT NOT NULL, -- public
	persons BIGINT NOT NULL, -- public
	records BIGINT NOT NULL, -- public
	digest BYTEA NOT NULL, -- public
	made_by BIGINT, -- internal
	made_at BIGINT NOT NULL, -- public
	corrects BIGINT REFERENCES credit_evaluation (id), -- public
	why TEXT NOT NULL -- public
);
CREATE INDEX credit_evaluation_period ON credit_evaluation (as_of, id);
-- juli:append-only credit_evaluation

-- data: purpose=各评价对象的得分与等级; basis=物业服务企业信用评价办法; retention=长期
CREATE TABLE credit_outcome (
	evaluation BIGINT NOT NULL REFERENCES credit_evaluation (id), -- internal
	kind BIGINT NOT NULL, -- public
	subject BIGINT NOT NULL, -- internal
	enterprise BIGINT NOT NULL, -- internal
	division TEXT NOT NULL, -- public
	area BIGINT NOT NULL, -- public
	projects BIGINT NOT NULL, -- public
	scored BOOLEAN NOT NULL, -- public
	score BIGINT NOT NULL, -- public
	grade TEXT NOT NULL, -- public
	by_score TEXT NOT NULL, -- public
	status TEXT NOT NULL, -- public
	why TEXT NOT NULL, -- public
	provisional BOOLEAN NOT NULL, -- public
	trial BOOLEAN NOT NULL, -- public
	incomplete BOOLEAN NOT NULL, -- public
	blacklisted BOOLEAN NOT NULL, -- public
	rank_city BIGINT NOT NULL, -- public
	rank_district BIGINT NOT NULL, -- public
	next_change TEXT, -- public
	PRIMARY KEY (evaluation, kind, subject)
);
CREATE INDEX credit_outcome_subject ON credit_outcome (kind, subject, evaluation);
CREATE INDEX credit_outcome_score ON credit_outcome (evaluation, kind, score, subject);
CREATE INDEX credit_outcome_enterprise ON credit_outcome (evaluation, enterprise, kind, subject);
-- juli:append-only credit_outcome

-- data: purpose=得分的逐条说明（一家企业一份，冻结）; basis=物业服务企业信用评价办法; retention=长期
CREATE TABLE credit_explanation (
	evaluation BIGINT NOT NULL REFERENCES credit_evaluation (id), -- internal
	enterprise BIGINT NOT NULL, -- internal
	content BYTEA NOT NULL, -- internal
	PRIMARY KEY (evaluation, enterprise)
);
-- juli:append-only credit_explanation

-- data: purpose=评价结果的发布（经办、复核、更正）; basis=物业服务企业信用评价办法; retention=长期
CREATE TABLE credit_publication (
	id BIGINT PRIMARY KEY, -- internal
	evaluation BIGINT NOT NULL UNIQUE REFERENCES credit_evaluation (id), -- internal
	period TEXT NOT NULL, -- public
	as_of TEXT NOT NULL, -- public
	number TEXT NOT NULL, -- public
	state TEXT NOT NULL CHECK (state IN ('proposed', 'published', 'refused')), -- public
	proposed_by BIGINT, -- internal
	proposed_at BIGINT NOT NULL, -- public
	decided_by BIGINT, -- internal
	decided_at BIGINT NOT NULL, -- public
	why TEXT NOT NULL, -- public
	corrects BIGINT REFERENCES credit_publication (id) -- public
);
CREATE INDEX credit_publication_state ON credit_publication (state, as_of, id);
-- A period has one first result, and a result one correction: corrections form a
-- chain whose last is in force.
CREATE UNIQUE INDEX credit_publication_first ON credit_publication (period) WHERE state = 'published' AND corrects IS NULL;
CREATE UNIQUE INDEX credit_publication_correction ON credit_publication (corrects) WHERE state = 'published' AND corrects IS NOT NULL;
-- What was proposed stands from the start, and what was decided for ever.
-- juli:append-only credit_publication when OLD.state <> 'proposed' OR NEW.id <> OLD.id OR NEW.evaluation <> OLD.evaluation OR NEW.period <> OLD.period OR NEW.as_of <> OLD.as_of OR NEW.proposed_by IS DISTINCT FROM OLD.proposed_by OR NEW.proposed_at <> OLD.proposed_at OR NEW.corrects IS DISTINCT FROM OLD.corrects

-- data: purpose=等级变动日志（实时评价）; basis=物业服务企业信用评价办法; retention=长期
CREATE TABLE credit_journal (
	id BIGINT PRIMARY KEY, -- internal
	kind BIGINT NOT NULL, -- public
	subject BIGINT NOT NULL, -- internal
	enterprise BIGINT NOT NULL, -- internal
	on_day TEXT NOT NULL, -- public
	book TEXT NOT NULL, -- public
	score_before BIGINT NOT NULL, -- public
	score BIGINT NOT NULL, -- public
	grade_before TEXT NOT NULL, -- public
	grade TEXT NOT NULL, -- public
	cause TEXT NOT NULL, -- public
	record BIGINT, -- internal
	at BIGINT NOT NULL, -- public
	next_change TEXT -- public
);
CREATE INDEX credit_journal_subject ON credit_journal (kind, subject, id);
-- juli:append-only credit_journal
