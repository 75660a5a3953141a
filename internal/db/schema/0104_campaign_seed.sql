-- +goose Up

-- 约定的种子：哪一天公布、有几位数字；由一人登记，另一人再次输入后抽取
ALTER TABLE campaign ADD COLUMN seed_on TEXT; -- public
ALTER TABLE campaign ADD COLUMN seed_digits BIGINT NOT NULL DEFAULT 0; -- public
ALTER TABLE campaign ADD COLUMN seed_noted TEXT NOT NULL DEFAULT ''; -- internal
