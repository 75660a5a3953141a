-- +goose Up

-- data: purpose=全市检索条目; basis=系统功能; retention=随所指对象
CREATE TABLE search_doc (
	id BIGINT PRIMARY KEY, -- internal
	kind TEXT NOT NULL, -- public
	code TEXT NOT NULL, -- public
	title TEXT NOT NULL, -- pi
	norm TEXT NOT NULL, -- pi
	detail TEXT NOT NULL, -- public
	division TEXT NOT NULL, -- public
	enterprise TEXT NOT NULL, -- public
	project TEXT NOT NULL, -- public
	open BOOLEAN NOT NULL -- public
);
CREATE UNIQUE INDEX search_doc_code ON search_doc (code, kind);
CREATE INDEX search_doc_norm ON search_doc (norm, id);

-- data: purpose=检索词与条目的对应（压缩的编号段）; basis=系统功能; retention=随检索条目
CREATE TABLE search_posting (
	token TEXT NOT NULL, -- pi
	first BIGINT NOT NULL, -- internal
	docs BYTEA NOT NULL, -- internal
	PRIMARY KEY (token, first)
);
