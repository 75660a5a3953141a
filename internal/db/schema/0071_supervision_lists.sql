-- +goose Up

CREATE INDEX supervision_case_district_late ON supervision_case (district, id) WHERE late;
CREATE INDEX supervision_case_street_late ON supervision_case (street, id) WHERE late;
CREATE INDEX supervision_case_verified ON supervision_case (id) WHERE verified IS NOT NULL;
CREATE INDEX casework_case_count ON casework_case (holder, machine, due) WHERE holder <> '';
