-- +goose Up

-- 退回继续办理后再次办结时，上次答复没有解决的人自动列入新的回访名单：这里是上次名单中的那一行
ALTER TABLE deed_served ADD COLUMN again BIGINT; -- internal
