-- +goose Up

-- data: purpose=行业监管整改案件; basis=物业管理条例、黑龙江省住宅物业管理条例; retention=归档后长期
CREATE TABLE supervision_case (
	id BIGINT PRIMARY KEY, -- internal
	no TEXT NOT NULL, -- public
	book TEXT NOT NULL, -- public
	channel TEXT NOT NULL, -- internal
	project TEXT NOT NULL, -- public
	project_id BIGINT NOT NULL, -- internal
	enterprise TEXT NOT NULL, -- public
	division TEXT NOT NULL, -- public
	district TEXT NOT NULL, -- public
	street TEXT NOT NULL, -- public
	violation TEXT NOT NULL, -- public
	severity TEXT NOT NULL, -- public
	facts TEXT NOT NULL, -- internal
	spot TEXT NOT NULL, -- internal
	found_on TEXT NOT NULL, -- public
	registered_on TEXT NOT NULL, -- public
	body TEXT NOT NULL, -- internal
	state TEXT NOT NULL, -- public
	due TEXT NOT NULL, -- public
	reply_due TEXT, -- public
	replied TEXT, -- internal
	verified TEXT, -- public
	order_no TEXT NOT NULL, -- public
	ordered_on TEXT, -- public
	deadline TEXT, -- public
	class TEXT NOT NULL, -- public
	extended BOOLEAN NOT NULL, -- public
	reopened BIGINT NOT NULL, -- public
	late BOOLEAN NOT NULL, -- public
	fixed TEXT NOT NULL CHECK (fixed IN ('', 'rechecked', 'confirmed')), -- public
	closed_on TEXT, -- public
	into_case BIGINT, -- internal
	changed_at BIGINT NOT NULL -- internal
);
CREATE UNIQUE INDEX supervision_case_no ON supervision_case (no);
CREATE INDEX supervision_case_district ON supervision_case (district, id);
CREATE INDEX supervision_case_street ON supervision_case (street, id);
CREATE INDEX supervision_case_division ON supervision_case (division, id);
CREATE INDEX supervision_case_state ON supervision_case (state, id);
CREATE INDEX supervision_case_district_state ON supervision_case (district, state, id);
CREATE INDEX supervision_case_street_state ON supervision_case (street, state, id);
CREATE INDEX supervision_case_channel ON supervision_case (channel, id);
CREATE INDEX supervision_case_violation ON supervision_case (violation, id);
CREATE INDEX supervision_case_late ON supervision_case (id) WHERE late;
CREATE INDEX supervision_case_enterprise ON supervision_case (enterprise, id);
CREATE INDEX supervision_case_project ON supervision_case (project, id);
CREATE INDEX supervision_case_due ON supervision_case (due, id);
CREATE INDEX supervision_case_into ON supervision_case (into_case) WHERE into_case IS NOT NULL;

-- data: purpose=案件的各个来源（同一问题的多次反映）; basis=信访工作条例; retention=随案件
CREATE TABLE supervision_source (
	case_id BIGINT NOT NULL, -- internal
	n BIGINT NOT NULL, -- internal
	channel TEXT NOT NULL, -- internal
	ref TEXT NOT NULL, -- internal
	facts TEXT NOT NULL, -- internal
	spot TEXT NOT NULL, -- internal
	found_on TEXT NOT NULL, -- internal
	added_at BIGINT NOT NULL, -- internal
	added_by BIGINT, -- internal
	PRIMARY KEY (case_id, n)
);
CREATE INDEX supervision_source_ref ON supervision_source (ref) WHERE ref <> '';
-- juli:append-only supervision_source

-- data: purpose=案件的照片和文书; basis=物业管理条例; retention=随案件
CREATE TABLE supervision_file (
	case_id BIGINT NOT NULL, -- internal
	file BIGINT NOT NULL, -- internal
	purpose TEXT NOT NULL CHECK (purpose IN ('before', 'after', 'reply', 'minutes', 'recheck')), -- internal
	sha256 TEXT NOT NULL, -- internal
	spot TEXT NOT NULL, -- internal
	added_at BIGINT NOT NULL, -- internal
	added_by BIGINT, -- internal
	PRIMARY KEY (case_id, file)
);
CREATE INDEX supervision_file_digest ON supervision_file (sha256, case_id);
-- juli:append-only supervision_file

-- data: purpose=案件的处置措施; basis=物业管理条例、住宅项目物业服务退出工作规则; retention=长期
CREATE TABLE supervision_measure (
	id BIGINT PRIMARY KEY, -- internal
	case_id BIGINT NOT NULL, -- internal
	kind TEXT NOT NULL, -- public
	project TEXT NOT NULL, -- public
	enterprise TEXT NOT NULL, -- public
	district TEXT NOT NULL, -- public
	violation TEXT NOT NULL, -- public
	basis TEXT NOT NULL, -- public
	reason TEXT NOT NULL, -- internal
	body TEXT NOT NULL, -- internal
	state TEXT NOT NULL, -- public
	number TEXT NOT NULL, -- public
	record BIGINT, -- internal
	decided_on TEXT, -- public
	done_on TEXT, -- public
	outcome TEXT NOT NULL, -- internal
	listed_from TEXT, -- public
	listed_to TEXT, -- public
	document TEXT NOT NULL, -- internal
	changed_at BIGINT NOT NULL -- internal
);
CREATE INDEX supervision_measure_case ON supervision_measure (case_id, id);
CREATE INDEX supervision_measure_project ON supervision_measure (project, violation, id);
CREATE INDEX supervision_measure_enterprise ON supervision_measure (enterprise, kind, id);
CREATE INDEX supervision_measure_district ON supervision_measure (district, kind, id);
CREATE INDEX supervision_measure_record ON supervision_measure (record) WHERE record IS NOT NULL;
