-- +goose Up

-- 最初承诺的完成期限：恢复办理时经区县同意改期的，最初的期限继续公开
ALTER TABLE deed ADD COLUMN first_deadline TEXT NOT NULL DEFAULT ''; -- public
UPDATE deed SET first_deadline = deadline;
