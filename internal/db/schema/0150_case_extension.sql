-- +goose Up
-- Until when an enterprise asked to have time; who decides sees it beside the limit of the rulebook.
ALTER TABLE supervision_case ADD COLUMN asked_until TEXT; -- internal
