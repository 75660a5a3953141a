-- +goose Up

-- An invitation notes whom it is meant for; the person's own entry is written when
-- the person joins and gives the number, and then the note goes.
-- data: purpose=邀请时登记的身份证号，激活时核对; basis=网络安全法第24条; retention=激活即删除
CREATE TABLE identity_noted (
	account_id BIGINT PRIMARY KEY REFERENCES identity_account (id), -- internal
	number_sealed BYTEA NOT NULL, -- sensitive
	number_blind BYTEA NOT NULL -- sensitive
);
CREATE INDEX identity_noted_number ON identity_noted (number_blind);

-- Anybody may ask in an enterprise's name, so one undecided request keeps nobody
-- else from asking; how many stand is bounded by address and by enterprise.
DROP INDEX identity_request_one;
ALTER TABLE identity_request ADD COLUMN asked_from TEXT NOT NULL DEFAULT ''; -- pi
CREATE INDEX identity_request_uscc ON identity_request (uscc, state, id);
CREATE INDEX identity_challenge_account ON identity_challenge (account_id);
