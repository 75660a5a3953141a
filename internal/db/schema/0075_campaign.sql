-- +goose Up

-- data: purpose=专项检查、服务质量评定和双随机抽取; basis=国务院办公厅关于推广随机抽查规范事中事后监管的通知（国办发〔2015〕58号）; retention=长期
CREATE TABLE campaign (
	id BIGINT PRIMARY KEY, -- public
	kind TEXT NOT NULL CHECK (kind IN ('inspection', 'assessment')), -- public
	theme TEXT NOT NULL, -- public
	title TEXT NOT NULL, -- public
	basis TEXT NOT NULL, -- public
	division TEXT NOT NULL, -- public
	scope TEXT NOT NULL, -- public
	uses TEXT NOT NULL, -- public
	grades TEXT NOT NULL, -- public
	items TEXT NOT NULL, -- public
	from_day TEXT NOT NULL, -- public
	to_day TEXT NOT NULL CHECK (to_day >= from_day), -- public
	sample BIGINT NOT NULL CHECK (sample > 0), -- public
	seed_rule TEXT NOT NULL, -- public
	book TEXT NOT NULL, -- public
	state TEXT NOT NULL, -- public
	pool BYTEA, -- public
	pool_digest TEXT NOT NULL DEFAULT '', -- public
	pool_size BIGINT NOT NULL DEFAULT 0, -- public
	frozen_at BIGINT NOT NULL DEFAULT 0, -- public
	seed TEXT NOT NULL DEFAULT '', -- public
	result BYTEA, -- public
	result_digest TEXT NOT NULL DEFAULT '', -- public
	drawn_at BIGINT NOT NULL DEFAULT 0, -- public
	concluded_at BIGINT NOT NULL DEFAULT 0, -- public
	created_at BIGINT NOT NULL -- internal
);
CREATE INDEX campaign_state ON campaign (state, id);
