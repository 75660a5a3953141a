-- +goose Up

-- 未验证的诉求所附照片按来源网络和总量限制占用空间；来源只存带密钥的摘要，随草稿一天内清除
ALTER TABLE resident_draft ADD COLUMN origin BYTEA; -- sensitive
ALTER TABLE resident_draft ADD COLUMN size BIGINT NOT NULL DEFAULT 0; -- internal
CREATE INDEX resident_draft_size ON resident_draft (origin, made_at, size) WHERE size > 0;
