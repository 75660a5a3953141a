-- +goose Up

-- 按12345工单编号查找诉求：来源编号的开头
CREATE INDEX resident_report_ref ON resident_report (source_ref, id) WHERE source_ref <> '';
