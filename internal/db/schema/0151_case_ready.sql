-- +goose Up
-- The day before which nothing can be done with a case: it stands on no to-do list until then. '' is at once.
ALTER TABLE casework_case ADD COLUMN ready TEXT NOT NULL DEFAULT ''; -- internal
DROP INDEX casework_case_count;
CREATE INDEX casework_case_count ON casework_case (holder, machine, due, ready) WHERE holder <> '';
