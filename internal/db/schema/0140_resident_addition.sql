-- +goose Up

-- data: purpose=居民在答复前对自己反映的诉求的补充; basis=信访工作条例、个人信息保护法第13条; retention=随联系方式，办结后一年
CREATE TABLE resident_addition (
	id BIGINT PRIMARY KEY, -- internal
	report BIGINT NOT NULL REFERENCES resident_report (id), -- internal
	voice BIGINT NOT NULL REFERENCES resident_voice (id), -- internal
	said_sealed BYTEA NOT NULL, -- sensitive
	said_at BIGINT NOT NULL -- internal
);
CREATE INDEX resident_addition_report ON resident_addition (report, id);
CREATE INDEX resident_addition_voice ON resident_addition (voice, id);
