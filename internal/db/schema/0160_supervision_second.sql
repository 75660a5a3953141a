-- +goose Up

-- What waits for a second person, and where a case was handed.
ALTER TABLE supervision_case ADD COLUMN wished TEXT; -- internal
ALTER TABLE supervision_case ADD COLUMN handed_to TEXT NOT NULL DEFAULT ''; -- public
ALTER TABLE supervision_case ADD COLUMN handed_document TEXT NOT NULL DEFAULT ''; -- public

-- An office asked the residents; that is not their own word.
UPDATE supervision_case SET fixed = 'rechecked'
WHERE fixed = 'confirmed' AND NOT EXISTS (
	SELECT 1 FROM casework_step s WHERE s.case_id = supervision_case.id AND s.act = 'agree' AND s.body LIKE 'committee@%');
