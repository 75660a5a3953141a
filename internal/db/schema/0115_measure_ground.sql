-- +goose Up
-- A supervised exit names on which of the nine grounds of 住宅项目物业服务退出工作规则 it stands.
ALTER TABLE supervision_measure ADD COLUMN ground TEXT NOT NULL DEFAULT ''; -- public
