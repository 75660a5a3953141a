-- +goose Up

-- data: purpose=自然人身份核验与岗位不相容控制; basis=网络安全法第24条、个人信息保护法第13条; retention=最后一个账号停用后三年
CREATE TABLE identity_person (
	id BIGINT PRIMARY KEY, -- internal
	display TEXT NOT NULL, -- internal
	name_sealed BYTEA, -- pi
	number_sealed BYTEA, -- sensitive
	number_blind BYTEA, -- sensitive
	phone_sealed BYTEA, -- pi
	created_at BIGINT NOT NULL -- internal
);
CREATE UNIQUE INDEX identity_person_number ON identity_person (number_blind) WHERE number_blind IS NOT NULL;

-- data: purpose=账号与登录凭据; basis=网络安全法第21条、GB/T 22239-2019; retention=停用后三年，登录名永不再用
CREATE TABLE identity_account (
	id BIGINT PRIMARY KEY, -- internal
	person_id BIGINT NOT NULL REFERENCES identity_person (id), -- internal
	login TEXT NOT NULL UNIQUE, -- internal
	state TEXT NOT NULL CHECK (state IN ('invited', 'active', 'suspended')), -- internal
	reason TEXT NOT NULL DEFAULT '', -- internal
	password TEXT NOT NULL DEFAULT '', -- sensitive
	password_real BIGINT NOT NULL DEFAULT 0, -- internal
	second_sealed BYTEA, -- sensitive
	second_step BIGINT NOT NULL DEFAULT 0, -- internal
	seen_real BIGINT NOT NULL DEFAULT 0, -- internal
	created_at BIGINT NOT NULL, -- internal
	created_by BIGINT, -- internal
	changed_at BIGINT NOT NULL -- internal
);
CREATE INDEX identity_account_person ON identity_account (person_id, id);
CREATE INDEX identity_account_seen ON identity_account (state, seen_real);

-- data: purpose=授权及其经办与批准; basis=GB/T 22239-2019; retention=授权结束后三年
CREATE TABLE identity_grant (
	id BIGINT PRIMARY KEY, -- internal
	account_id BIGINT NOT NULL REFERENCES identity_account (id), -- internal
	person_id BIGINT NOT NULL REFERENCES identity_person (id), -- internal
	role TEXT NOT NULL, -- internal
	division TEXT NOT NULL, -- internal
	enterprise TEXT NOT NULL, -- internal
	project TEXT NOT NULL, -- internal
	manager BOOLEAN NOT NULL, -- internal
	official BOOLEAN NOT NULL, -- internal
	admin BOOLEAN NOT NULL CHECK (admin = (role IN ('sysadmin', 'secadmin', 'auditadmin'))), -- internal
	deputy_of BIGINT REFERENCES identity_grant (id), -- internal
	valid_from TEXT NOT NULL, -- internal
	valid_to TEXT NOT NULL CHECK (valid_to >= valid_from), -- internal
	state TEXT NOT NULL CHECK (state IN ('proposed', 'active', 'refused', 'ended')), -- internal
	proposed_by BIGINT, -- internal
	proposed_at BIGINT NOT NULL, -- internal
	decided_by BIGINT CHECK (decided_by <> proposed_by AND decided_by <> person_id), -- internal
	decided_at BIGINT NOT NULL DEFAULT 0, -- internal
	ended_by BIGINT, -- internal
	ended_at BIGINT NOT NULL DEFAULT 0, -- internal
	reason TEXT NOT NULL DEFAULT '', -- internal
	CHECK (NOT official OR state <> 'active' OR proposed_by IS NULL OR decided_by IS NOT NULL OR deputy_of IS NOT NULL)
);
CREATE INDEX identity_grant_account ON identity_grant (account_id, state);
CREATE INDEX identity_grant_person ON identity_grant (person_id, state);
CREATE INDEX identity_grant_state ON identity_grant (state, id);
CREATE INDEX identity_grant_body ON identity_grant (division, role, state, id);
CREATE INDEX identity_grant_enterprise ON identity_grant (enterprise, state, id) WHERE enterprise <> '';
CREATE INDEX identity_grant_project ON identity_grant (project, state, id) WHERE project <> '';
-- 三权分立: one seat of an administrator for each natural person (AZ-4).
CREATE UNIQUE INDEX identity_grant_seat ON identity_grant (person_id) WHERE admin AND state IN ('proposed', 'active');

-- data: purpose=登录会话; basis=GB/T 22239-2019; retention=结束后半年
CREATE TABLE identity_session (
	id BIGINT PRIMARY KEY, -- internal
	account_id BIGINT NOT NULL REFERENCES identity_account (id), -- internal
	token_hash BYTEA NOT NULL UNIQUE, -- sensitive
	second BOOLEAN NOT NULL, -- internal
	staff BOOLEAN NOT NULL, -- internal
	created_real BIGINT NOT NULL, -- internal
	seen_real BIGINT NOT NULL, -- internal
	idle_ms BIGINT NOT NULL, -- internal
	ends_real BIGINT NOT NULL, -- internal
	second_real BIGINT NOT NULL, -- internal
	addr TEXT NOT NULL, -- pi
	agent TEXT NOT NULL, -- pi
	ended_real BIGINT NOT NULL DEFAULT 0, -- internal
	ended_why TEXT NOT NULL DEFAULT '' -- internal
);
CREATE INDEX identity_session_account ON identity_session (account_id, ended_real, id);

-- data: purpose=本人常用设备，防止他人恶意锁定账号; basis=GB/T 22239-2019; retention=一年未用即失效
CREATE TABLE identity_device (
	id BIGINT PRIMARY KEY, -- internal
	account_id BIGINT NOT NULL REFERENCES identity_account (id), -- internal
	token_hash BYTEA NOT NULL UNIQUE, -- sensitive
	agent TEXT NOT NULL, -- pi
	seen_real BIGINT NOT NULL -- internal
);
CREATE INDEX identity_device_account ON identity_device (account_id, id);

-- data: purpose=登录和激活的中间步骤; basis=GB/T 22239-2019; retention=一天
CREATE TABLE identity_challenge (
	id BIGINT PRIMARY KEY, -- internal
	token_hash BYTEA NOT NULL UNIQUE, -- sensitive
	account_id BIGINT NOT NULL REFERENCES identity_account (id), -- internal
	purpose TEXT NOT NULL, -- internal
	device_id BIGINT, -- internal
	invitation_id BIGINT, -- internal
	pending BYTEA, -- sensitive
	tries BIGINT NOT NULL DEFAULT 0, -- internal
	ends_real BIGINT NOT NULL -- internal
);
CREATE INDEX identity_challenge_ends ON identity_challenge (ends_real);

-- data: purpose=限制口令猜测; basis=GB/T 22239-2019; retention=一天
CREATE TABLE identity_try (
	key TEXT NOT NULL, -- internal
	slot BIGINT NOT NULL, -- internal
	n BIGINT NOT NULL, -- internal
	PRIMARY KEY (key, slot)
);
CREATE INDEX identity_try_slot ON identity_try (slot);

-- data: purpose=邀请和找回账号的一次性代码; basis=GB/T 22239-2019; retention=失效后一年
CREATE TABLE identity_invitation (
	id BIGINT PRIMARY KEY, -- internal
	account_id BIGINT NOT NULL REFERENCES identity_account (id), -- internal
	code_hash BYTEA NOT NULL UNIQUE, -- sensitive
	purpose TEXT NOT NULL CHECK (purpose IN ('join', 'recover')), -- internal
	opens_real BIGINT NOT NULL, -- internal
	ends_real BIGINT NOT NULL, -- internal
	used_real BIGINT NOT NULL DEFAULT 0, -- internal
	made_by BIGINT, -- internal
	made_at BIGINT NOT NULL -- internal
);
CREATE INDEX identity_invitation_account ON identity_invitation (account_id, used_real, id);

-- data: purpose=找回账号的受理与批准; basis=GB/T 22239-2019; retention=三年
CREATE TABLE identity_recovery (
	id BIGINT PRIMARY KEY, -- internal
	account_id BIGINT NOT NULL REFERENCES identity_account (id), -- internal
	state TEXT NOT NULL CHECK (state IN ('proposed', 'approved', 'refused', 'cancelled', 'done')), -- internal
	reason TEXT NOT NULL, -- internal
	proposed_by BIGINT, -- internal
	proposed_at BIGINT NOT NULL, -- internal
	opens_real BIGINT NOT NULL, -- internal
	decided_by BIGINT CHECK (decided_by <> proposed_by), -- internal
	decided_at BIGINT NOT NULL DEFAULT 0, -- internal
	invitation_id BIGINT REFERENCES identity_invitation (id) -- internal
);
CREATE INDEX identity_recovery_state ON identity_recovery (state, id);
CREATE UNIQUE INDEX identity_recovery_one ON identity_recovery (account_id) WHERE state IN ('proposed', 'approved');

-- data: purpose=企业账号的申请与确认; basis=物业管理条例; retention=三年
CREATE TABLE identity_request (
	id BIGINT PRIMARY KEY, -- internal
	uscc TEXT NOT NULL, -- public
	name TEXT NOT NULL, -- public
	division TEXT NOT NULL, -- public
	legal_sealed BYTEA NOT NULL, -- pi
	contact_sealed BYTEA NOT NULL, -- pi
	proof_id BIGINT NOT NULL, -- internal
	state TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'refused')), -- internal
	asked_at BIGINT NOT NULL, -- internal
	decided_by BIGINT, -- internal
	decided_at BIGINT NOT NULL DEFAULT 0, -- internal
	reason TEXT NOT NULL DEFAULT '', -- internal
	account_id BIGINT REFERENCES identity_account (id) -- internal
);
CREATE UNIQUE INDEX identity_request_one ON identity_request (uscc) WHERE state = 'open';
CREATE INDEX identity_request_state ON identity_request (state, division, id);

-- data: purpose=离任人员事项的移交; basis=机关内部管理; retention=三年
CREATE TABLE identity_handover (
	id BIGINT PRIMARY KEY, -- internal
	from_account BIGINT NOT NULL REFERENCES identity_account (id), -- internal
	to_account BIGINT NOT NULL REFERENCES identity_account (id), -- internal
	reason TEXT NOT NULL, -- internal
	by_person BIGINT, -- internal
	at BIGINT NOT NULL, -- internal
	CHECK (from_account <> to_account)
);
CREATE INDEX identity_handover_from ON identity_handover (from_account, id);
-- juli:append-only identity_handover
