-- +goose Up

-- Who stands on a list is an input of the evaluation: as of an old day it reads
-- what stood then.
-- data: purpose=在榜名单（信用评价的输入）; basis=物业服务企业信用评价办法; retention=长期
CREATE TABLE credit_listed (
	source BIGINT PRIMARY KEY, -- internal
	list TEXT NOT NULL, -- public
	kind BIGINT NOT NULL, -- public
	subject BIGINT NOT NULL, -- internal
	since TEXT NOT NULL, -- public
	repaired TEXT, -- public
	ended TEXT -- public
);
CREATE INDEX credit_listed_subject ON credit_listed (kind, subject, since);
