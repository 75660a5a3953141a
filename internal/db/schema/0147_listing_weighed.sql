-- +goose Up

-- data: purpose=对企业列榜申辩的处理（采纳或不采纳及理由），与条目一并公布; basis=政府信息公开条例、物业服务企业信用评价办法; retention=长期
CREATE TABLE listing_weighed (
	entry BIGINT PRIMARY KEY REFERENCES listing_entry (id), -- public
	adopted BOOLEAN NOT NULL, -- public
	reason TEXT NOT NULL, -- public
	account BIGINT, -- internal
	at BIGINT NOT NULL -- public
);
