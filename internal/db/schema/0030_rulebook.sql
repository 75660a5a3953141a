-- +goose Up

-- data: purpose=评价规则等规则册的版本与公示; basis=规范性文件管理规定; retention=长期保存
CREATE TABLE rulebook (
	id BIGINT PRIMARY KEY, -- internal
	kind TEXT NOT NULL, -- public
	code TEXT NOT NULL, -- public
	version TEXT NOT NULL, -- public
	city TEXT NOT NULL, -- public
	title TEXT NOT NULL, -- public
	digest TEXT NOT NULL UNIQUE, -- public
	body BYTEA NOT NULL, -- public
	effective_from TEXT NOT NULL, -- public
	effective_to TEXT, -- public
	state TEXT NOT NULL CHECK (state IN ('draft', 'comment', 'adopted', 'retired')), -- public
	uploaded_at BIGINT NOT NULL, -- public
	uploaded_by BIGINT, -- internal
	uploaded_person BIGINT, -- internal
	comment_from TEXT, -- public
	comment_to TEXT, -- public
	adopted_at BIGINT, -- public
	adopted_person BIGINT, -- internal
	retired_at BIGINT, -- public
	CHECK (state NOT IN ('adopted', 'retired') OR adopted_at IS NOT NULL)
);
CREATE INDEX rulebook_kind ON rulebook (kind, id);
CREATE INDEX rulebook_in_force ON rulebook (kind, effective_from) WHERE state IN ('adopted', 'retired');
CREATE UNIQUE INDEX rulebook_adopted ON rulebook (kind, code, version) WHERE state IN ('adopted', 'retired');

-- data: purpose=规则册公开征求意见; basis=规范性文件管理规定; retention=长期保存
CREATE TABLE rulebook_comment (
	id BIGINT PRIMARY KEY, -- internal
	rulebook_id BIGINT NOT NULL REFERENCES rulebook (id), -- public
	at BIGINT NOT NULL, -- public
	account BIGINT NOT NULL, -- internal
	path TEXT NOT NULL, -- public
	body TEXT NOT NULL -- internal
);
CREATE INDEX rulebook_comment_book ON rulebook_comment (rulebook_id, id);
-- juli:append-only rulebook_comment
