-- +goose Up

-- How often the public words of a report were written: who writes them on older ones is refused.
ALTER TABLE resident_report ADD COLUMN release_no BIGINT NOT NULL DEFAULT 0; -- internal
