-- +goose Up

-- 一个账号一天反映几件（规则册的 daily）按此计数
CREATE INDEX resident_voice_account ON resident_voice (account, joined_on) WHERE account IS NOT NULL;
