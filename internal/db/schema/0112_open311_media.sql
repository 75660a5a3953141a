-- +goose Up

-- 开放接口客户端补充说明时所附的照片网址：不写入居民的诉求内容，加密保存，随联系方式一起清除
ALTER TABLE open311_update ADD COLUMN media_sealed BYTEA; -- sensitive
