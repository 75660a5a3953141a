-- +goose Up

-- data: purpose=数据库自身的设置; basis=系统运行; retention=长期
CREATE TABLE meta (
	key TEXT PRIMARY KEY, -- internal
	value TEXT NOT NULL -- internal
);

-- data: purpose=各程序副本的编号租约; basis=系统运行; retention=到期即失效
CREATE TABLE node_lease (
	node BIGINT PRIMARY KEY, -- internal
	holder TEXT NOT NULL, -- internal
	until_ms BIGINT NOT NULL -- internal
);

-- data: purpose=各表被改动的次数，据此判断记在内存里的内容是否仍然有效; basis=系统运行; retention=长期
CREATE TABLE table_change (
	table_name TEXT NOT NULL, -- internal
	shard BIGINT NOT NULL, -- internal
	changes BIGINT NOT NULL, -- internal
	PRIMARY KEY (table_name, shard)
); -- juli:clustered

-- data: purpose=保留期满清理的放行记录; basis=个人信息保护法第19条; retention=清理事务内
CREATE TABLE retention_pass (
	table_name TEXT PRIMARY KEY, -- internal
	reason TEXT NOT NULL -- internal
);
