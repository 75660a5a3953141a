-- +goose Up

-- data: purpose=公布前隐去的申辩中的个人信息（只记位置和类别，不另存原文）; basis=个人信息保护法第六条、政府信息公开条例第十五条; retention=长期
CREATE TABLE listing_withheld (
	word BIGINT NOT NULL REFERENCES listing_word (id), -- internal
	start_at BIGINT NOT NULL, -- public
	length BIGINT NOT NULL CHECK (length > 0), -- public
	why TEXT NOT NULL CHECK (why IN ('NAME', 'HOME', 'CONTACT', 'FAMILY', 'OTHER')), -- public
	account BIGINT, -- internal
	at BIGINT NOT NULL, -- internal
	PRIMARY KEY (word, start_at)
);
