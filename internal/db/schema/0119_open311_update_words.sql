-- +goose Up

-- 开放接口客户端补充说明的原文：只还给提交它的密钥，加密保存，随联系方式一起清除；以前的没有单独留存
ALTER TABLE open311_update ADD COLUMN said_sealed BYTEA; -- sensitive
ALTER TABLE open311_update ADD COLUMN said_at BIGINT; -- internal
CREATE INDEX open311_update_said ON open311_update (client, said_at, id);
