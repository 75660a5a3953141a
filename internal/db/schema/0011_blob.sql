-- +goose Up

-- data: purpose=上传材料的登记（内容按摘要存为文件）; basis=各办理事项的法定材料要求; retention=随所属事项
CREATE TABLE blob_file (
	id BIGINT PRIMARY KEY, -- internal
	sha256 TEXT NOT NULL, -- internal
	name TEXT NOT NULL, -- pi
	type TEXT NOT NULL, -- internal
	size BIGINT NOT NULL CHECK (size > 0), -- internal
	created_ms BIGINT NOT NULL -- internal
);
CREATE INDEX blob_file_sha256 ON blob_file (sha256, id);
