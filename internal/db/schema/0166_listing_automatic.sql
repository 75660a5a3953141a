-- +goose Up

-- 系统按规则自动开始的批次
ALTER TABLE listing_batch ADD COLUMN automatic BOOLEAN NOT NULL DEFAULT FALSE; -- public
