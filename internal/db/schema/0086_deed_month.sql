-- +goose Up

-- data: purpose=区县按月报送并冻结的实事台账合计; basis=“我为群众办实事”实践活动台账制度（月报）; retention=长期
CREATE TABLE deed_month (
	id BIGINT PRIMARY KEY, -- internal
	month TEXT NOT NULL, -- public
	district TEXT NOT NULL, -- public
	matters BIGINT NOT NULL, -- public
	people BIGINT NOT NULL, -- public
	households BIGINT NOT NULL, -- public
	spent BIGINT NOT NULL, -- public
	underway BIGINT NOT NULL, -- public
	late BIGINT NOT NULL, -- public
	suspended BIGINT NOT NULL, -- public
	note TEXT NOT NULL, -- internal
	account BIGINT, -- internal
	at BIGINT NOT NULL -- internal
);
CREATE UNIQUE INDEX deed_month_once ON deed_month (month, district);
-- juli:append-only deed_month

-- data: purpose=外部报表公布的实事合计（与台账合计并列，不覆盖）; basis=“我为群众办实事”实践活动台账制度（月报）; retention=长期
CREATE TABLE deed_reported (
	month TEXT NOT NULL, -- internal
	seq BIGINT NOT NULL, -- internal
	matters BIGINT NOT NULL CHECK (matters >= 0), -- internal
	people BIGINT NOT NULL CHECK (people >= 0), -- internal
	source TEXT NOT NULL, -- internal
	account BIGINT, -- internal
	at BIGINT NOT NULL, -- internal
	PRIMARY KEY (month, seq)
);
-- juli:append-only deed_reported

-- data: purpose=区县月报办件与月份区县的对应; basis=“我为群众办实事”实践活动台账制度（月报）; retention=长期
CREATE TABLE deed_month_case (
	month TEXT NOT NULL, -- internal
	district TEXT NOT NULL, -- internal
	id BIGINT NOT NULL UNIQUE, -- internal
	PRIMARY KEY (month, district)
);
