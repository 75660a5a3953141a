-- +goose Up

-- data: purpose=后台任务及其进度; basis=系统运行; retention=结束后90日
CREATE TABLE job (
	id BIGINT PRIMARY KEY, -- internal
	kind TEXT NOT NULL, -- internal
	key TEXT NOT NULL, -- internal
	args TEXT NOT NULL, -- internal
	owner BIGINT NOT NULL, -- internal
	state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')), -- internal
	due_ms BIGINT NOT NULL, -- internal
	holder TEXT NOT NULL, -- internal
	attempt BIGINT NOT NULL, -- internal
	attempts BIGINT NOT NULL CHECK (attempts > 0), -- internal
	cancel BOOLEAN NOT NULL, -- internal
	steps_done BIGINT NOT NULL, -- internal
	steps_total BIGINT NOT NULL, -- internal
	note TEXT NOT NULL, -- internal
	result TEXT NOT NULL, -- internal
	rule TEXT NOT NULL, -- internal
	problem TEXT NOT NULL, -- internal
	created_ms BIGINT NOT NULL, -- internal
	started_ms BIGINT NOT NULL, -- internal
	ended_ms BIGINT NOT NULL -- internal
);
CREATE INDEX job_due ON job (due_ms, id) WHERE state IN ('queued', 'running');
CREATE UNIQUE INDEX job_live ON job (kind, key) WHERE key <> '' AND state IN ('queued', 'running');
CREATE INDEX job_owner ON job (owner, id);
CREATE INDEX job_ended ON job (ended_ms, id) WHERE ended_ms > 0;

-- data: purpose=定期任务的下次时间; basis=系统运行; retention=长期
CREATE TABLE job_period (
	kind TEXT PRIMARY KEY, -- internal
	next_ms BIGINT NOT NULL -- internal
);
