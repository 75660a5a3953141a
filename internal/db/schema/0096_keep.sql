-- +goose Up

-- 到期清除个人信息：诉求办结后先清除联系方式，再清除内容；期限见诉求规则册的 keep
ALTER TABLE resident_report ADD COLUMN kept TEXT NOT NULL DEFAULT 'all' CHECK (kept IN ('all', 'words', 'none')); -- internal
CREATE INDEX resident_report_kept ON resident_report (kept, closed_on, id) WHERE closed_on IS NOT NULL;

-- 退出三年后清除志愿者的姓名和电话，只留工时
ALTER TABLE volunteer ADD COLUMN erased_on TEXT; -- internal
CREATE INDEX volunteer_left ON volunteer (left_on, id) WHERE left_on IS NOT NULL AND erased_on IS NULL;
CREATE INDEX volunteer_signup_at ON volunteer_signup (at, call, volunteer);
