-- +goose Up

-- 居民的评价按作出评价的季度各存一行：三率只数这里的行，季度结束后不再变动，两次读数之差说不出哪位居民的评价（PI-3）
-- data: purpose=每位居民每季度最后一次回访评价，用于统计解决率和满意率; basis=信访工作条例、个人信息保护法第73条（匿名统计）; retention=长期，反映人信息清除后不能识别个人
CREATE TABLE resident_rating (
	voice BIGINT NOT NULL REFERENCES resident_voice (id), -- internal
	quarter TEXT NOT NULL, -- public
	division TEXT NOT NULL, -- public
	enterprise TEXT NOT NULL, -- public
	solved BIGINT NOT NULL CHECK (solved IN (1, 2)), -- public
	satisfied BIGINT NOT NULL CHECK (satisfied IN (1, 2)), -- public
	PRIMARY KEY (voice, quarter)
);
CREATE INDEX resident_rating_division ON resident_rating (quarter, division);
CREATE INDEX resident_rating_enterprise ON resident_rating (quarter, enterprise);

INSERT INTO resident_rating (voice, quarter, division, enterprise, solved, satisfied)
SELECT id, substr(rated_on, 1, 4) || 'Q' || CAST((CAST(substr(rated_on, 6, 2) AS BIGINT) + 2) / 3 AS TEXT), division, enterprise, solved, satisfied
FROM resident_voice WHERE solved <> 0 AND rated_on IS NOT NULL;
