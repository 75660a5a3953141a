-- +goose Up

-- data: purpose=其他业务系统报送的评价依据（满意度、投诉、考核等）; basis=物业服务企业信用评价办法; retention=长期
CREATE TABLE credit_input (
	id BIGINT PRIMARY KEY, -- internal
	kind BIGINT NOT NULL, -- public
	subject BIGINT NOT NULL, -- internal
	name TEXT NOT NULL, -- public
	on_day TEXT NOT NULL, -- public
	value BIGINT NOT NULL, -- public
	module TEXT NOT NULL, -- internal
	reported_by BIGINT, -- internal
	reported_at BIGINT NOT NULL -- internal
);
CREATE INDEX credit_input_subject ON credit_input (kind, subject, name, on_day, id);
-- juli:append-only credit_input
