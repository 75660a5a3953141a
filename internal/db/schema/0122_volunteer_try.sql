-- +goose Up

-- data: purpose=限制一个网络一天内报名和退出的次数（地址只存摘要）; basis=网络安全法第21条; retention=两天
CREATE TABLE volunteer_try (
	key TEXT NOT NULL, -- internal
	slot BIGINT NOT NULL, -- internal
	n BIGINT NOT NULL, -- internal
	PRIMARY KEY (key, slot)
);
