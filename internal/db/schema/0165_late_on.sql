-- +goose Up

-- 整改期限届满仍未整改的案件，系统记下逾期的那一天；已有案件以整改期限为准
ALTER TABLE supervision_case ADD COLUMN late_on TEXT; -- public
UPDATE supervision_case SET late_on = deadline WHERE late;
CREATE INDEX supervision_case_late_on ON supervision_case (late_on) WHERE late_on IS NOT NULL;
CREATE INDEX credit_current_effective ON credit_current (effective, record) WHERE effective IS NOT NULL;
