-- +goose Up

-- 12345接口和开放接口（Open311）的密钥合为一张表：目的、依据、期限同前（网络安全法第21条；停用三年后清除联系方式）
ALTER TABLE open311_key RENAME TO interface_key;
ALTER TABLE interface_key ADD COLUMN channel TEXT NOT NULL DEFAULT 'OPEN311' CHECK (channel IN ('OPEN311', 'HOTLINE_12345')); -- internal
ALTER TABLE interface_key ADD COLUMN division TEXT NOT NULL DEFAULT ''; -- internal
ALTER TABLE interface_key ADD COLUMN contact_sealed BYTEA; -- pi
ALTER TABLE interface_key ADD COLUMN made_by BIGINT; -- internal
ALTER TABLE interface_key ADD COLUMN used_at BIGINT NOT NULL DEFAULT 0; -- internal
INSERT INTO interface_key (id, name, hash, made_at, ended_at, channel, made_by, used_at)
SELECT id, name, hash, made_at, ended_at, 'HOTLINE_12345', made_by, used_at FROM resident_key;
DROP TABLE resident_key;
CREATE INDEX interface_key_channel ON interface_key (channel, id);
