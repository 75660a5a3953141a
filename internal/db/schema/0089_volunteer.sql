-- +goose Up

-- data: purpose=社区志愿者名册; basis=志愿服务条例、本人同意（个人信息保护法第13条）; retention=退出后三年，之后只留工时
CREATE TABLE volunteer (
	id BIGINT PRIMARY KEY, -- internal
	division TEXT NOT NULL, -- internal
	shown TEXT NOT NULL, -- pi
	name_sealed BYTEA NOT NULL, -- pi
	phone_sealed BYTEA NOT NULL, -- pi
	phone_blind BYTEA NOT NULL, -- sensitive
	skills TEXT NOT NULL, -- internal
	open BOOLEAN NOT NULL, -- internal
	source TEXT NOT NULL CHECK (source IN ('SELF', 'COMMUNITY')), -- internal
	consent_on TEXT NOT NULL, -- internal
	joined_on TEXT, -- internal
	left_on TEXT, -- internal
	person BIGINT, -- internal
	state TEXT NOT NULL, -- internal
	minutes BIGINT NOT NULL CHECK (minutes >= 0), -- internal
	changed_at BIGINT NOT NULL -- internal
);
CREATE UNIQUE INDEX volunteer_phone ON volunteer (division, phone_blind) WHERE state IN ('applied', 'active');
CREATE INDEX volunteer_division ON volunteer (division, id);
CREATE INDEX volunteer_state ON volunteer (state, id);
CREATE INDEX volunteer_minutes ON volunteer (state, minutes, id);

-- data: purpose=志愿服务招募; basis=志愿服务条例; retention=长期
CREATE TABLE volunteer_call (
	id BIGINT PRIMARY KEY, -- public
	division TEXT NOT NULL, -- public
	title TEXT NOT NULL, -- public
	task TEXT NOT NULL, -- public
	place TEXT NOT NULL, -- public
	on_day TEXT NOT NULL, -- public
	at_time TEXT NOT NULL, -- public
	minutes BIGINT NOT NULL CHECK (minutes > 0), -- public
	places BIGINT NOT NULL CHECK (places > 0), -- public
	signed BIGINT NOT NULL, -- public
	people BIGINT NOT NULL, -- public
	total BIGINT NOT NULL, -- public
	state TEXT NOT NULL, -- public
	code_blind BYTEA NOT NULL UNIQUE, -- sensitive
	changed_at BIGINT NOT NULL, -- internal
	CHECK (signed BETWEEN 0 AND places)
);
CREATE INDEX volunteer_call_day ON volunteer_call (on_day, id);
CREATE INDEX volunteer_call_division ON volunteer_call (division, on_day, id);
CREATE INDEX volunteer_call_state ON volunteer_call (state, on_day, id);

-- data: purpose=志愿者报名和到场; basis=志愿服务条例; retention=三年
CREATE TABLE volunteer_signup (
	call BIGINT NOT NULL REFERENCES volunteer_call (id), -- internal
	volunteer BIGINT NOT NULL REFERENCES volunteer (id), -- internal
	minutes BIGINT, -- internal
	at BIGINT NOT NULL, -- internal
	PRIMARY KEY (call, volunteer)
);
CREATE INDEX volunteer_signup_volunteer ON volunteer_signup (volunteer, call);

-- data: purpose=经服务对象一方确认的志愿服务时长; basis=志愿服务条例第19条; retention=长期
CREATE TABLE volunteer_hour (
	call BIGINT NOT NULL REFERENCES volunteer_call (id), -- internal
	volunteer BIGINT NOT NULL REFERENCES volunteer (id), -- internal
	division TEXT NOT NULL, -- public
	on_day TEXT NOT NULL, -- public
	minutes BIGINT NOT NULL CHECK (minutes > 0), -- public
	confirmed TEXT NOT NULL CHECK (confirmed IN ('COMMUNITY', 'SERVED')), -- public
	account BIGINT, -- internal
	confirmed_on TEXT NOT NULL, -- public
	PRIMARY KEY (call, volunteer)
);
CREATE INDEX volunteer_hour_volunteer ON volunteer_hour (volunteer, call);
CREATE INDEX volunteer_hour_day ON volunteer_hour (confirmed_on, division);
-- juli:append-only volunteer_hour
