-- +goose Up

-- data: purpose=纸质答卷的录入和复核不一致时，再对照答卷核定的结果; basis=系统的内控要求; retention=公布后三年
CREATE TABLE survey_settle (
	survey BIGINT NOT NULL, -- internal
	answer BIGINT NOT NULL, -- internal
	choices TEXT NOT NULL, -- internal
	account BIGINT, -- internal
	person BIGINT, -- internal
	at BIGINT NOT NULL, -- internal
	PRIMARY KEY (survey, answer)
);
-- juli:append-only survey_settle

-- 此前的不一致一律以复核为准
INSERT INTO survey_settle (survey, answer, choices, account, person, at)
	SELECT survey, answer, choices, account, person, at FROM survey_check WHERE NOT same;

-- 提请公布时的复核情况，与结果一并公布；不一致过多仍公布的理由
ALTER TABLE survey ADD COLUMN checked BIGINT NOT NULL DEFAULT 0; -- public
ALTER TABLE survey ADD COLUMN differed BIGINT NOT NULL DEFAULT 0; -- public
ALTER TABLE survey ADD COLUMN mended BIGINT NOT NULL DEFAULT 0; -- public
ALTER TABLE survey ADD COLUMN despite TEXT NOT NULL DEFAULT ''; -- public
UPDATE survey SET
	checked = (SELECT COUNT(*) FROM survey_check c WHERE c.survey = survey.id),
	differed = (SELECT COUNT(*) FROM survey_check c WHERE c.survey = survey.id AND NOT c.same),
	mended = (SELECT COUNT(*) FROM survey_check c WHERE c.survey = survey.id AND NOT c.same)
	WHERE state IN ('proposed', 'published');
