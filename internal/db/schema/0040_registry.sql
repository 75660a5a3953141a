-- +goose Up

-- data: purpose=行政区划（统计用区划代码，含有效期）; basis=统计用区划代码和城乡划分代码编制规则; retention=长期
CREATE TABLE division (
	code TEXT PRIMARY KEY, -- public
	name TEXT NOT NULL, -- public
	kind TEXT NOT NULL, -- public
	parent TEXT, -- public
	valid_from TEXT NOT NULL, -- public
	valid_to TEXT -- public
);
CREATE INDEX division_parent ON division (parent, code);

-- data: purpose=物业服务企业登记; basis=物业管理条例、企业信息公示暂行条例; retention=企业退出后长期
CREATE TABLE enterprise (
	uscc TEXT NOT NULL, -- public
	id BIGINT NOT NULL, -- internal
	version BIGINT NOT NULL, -- internal
	kind TEXT NOT NULL CHECK (kind IN ('LOCAL', 'BRANCH', 'OUTSIDE_BRANCH')), -- public
	name TEXT NOT NULL, -- public
	pinyin TEXT NOT NULL, -- public
	head TEXT NOT NULL, -- public
	legal_sealed BYTEA, -- sensitive
	division TEXT NOT NULL, -- public
	address TEXT NOT NULL, -- public
	phone_sealed BYTEA, -- sensitive
	founded TEXT, -- public
	capital_fen BIGINT NOT NULL, -- public
	staff BIGINT NOT NULL, -- public
	party_members BIGINT NOT NULL, -- internal
	state TEXT NOT NULL CHECK (state IN ('ACTIVE', 'SUSPENDED', 'LEFT')), -- public
	entered TEXT NOT NULL, -- public
	left_on TEXT, -- public
	changed_at BIGINT NOT NULL, -- internal
	changed_by BIGINT, -- internal
	source TEXT NOT NULL, -- internal
	reason TEXT NOT NULL, -- internal
	projects BIGINT NOT NULL, -- public
	managed_area BIGINT NOT NULL, -- public
	PRIMARY KEY (uscc)
);
CREATE UNIQUE INDEX enterprise_id ON enterprise (id);
CREATE INDEX enterprise_division ON enterprise (division, uscc);
CREATE INDEX enterprise_pinyin ON enterprise (pinyin, uscc);
CREATE INDEX enterprise_projects ON enterprise (projects, uscc);
CREATE INDEX enterprise_area ON enterprise (managed_area, uscc);

-- data: purpose=企业登记的历次内容; basis=物业管理条例; retention=长期
CREATE TABLE enterprise_version (
	uscc TEXT NOT NULL, -- public
	id BIGINT NOT NULL, -- internal
	version BIGINT NOT NULL, -- internal
	kind TEXT NOT NULL, -- public
	name TEXT NOT NULL, -- public
	pinyin TEXT NOT NULL, -- public
	head TEXT NOT NULL, -- public
	legal_sealed BYTEA, -- sensitive
	division TEXT NOT NULL, -- public
	address TEXT NOT NULL, -- public
	phone_sealed BYTEA, -- sensitive
	founded TEXT, -- public
	capital_fen BIGINT NOT NULL, -- public
	staff BIGINT NOT NULL, -- public
	party_members BIGINT NOT NULL, -- internal
	state TEXT NOT NULL, -- public
	entered TEXT NOT NULL, -- public
	left_on TEXT, -- public
	changed_at BIGINT NOT NULL, -- internal
	changed_by BIGINT, -- internal
	source TEXT NOT NULL, -- internal
	reason TEXT NOT NULL, -- internal
	projects BIGINT NOT NULL, -- public
	managed_area BIGINT NOT NULL, -- public
	PRIMARY KEY (uscc, version)
);
-- juli:append-only enterprise_version

-- data: purpose=批量导入的暂存行（导入事务内）; basis=系统运行; retention=事务内
CREATE TABLE enterprise_stage (
	uscc TEXT NOT NULL, -- public
	id BIGINT NOT NULL, -- internal
	version BIGINT NOT NULL, -- internal
	kind TEXT NOT NULL, -- public
	name TEXT NOT NULL, -- public
	pinyin TEXT NOT NULL, -- public
	head TEXT NOT NULL, -- public
	legal_sealed BYTEA, -- sensitive
	division TEXT NOT NULL, -- public
	address TEXT NOT NULL, -- public
	phone_sealed BYTEA, -- sensitive
	founded TEXT, -- public
	capital_fen BIGINT NOT NULL, -- public
	staff BIGINT NOT NULL, -- public
	party_members BIGINT NOT NULL, -- internal
	state TEXT NOT NULL, -- public
	entered TEXT NOT NULL, -- public
	left_on TEXT, -- public
	changed_at BIGINT NOT NULL, -- internal
	changed_by BIGINT, -- internal
	source TEXT NOT NULL, -- internal
	reason TEXT NOT NULL, -- internal
	projects BIGINT NOT NULL, -- public
	managed_area BIGINT NOT NULL, -- public
	PRIMARY KEY (uscc)
);

-- data: purpose=物业服务项目登记; basis=哈尔滨市物业服务企业信用评价管理办法（基础信息）; retention=长期
CREATE TABLE project (
	code TEXT NOT NULL, -- public
	id BIGINT NOT NULL, -- internal
	version BIGINT NOT NULL, -- internal
	name TEXT NOT NULL, -- public
	pinyin TEXT NOT NULL, -- public
	division TEXT NOT NULL, -- public
	address TEXT NOT NULL, -- public
	boundary TEXT NOT NULL, -- public
	kind TEXT NOT NULL CHECK (kind IN ('', 'RESIDENTIAL', 'COMMERCIAL', 'OFFICE', 'MIXED', 'OTHER')), -- public
	built BIGINT NOT NULL, -- public
	area BIGINT NOT NULL CHECK (area >= 0), -- public
	households BIGINT NOT NULL, -- public
	buildings BIGINT NOT NULL, -- public
	green_area BIGINT NOT NULL, -- public
	lifts BIGINT NOT NULL, -- public
	pumps BIGINT NOT NULL, -- public
	parking_above BIGINT NOT NULL, -- public
	parking_below BIGINT NOT NULL, -- public
	heat_supplier TEXT NOT NULL, -- public
	enclosure TEXT NOT NULL CHECK (enclosure IN ('', 'OPEN', 'CLOSED')), -- public
	renovated BOOLEAN NOT NULL, -- public
	facilities TEXT NOT NULL, -- public
	enterprise TEXT REFERENCES enterprise (uscc), -- public
	contract_party TEXT NOT NULL, -- public
	contract_kind TEXT NOT NULL CHECK (contract_kind IN ('', 'PRESTAGE', 'OWNERS', 'INTERIM')), -- public
	contract_from TEXT, -- public
	contract_to TEXT, -- public
	filing_number TEXT NOT NULL, -- public
	filing_date TEXT, -- public
	service_level BIGINT NOT NULL, -- public
	fee BIGINT NOT NULL, -- public
	state TEXT NOT NULL CHECK (state IN ('ACTIVE', 'SUSPENDED', 'LEFT')), -- public
	entered TEXT NOT NULL, -- public
	left_on TEXT, -- public
	changed_at BIGINT NOT NULL, -- internal
	changed_by BIGINT, -- internal
	source TEXT NOT NULL, -- internal
	reason TEXT NOT NULL, -- internal
	PRIMARY KEY (code)
);
CREATE UNIQUE INDEX project_id ON project (id);
CREATE INDEX project_division ON project (division, code);
CREATE INDEX project_pinyin ON project (pinyin, code);
CREATE INDEX project_area ON project (area, code);
CREATE INDEX project_enterprise ON project (enterprise, code);

-- data: purpose=项目登记的历次内容; basis=物业管理条例; retention=长期
CREATE TABLE project_version (
	code TEXT NOT NULL, -- public
	id BIGINT NOT NULL, -- internal
	version BIGINT NOT NULL, -- internal
	name TEXT NOT NULL, -- public
	pinyin TEXT NOT NULL, -- public
	division TEXT NOT NULL, -- public
	address TEXT NOT NULL, -- public
	boundary TEXT NOT NULL, -- public
	kind TEXT NOT NULL, -- public
	built BIGINT NOT NULL, -- public
	area BIGINT NOT NULL, -- public
	households BIGINT NOT NULL, -- public
	buildings BIGINT NOT NULL, -- public
	green_area BIGINT NOT NULL, -- public
	lifts BIGINT NOT NULL, -- public
	pumps BIGINT NOT NULL, -- public
	parking_above BIGINT NOT NULL, -- public
	parking_below BIGINT NOT NULL, -- public
	heat_supplier TEXT NOT NULL, -- public
	enclosure TEXT NOT NULL, -- public
	renovated BOOLEAN NOT NULL, -- public
	facilities TEXT NOT NULL, -- public
	enterprise TEXT, -- public
	contract_party TEXT NOT NULL, -- public
	contract_kind TEXT NOT NULL, -- public
	contract_from TEXT, -- public
	contract_to TEXT, -- public
	filing_number TEXT NOT NULL, -- public
	filing_date TEXT, -- public
	service_level BIGINT NOT NULL, -- public
	fee BIGINT NOT NULL, -- public
	state TEXT NOT NULL, -- public
	entered TEXT NOT NULL, -- public
	left_on TEXT, -- public
	changed_at BIGINT NOT NULL, -- internal
	changed_by BIGINT, -- internal
	source TEXT NOT NULL, -- internal
	reason TEXT NOT NULL, -- internal
	PRIMARY KEY (code, version)
);
-- juli:append-only project_version

-- data: purpose=批量导入的暂存行（导入事务内）; basis=系统运行; retention=事务内
CREATE TABLE project_stage (
	code TEXT NOT NULL, -- public
	id BIGINT NOT NULL, -- internal
	version BIGINT NOT NULL, -- internal
	name TEXT NOT NULL, -- public
	pinyin TEXT NOT NULL, -- public
	division TEXT NOT NULL, -- public
	address TEXT NOT NULL, -- public
	boundary TEXT NOT NULL, -- public
	kind TEXT NOT NULL, -- public
	built BIGINT NOT NULL, -- public
	area BIGINT NOT NULL, -- public
	households BIGINT NOT NULL, -- public
	buildings BIGINT NOT NULL, -- public
	green_area BIGINT NOT NULL, -- public
	lifts BIGINT NOT NULL, -- public
	pumps BIGINT NOT NULL, -- public
	parking_above BIGINT NOT NULL, -- public
	parking_below BIGINT NOT NULL, -- public
	heat_supplier TEXT NOT NULL, -- public
	enclosure TEXT NOT NULL, -- public
	renovated BOOLEAN NOT NULL, -- public
	facilities TEXT NOT NULL, -- public
	enterprise TEXT, -- public
	contract_party TEXT NOT NULL, -- public
	contract_kind TEXT NOT NULL, -- public
	contract_from TEXT, -- public
	contract_to TEXT, -- public
	filing_number TEXT NOT NULL, -- public
	filing_date TEXT, -- public
	service_level BIGINT NOT NULL, -- public
	fee BIGINT NOT NULL, -- public
	state TEXT NOT NULL, -- public
	entered TEXT NOT NULL, -- public
	left_on TEXT, -- public
	changed_at BIGINT NOT NULL, -- internal
	changed_by BIGINT, -- internal
	source TEXT NOT NULL, -- internal
	reason TEXT NOT NULL, -- internal
	PRIMARY KEY (code)
);

-- data: purpose=各社区最后分配的项目顺序号; basis=项目编码规则; retention=长期
CREATE TABLE project_serial (
	division TEXT PRIMARY KEY, -- internal
	last BIGINT NOT NULL -- internal
);

-- data: purpose=项目由哪家企业服务及起止; basis=物业服务企业信用评价（按管理期间计分）; retention=长期
CREATE TABLE project_holding (
	id BIGINT PRIMARY KEY, -- internal
	project TEXT NOT NULL, -- public
	enterprise TEXT NOT NULL, -- public
	held_from TEXT NOT NULL, -- public
	held_to TEXT -- public
);
CREATE INDEX project_holding_project ON project_holding (project, held_from);
CREATE INDEX project_holding_enterprise ON project_holding (enterprise, held_from);

-- data: purpose=项目内的楼栋; basis=物业管理条例; retention=长期
CREATE TABLE building (
	project TEXT NOT NULL REFERENCES project (code), -- public
	number BIGINT NOT NULL CHECK (number BETWEEN 1 AND 999), -- public
	name TEXT NOT NULL, -- public
	storeys BIGINT NOT NULL, -- public
	entrances BIGINT NOT NULL, -- public
	households BIGINT NOT NULL, -- public
	lifts BIGINT NOT NULL, -- public
	structure TEXT NOT NULL, -- public
	built BIGINT NOT NULL, -- public
	area BIGINT NOT NULL, -- public
	national_code TEXT NOT NULL, -- public
	PRIMARY KEY (project, number)
);

-- data: purpose=项目负责人与从业人员身份; basis=物业服务企业信用评价（项目经理负责制）、个人信息保护法第13条; retention=离任后五年
CREATE TABLE staff_person (
	id BIGINT PRIMARY KEY, -- internal
	name TEXT NOT NULL, -- pi
	identity_sealed BYTEA NOT NULL, -- sensitive
	identity_blind BYTEA NOT NULL, -- sensitive
	phone_sealed BYTEA -- sensitive
);
CREATE UNIQUE INDEX staff_person_identity ON staff_person (identity_blind);

-- data: purpose=从业人员任职及起止; basis=物业服务企业信用评价（项目经理负责制）; retention=离任后五年
CREATE TABLE staff (
	id BIGINT PRIMARY KEY, -- internal
	person BIGINT NOT NULL REFERENCES staff_person (id), -- pi
	enterprise TEXT NOT NULL REFERENCES enterprise (uscc), -- public
	project TEXT NOT NULL, -- public
	post TEXT NOT NULL CHECK (post IN ('MANAGER', 'DEPUTY', 'ENGINEER', 'SECURITY', 'CLEANING', 'GREENERY', 'SERVICE', 'OTHER')), -- public
	certificate_sealed BYTEA, -- sensitive
	served_from TEXT NOT NULL, -- public
	served_to TEXT, -- public
	changed_at BIGINT NOT NULL, -- internal
	changed_by BIGINT -- internal
);
CREATE UNIQUE INDEX staff_key ON staff (person, enterprise, project, post, served_from);
CREATE INDEX staff_project ON staff (project, post, served_from);
CREATE INDEX staff_served ON staff (served_to, project);
CREATE INDEX staff_enterprise ON staff (enterprise, id);

-- data: purpose=任职变更前的内容; basis=物业管理条例; retention=离任后五年
CREATE TABLE staff_version (
	id BIGINT NOT NULL, -- internal
	certificate_sealed BYTEA, -- sensitive
	served_to TEXT, -- public
	changed_at BIGINT NOT NULL, -- internal
	changed_by BIGINT, -- internal
	PRIMARY KEY (id, changed_at)
);
-- juli:append-only staff_version

-- data: purpose=企业备案申报及区级核对; basis=物业管理条例、黑龙江省住宅物业管理条例; retention=长期
CREATE TABLE registry_filing (
	id BIGINT PRIMARY KEY, -- internal
	subject TEXT NOT NULL CHECK (subject IN ('ENTERPRISE', 'PROJECT')), -- internal
	code TEXT NOT NULL, -- internal
	title TEXT NOT NULL, -- internal
	enterprise TEXT NOT NULL, -- internal
	division TEXT NOT NULL, -- internal
	base_version BIGINT NOT NULL, -- internal
	content_sealed BYTEA NOT NULL, -- sensitive
	reason TEXT NOT NULL, -- internal
	state TEXT NOT NULL, -- internal
	changed_at BIGINT NOT NULL -- internal
);
CREATE INDEX registry_filing_enterprise ON registry_filing (enterprise, id);
CREATE INDEX registry_filing_code ON registry_filing (subject, code, state, id);
