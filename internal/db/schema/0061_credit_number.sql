-- +goose Up

-- A record is found by the number of its notice (告知文号).
CREATE INDEX credit_current_number ON credit_current (number) WHERE number <> '';
