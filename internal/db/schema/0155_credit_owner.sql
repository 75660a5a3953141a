-- +goose Up

-- data: purpose=信用信息所来自的监管案件（整改以案件复查为准，不能单独撤回）; basis=物业管理条例; retention=随信用信息
CREATE TABLE credit_owner (
	record BIGINT PRIMARY KEY REFERENCES credit_record (id), -- internal
	case_no TEXT NOT NULL -- public
);
INSERT INTO credit_owner (record, case_no)
SELECT m.record, MIN(c.no) FROM supervision_measure m JOIN supervision_case c ON c.id = m.case_id
WHERE m.record IS NOT NULL GROUP BY m.record;
-- juli:append-only credit_owner
