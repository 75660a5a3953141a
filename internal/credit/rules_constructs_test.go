package credit

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"testing"

	"juli/internal/fault"
)

// defaults are the sections of a small rulebook; a row of a table replaces
// those it is about.
var defaults = map[string]string{
	"kind": "credit", "code": "test", "title": "测试", "city": `"2301"`, "version": `"1"`, "status": "draft", "mark": "assumed",
	"effective": "{from: 2020-01-01}", "basis": "[{title: 测试}]",
	"evidence": "[{code: E1, title: 判决}, {code: E2, title: 处罚决定}]",
	"roles":    "[{code: city, title: 市}, {code: district, title: 区县}, {code: firm, title: 企业}]",
	"statuses": "[{code: not_rated, title: 不予评定}, {code: awaiting, title: 等待报送}, {code: missing, grade: C缺失, title: 缺失}, {code: below, title: 不定级, show_score: true}]",
	"classes":  "[{code: basic, title: 基础, sign: basic}, {code: good, title: 良好, sign: good}, {code: bad, title: 不良, sign: bad}]",
	"subjects": "{enterprise: {base: 100, grades: [{code: A, title: 甲, ge: 90}, {code: B, title: 乙, ge: 60, lt: 90}, {code: C, title: 丙, lt: 60}]}, project: {base: 100}, manager: {base: 100}}",
	"cycle":    "{unit: year, record_date: identified, accrual: rolling}",
	"validity": "{kind: term, term: 1y, from: identified}",
	"items": `
  - {code: G, class: good, subject: enterprise, title: 表扬, points: 5}
  - {code: N, class: bad, subject: enterprise, title: 处罚, points: -10}
  - {code: P, class: bad, subject: project, title: 整改, points: -3}`,
}

var sectionRE = regexp.MustCompile(`(?m)^([a-z_]+):`)

// sections cuts a fragment at its top-level keys.
func sections(fragment string) map[string]string {
	out := map[string]string{}
	at := sectionRE.FindAllStringSubmatchIndex(fragment, -1)
	for i, m := range at {
		end := len(fragment)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		out[fragment[m[2]:m[3]]] = strings.TrimRight(fragment[m[1]:end], "\n\t ")
	}
	return out
}

// small is a rulebook of the defaults with the sections of a fragment.
func small(fragment string) string {
	all := map[string]string{}
	for _, m := range []map[string]string{defaults, sections(fragment)} {
		for k, v := range m {
			all[k] = v
		}
	}
	var keys []string
	for k := range all {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, cmp.Compare)
	var b strings.Builder
	for _, k := range keys {
		b.WriteString(k + ": " + strings.TrimLeft(all[k], " ") + "\n")
	}
	return b.String()
}

func parsed(t testing.TB, fragment string) *Book {
	t.Helper()
	b, err := Parse([]byte(small(fragment)))
	if err != nil {
		t.Fatalf("%v\n%s", err, small(fragment))
	}
	return b
}

// Every construct of domain/credit.md §4 that moves a score or a grade, as a
// small rulebook with worked examples. PC-02, 06, 11, 25, 43, 45–51, 53–55 have
// tests of their own beside this table.
func TestConstructs(t *testing.T) {
	for _, tt := range []struct{ name, book string }{
		{"PC-01 each kind of subject has its own base, items and grades", `
subjects: {enterprise: {base: 50}, project: {base: 80}, manager: {base: 0}, staff: {base: 10}}
items:
  - {code: E, class: good, subject: enterprise, title: 企业项, points: 1}
  - {code: S, class: good, subject: [manager, staff], title: 人员项, points: 2}
examples:
  - {id: e, title: 企业, as_of: 2021-06-30, persons: [{id: M}, {id: S, kind: staff}], records: [{item: E}, {item: S, subject: M}, {item: S, subject: S}], expect: {score: 51}}
  - {id: m, title: 经理, as_of: 2021-06-30, persons: [{id: M}], records: [{item: S, subject: M}], expect: {subject: M, score: 2}}
  - {id: s, title: 人员, as_of: 2021-06-30, persons: [{id: S, kind: staff}], records: [{item: S, subject: S}], expect: {subject: S, score: 12}}
  - {id: p, title: 项目, as_of: 2021-06-30, projects: [{id: P}], expect: {subject: P, score: 80}}
  - {id: x, title: 企业项不记在项目上, as_of: 2021-06-30, projects: [{id: P}], records: [{item: E, subject: P}], expect: {subject: P, score: 80}}`},
		{"PC-02 a branch counts under its head office or is a unit of its own", `
branches: {local_branch: head, outside_branch: own}
examples:
  - {id: head, title: 省内分支机构, as_of: 2021-06-30, enterprise: {form: local_branch}, expect: {status: at_head, no_score: true}}
  - {id: own, title: 省外分支机构, as_of: 2021-06-30, enterprise: {form: outside_branch}, records: [{item: N}], expect: {score: 90}}`},
		{"PC-03 eligibility by the register, with a reason", `
eligibility: [{when: "!registered", status: not_rated, why: 未登记}, {when: "projects == 0", status: not_rated, why: 无项目}]
examples:
  - {id: out, title: 未登记, as_of: 2021-06-30, enterprise: {registered: false}, projects: [{id: P}], expect: {status: not_rated, no_score: true}}
  - {id: none, title: 无项目, as_of: 2021-06-30, expect: {status: not_rated, no_score: true}}
  - {id: in, title: 参评, as_of: 2021-06-30, projects: [{id: P}], expect: {score: 100}}`},
		{"PC-04 status grades without a score, and below the scale", `
subjects: {enterprise: {base: 100, grades: [{code: A, title: 甲, ge: 60}, {status: below, title: 不定级, lt: 60}]}}
eligibility: [{when: "working && !registered", status: missing, why: 应参加而未参加}]
items: [{code: N, class: bad, subject: enterprise, title: 处罚, points: -41}]
examples:
  - {id: missing, title: 缺失, as_of: 2021-06-30, enterprise: {registered: false}, expect: {grade: C缺失, status: missing, no_score: true}}
  - {id: below, title: 不定级但显示得分, as_of: 2021-06-30, records: [{item: N}], expect: {score: 59, status: below}}`},
		{"PC-05 residential projects only", `
project_kinds: [residential]
subjects: {enterprise: {base: 0}, project: {base: 100}}
compose: {method: mean}
examples:
  - {id: f, title: 写字楼不计, as_of: 2021-06-30, projects: [{id: P}, {id: O, kind: office}], records: [{item: P, subject: O}], expect: {score: 100}}
  - {id: o, title: 写字楼不评, as_of: 2021-06-30, projects: [{id: O, kind: office}], expect: {subject: O, status: out_of_scope, no_score: true}}`},
		{"PC-07 the date that places a record: identification in the calendar year", `
cycle: {unit: year, record_date: identified, accrual: reset}
examples:
  - {id: in, title: 上年发生本年认定, as_of: 2021-12-31, records: [{item: N, on: 2021-02-01, event: 2020-12-01}], expect: {score: 90}}
  - {id: late, title: 本年发生次年认定, as_of: 2021-12-31, records: [{item: N, on: 2022-01-05, event: 2021-12-01}], expect: {score: 100}}`},
		{"PC-07 by the day of the event, per item", `
cycle: {unit: year, record_date: identified, accrual: reset}
items: [{code: N, class: bad, subject: enterprise, title: 处罚, points: -10, record_date: event, valid: {kind: period}}]
examples:
  - {id: out, title: 上年发生本年认定, as_of: 2021-12-31, records: [{item: N, on: 2021-02-01, event: 2020-12-01}], expect: {score: 100}}`},
		{"PC-08 reset to the base each period, the history stays", `
cycle: {unit: year, record_date: identified, accrual: reset}
validity: {kind: open}
examples:
  - {id: this, title: 本年, as_of: 2021-12-31, records: [{item: N, on: 2021-01-01}], expect: {score: 90}}
  - {id: last, title: 上年, as_of: 2021-12-31, records: [{item: N, on: 2020-12-31}], expect: {score: 100}}`},
		{"PC-08 rolling validity", `
examples:
  - {id: in, title: 一年内, as_of: 2021-12-31, records: [{item: N, on: 2020-12-31}], expect: {score: 90}}
  - {id: out, title: 过了一年, as_of: 2022-01-01, records: [{item: N, on: 2020-12-31}], expect: {score: 100}}`},
		{"PC-09 uncorrected bad records pass the reset", `
cycle: {unit: year, record_date: identified, accrual: reset, carry_over: {classes: [bad], until: left}}
examples:
  - {id: open, title: 未整改, as_of: 2021-12-31, records: [{item: N, on: 2020-03-01}], expect: {score: 90}}
  - {id: done, title: 已整改, as_of: 2021-12-31, records: [{item: N, on: 2020-03-01, rectified: 2021-05-01}], expect: {score: 100}}
  - {id: good, title: 良好信息不结转, as_of: 2021-12-31, records: [{item: G, on: 2020-03-01}], expect: {score: 100}}
  - {id: left, title: 已撤出项目, as_of: 2021-12-31, projects: [{id: P, held: [{from: 2019-01-01, to: 2021-01-31}]}], records: [{item: P, subject: P, on: 2020-03-01}], expect: {subject: P, score: 100}}
  - {id: stays, title: 仍在服务, as_of: 2021-12-31, projects: [{id: P}], records: [{item: P, subject: P, on: 2020-03-01}], expect: {subject: P, score: 97}}`},
		{"PC-10 in a trial scores are computed, consequences are off", `
cycle: {unit: year, record_date: identified, accrual: rolling, trial: {from: 2021-01-01, to: 2021-06-30}}
items: [{code: V, class: bad, subject: enterprise, title: 否决, points: 0, veto: {grade: C, term: 2y}}]
lists: [{code: black, title: 黑榜, enter: [{items: [V]}]}]
examples:
  - {id: trial, title: 试行期内, as_of: 2021-06-30, records: [{item: V, on: 2021-05-01}], expect: {score: 100, grade: A}}
  - {id: after, title: 试行期后, as_of: 2021-07-01, records: [{item: V, on: 2021-05-01}], expect: {score: 100, grade: C, lists: [black]}}`},
		{"PC-12 the catalogue refuses a document of another type", `
items: [{code: N, class: bad, subject: enterprise, title: 判决, points: -5, evidence: [E1]}]
examples:
  - {id: yes, title: 判决, as_of: 2021-06-30, records: [{item: N, evidence: E1}], expect: {score: 95}}
  - {id: no, title: 处罚决定不是判决, as_of: 2021-06-30, records: [{item: N, evidence: E2}], expect: {score: 100}}`},
		{"PC-13 any base, also 0", `
subjects: {enterprise: {base: 0}}
items: [{code: G, class: good, subject: enterprise, title: 好, points: 0.0001}]
examples: [{id: z, title: 零, as_of: 2021-06-30, records: [{item: G}], expect: {score: 0}}, {id: n, title: 无, as_of: 2021-06-30, expect: {score: 0}}]`},
		{"PC-14 the base is earned from basic items under a cap", `
subjects: {enterprise: {base: 0}}
classes: [{code: basic, title: 基础, sign: basic, cap: 80}, {code: bad, title: 不良, sign: bad}]
items: [{code: B1, class: basic, subject: enterprise, title: 一, points: 50}, {code: B2, class: basic, subject: enterprise, title: 二, points: 34}]
examples: [{id: cap, title: 封顶, as_of: 2021-06-30, records: [{item: B1}, {item: B2}], expect: {score: 80, sums: {basic: 80}}}]`},
		{"PC-15 level table (银川 YC-M02)", `
subjects: {enterprise: {base: 0}}
items:
  - code: M02
    class: good
    subject: enterprise
    title: 刊文
    levels: [{code: nation, title: 国家, points: 20}, {code: region, title: 自治区, points: 15}, {code: city, title: 市, points: 10}, {code: county, title: 县, points: 5}]
examples:
  - {id: add, title: 逐篇累加, as_of: 2021-06-30, records: [{item: M02, level: nation}, {item: M02, level: county}], expect: {score: 25}}
  - {id: none, title: 没有级别不计分, as_of: 2021-06-30, records: [{item: M02}], expect: {score: 0}}`},
		{"PC-16 numeric bands (山西 SX-E03) and completeness ratio", `
subjects: {enterprise: {base: 0}}
facts: {years: {type: points, title: 经营年限, subject: enterprise}, complete: {type: points, title: 资料完整率, subject: enterprise}}
items:
  - {code: E03, class: basic, subject: enterprise, title: 年限, fact: years, bands: [{ge: 5, points: 5}, {ge: 3, lt: 5, points: 4}, {lt: 3, points: 2}]}
  - {code: E01, class: basic, subject: enterprise, title: 完整, fact: complete, ratio: 30}
examples:
  - {id: "5", title: 满五年, as_of: 2021-06-30, enterprise: {facts: {years: 5, complete: 1}}, expect: {score: 35}}
  - {id: "4", title: 不满五年, as_of: 2021-06-30, enterprise: {facts: {years: 4.9999, complete: 0.5}}, expect: {score: 19}}
  - {id: "2", title: 不满三年, as_of: 2021-06-30, enterprise: {facts: {years: 2.9}}, expect: {score: 2}}`},
		{"PC-17 discretion within a range, with a reason (银川 YC-M05)", `
subjects: {enterprise: {base: 0}}
items: [{code: M05, class: good, subject: enterprise, title: 其他, discretion: {min: 1, max: 10, who: [district]}}]
examples:
  - {id: in, title: 范围内, as_of: 2021-06-30, records: [{item: M05, points: 10}], expect: {score: 10}}
  - {id: out, title: 超出, as_of: 2021-06-30, records: [{item: M05, points: 10.5}], expect: {score: 0}}
  - {id: low, title: 不足, as_of: 2021-06-30, records: [{item: M05, points: 0.5}], expect: {score: 0}}
  - {id: silent, title: 无理由, as_of: 2021-06-30, records: [{item: M05, points: 5, reasoned: false}], expect: {score: 0}}`},
		{"PC-18 every project, any project, share of projects (山西 SX-E05)", `
subjects: {enterprise: {base: 0}, project: {base: 0}}
facts: {staffed: {type: bool, title: 持证人员齐备, subject: project}}
items:
  - {code: ALL, class: basic, subject: enterprise, title: 每个, points: 5, fact: staffed, over: all}
  - {code: ANY, class: basic, subject: enterprise, title: 任一, points: 1, fact: staffed, over: any}
  - {code: SHARE, class: basic, subject: enterprise, title: 比例, points: 10, fact: staffed, over: share}
examples:
  - {id: all, title: 全部, as_of: 2021-06-30, projects: [{id: P, facts: {staffed: true}}, {id: Q, facts: {staffed: true}}], expect: {score: 16}}
  - {id: one, title: 一半, as_of: 2021-06-30, projects: [{id: P, facts: {staffed: true}}, {id: Q, facts: {staffed: false}}], expect: {score: 6}}
  - {id: zero, title: 没有项目, as_of: 2021-06-30, expect: {score: 0}}`},
		{"PC-19 the same honour counts once, at its highest level, across items", `
items:
  - {code: H1, class: good, subject: enterprise, title: 省, points: 6, dedup: honour}
  - {code: H2, class: good, subject: enterprise, title: 市, points: 4, dedup: honour}
examples:
  - {id: same, title: 同一荣誉, as_of: 2021-06-30, records: [{item: H2, key: 文明}, {item: H1, key: 文明}, {item: H2, key: 文明}], expect: {score: 106}}
  - {id: two, title: 两种荣誉, as_of: 2021-06-30, records: [{item: H2, key: 文明}, {item: H1, key: 安全}], expect: {score: 110}}`},
		{"PC-20 maximum per period by points and by count; per-event unit", `
cycle: {unit: year, record_date: identified, accrual: rolling, season: {from: "10-20", to: "04-20"}}
items:
  - {code: S, class: bad, subject: enterprise, title: 清雪, points: -1.5, max: {points: 5, per: season}, record_date: event}
  - {code: C, class: good, subject: enterprise, title: 表扬信, points: 0.5, max: {count: 2, per: year}}
  - {code: U, class: bad, subject: enterprise, title: 每件, per_unit: -0.5, max: {points: 5, per: quarter}}
examples:
  - {id: winter, title: 一冬最多五分，第四次部分计入, as_of: 2021-03-31, records: [{item: S, on: 2020-11-01}, {item: S, on: 2020-12-01}, {item: S, on: 2021-01-01}, {item: S, on: 2021-02-01}, {item: S, on: 2021-03-01}], expect: {score: 95}}
  - {id: winters, title: 两个冬天分开算, as_of: 2021-03-31, records: [{item: S, on: 2020-04-10}, {item: S, on: 2020-11-01}], expect: {score: 97}}
  - {id: twice, title: 每年两次, as_of: 2021-03-31, records: [{item: C, on: 2021-01-01}, {item: C, on: 2021-01-02}, {item: C, on: 2021-01-03}, {item: C, on: 2020-12-31}], expect: {score: 101.5}}
  - {id: unit, title: 每件半分, as_of: 2021-03-31, records: [{item: U, on: 2021-01-01, value: 7}, {item: U, on: 2021-01-02}], expect: {score: 96}}
  - {id: full, title: 一季最多五分, as_of: 2021-03-31, records: [{item: U, on: 2021-01-01, value: 12}], expect: {score: 95}}`},
		{"PC-20 of more than may count, the highest do", `
cycle: {unit: year, record_date: identified, accrual: rolling}
items:
  - {code: L, class: good, subject: enterprise, title: 表彰, levels: [{code: low, title: 区, points: 1}, {code: high, title: 市, points: 4}], max: {count: 2, per: year}}
examples:
  - {id: late, title: 后来的更高, as_of: 2021-12-31, records: [{item: L, level: low, on: 2021-01-01}, {item: L, level: low, on: 2021-02-01}, {item: L, level: high, on: 2021-03-01}], expect: {score: 105}}
  - {id: years, title: 各年分开, as_of: 2021-12-31, records: [{item: L, level: high, on: 2021-01-01}, {item: L, level: high, on: 2021-02-01}, {item: L, level: low, on: 2021-03-01}], expect: {score: 108}}`},
		{"PC-20 false material takes back what it brought, for good", `
items:
  - {code: G, class: good, subject: enterprise, title: 表彰, points: 6}
  - {code: M, class: bad, subject: enterprise, title: 处罚, points: -2}
  - {code: F, class: bad, subject: enterprise, title: 虚假材料, points: -10, voids: [good], valid: {kind: term, term: 1m}}
examples:
  - {id: kept, title: 没有指明的照计, as_of: 2021-06-30, records: [{id: g, item: G, on: 2021-05-01}, {item: F, on: 2021-06-15}], expect: {score: 96}}
  - {id: void, title: 指明的作废, as_of: 2021-06-30, records: [{id: g, item: G, on: 2021-05-01}, {item: G, on: 2021-05-02}, {item: F, on: 2021-06-15, order: g}], expect: {score: 96}}
  - {id: after, title: 到期后也不恢复, as_of: 2021-08-30, records: [{id: g, item: G, on: 2021-05-01}, {item: F, on: 2021-06-15, order: g}], expect: {score: 100}}
  - {id: bad, title: 不良信息不因此作废, as_of: 2021-06-30, records: [{id: m, item: M, on: 2021-05-01}, {item: F, on: 2021-06-15, order: m}], expect: {score: 88}}`},
		{"PC-21 repeats: add without limit, once, multiplied", `
subjects: {enterprise: {base: 10}}
items:
  - {code: ADD, class: bad, subject: enterprise, title: 累加, points: -6, repeat: {kind: add}}
  - {code: ONCE, class: bad, subject: enterprise, title: 一次, points: -6, repeat: {kind: once, window: 6m}}
  - {code: MULT, class: bad, subject: enterprise, title: 加倍, points: -2, repeat: {kind: factors, window: 6m, factors: [1, 1.5, 2]}}
examples:
  - {id: add, title: 无下限, as_of: 2021-06-30, records: [{item: ADD, on: 2021-01-01}, {item: ADD, on: 2021-02-01}], expect: {score: -2}}
  - {id: once, title: 半年内一次, as_of: 2021-12-31, records: [{item: ONCE, on: 2021-01-01}, {item: ONCE, on: 2021-07-01}], expect: {score: 4}}
  - {id: again, title: 半年后再计, as_of: 2021-12-31, records: [{item: ONCE, on: 2021-01-01}, {item: ONCE, on: 2021-07-02}], expect: {score: -2}}
  - {id: mult, title: 一倍、一倍半、两倍、两倍, as_of: 2021-12-31, records: [{item: MULT, on: 2021-01-01}, {item: MULT, on: 2021-03-01}, {item: MULT, on: 2021-05-01}, {item: MULT, on: 2021-06-01}], expect: {score: -3}}
  - {id: gap, title: 隔了半年重新算, as_of: 2021-12-31, records: [{item: MULT, on: 2021-01-01}, {item: MULT, on: 2021-09-01}], expect: {score: 6}}`},
		{"PC-22 fires only when the order's day passed unrectified; doubles its order", `
items:
  - {code: O, class: bad, subject: enterprise, title: 责令整改, points: -3}
  - {code: D, class: bad, subject: enterprise, title: 逾期加倍, from_order: 1, orders: [O], overdue: true, valid: {kind: parent}}
  - {code: F, class: bad, subject: enterprise, title: 价格违法未改, points: -18, overdue: true}
examples:
  - {id: last, title: 最后一天还不算逾期, as_of: 2021-03-10, records: [{id: o, item: O, on: 2021-03-01, due: 2021-03-10}, {item: D, order: o}], expect: {score: 97}}
  - {id: over, title: 次日加倍, as_of: 2021-03-11, records: [{id: o, item: O, on: 2021-03-01, due: 2021-03-10}, {item: D, order: o}], expect: {score: 94}}
  - {id: done, title: 按期完成, as_of: 2021-03-11, records: [{id: o, item: O, on: 2021-03-01, due: 2021-03-10, rectified: 2021-03-10}, {item: D, order: o}], expect: {score: 97}}
  - {id: void, title: 原通知被撤销, as_of: 2021-03-11, records: [{id: o, item: O, on: 2021-03-01, due: 2021-03-10, annulled: 2021-03-11}, {item: D, order: o}], expect: {score: 100}}
  - {id: gone, title: 随原记录失效, as_of: 2022-03-02, records: [{id: o, item: O, on: 2021-03-01, due: 2021-03-10}, {item: D, order: o, on: 2021-12-01}], expect: {score: 100}}
  - {id: own, title: 自带期限, as_of: 2021-03-11, records: [{item: F, on: 2021-03-01, due: 2021-03-10}], expect: {score: 82}}
  - {id: mended, title: 自带期限已改, as_of: 2021-03-11, records: [{item: F, on: 2021-03-01, due: 2021-03-10, rectified: 2021-03-09}], expect: {score: 100}}`},
		{"PC-23 derived: project to manager during the term, by ratio; project to enterprise", `
derive: [{from: project, to: manager, sign: bad, share: 0.5}, {from: project, to: enterprise, classes: [bad], share: 0.1}]
examples:
  - {id: m, title: 任期内, as_of: 2021-06-30, projects: [{id: P}], persons: [{id: M, terms: [{project: P, from: 2021-01-01}]}], records: [{item: P, subject: P, on: 2021-02-01}], expect: {subject: M, score: 98.5}}
  - {id: e, title: 企业承担一成, as_of: 2021-06-30, projects: [{id: P}], records: [{item: P, subject: P, on: 2021-02-01}], expect: {score: 99.7}}`},
		{"PC-24 one event scores firm and leader differently (南京 12/8)", `
items: [{code: X, class: bad, subject: enterprise, title: 拒不撤离, points: -12, also: [{subject: manager, points: -8}]}]
examples:
  - {id: firm, title: 企业, as_of: 2021-06-30, persons: [{id: M}], records: [{item: X, person: M}], expect: {score: 88}}
  - {id: leader, title: 负责人, as_of: 2021-06-30, persons: [{id: M}], records: [{item: X, person: M}], expect: {subject: M, score: 92}}`},
		{"PC-24 levels of its own for the other subject", `
items: [{code: X, class: bad, subject: enterprise, title: 处罚, levels: [{code: a, title: 轻, points: -6}, {code: b, title: 重, points: -12}], also: [{subject: manager, levels: [-2, -5]}]}]
examples: [{id: leader, title: 负责人, as_of: 2021-06-30, persons: [{id: M}], records: [{item: X, level: b, person: M}], expect: {subject: M, score: 95}}]`},
		{"PC-26 inputs of other modules", `
facts: {stars: {type: points, title: 业主评分, subject: enterprise, module: resident}}
items: [{code: R, class: good, subject: enterprise, title: 业主评分, fact: stars, bands: [{ge: 4.5, points: 3}, {ge: 4, lt: 4.5, points: 1}]}]
examples:
  - {id: hi, title: 高分, as_of: 2021-06-30, enterprise: {facts: {stars: 4.5}}, expect: {score: 103}}
  - {id: none, title: 未报送不当作零分, as_of: 2021-06-30, expect: {score: 100}}`},
		{"PC-27 the last three trigger an item", `
subjects: {enterprise: {base: 100}, project: {base: 100}}
facts: {month: {type: points, title: 月度得分, subject: project}}
items: [{code: L, class: bad, subject: enterprise, title: 末三名, points: -2, rank: {by: month, of: project, bottom: 3}}]
examples:
  - {id: three, title: 末三名各扣两分, as_of: 2021-06-30, projects: [{id: A, facts: {month: 90}}, {id: B, facts: {month: 80}}, {id: C, facts: {month: 70}}, {id: D, facts: {month: 60}}], expect: {score: 94}}
  - {id: tie, title: 并列者一并计入, as_of: 2021-06-30, projects: [{id: A, facts: {month: 90}}, {id: B, facts: {month: 80}}, {id: C, facts: {month: 80}}, {id: D, facts: {month: 70}}, {id: E, facts: {month: 60}}], expect: {score: 92}}`},
		{"PC-28 caps and floors per class, before summing", `
classes: [{code: good, title: 良好, sign: good, cap: 8}, {code: bad, title: 不良, sign: bad, floor: -15}, {code: basic, title: 基础, sign: basic}]
examples:
  - {id: cap, title: 加分上限, as_of: 2021-06-30, records: [{item: G}, {item: G}], expect: {score: 108, sums: {good: 8}}}
  - {id: floor, title: 扣分下限, as_of: 2021-06-30, records: [{item: N}, {item: N}], expect: {score: 85, sums: {bad: -15}}}`},
		{"PC-29 total clamp", `
subjects: {enterprise: {base: 100, clamp: {min: 0, max: 100}}}
items: [{code: G, class: good, subject: enterprise, title: 好, points: 5}, {code: N, class: bad, subject: enterprise, title: 坏, points: -120}]
examples:
  - {id: max, title: 不超过一百, as_of: 2021-06-30, records: [{item: G}], expect: {score: 100}}
  - {id: min, title: 不低于零, as_of: 2021-06-30, records: [{item: N}], expect: {score: 0}}`},
		{"PC-30 sum of projects", `
subjects: {enterprise: {base: 0}, project: {base: 10}}
compose: {method: sum}
examples: [{id: s, title: 求和, as_of: 2021-06-30, projects: [{id: A}, {id: B}], records: [{item: P, subject: A}], expect: {score: 17}}]`},
		{"PC-30 the lowest project", `
subjects: {enterprise: {base: 0}, project: {base: 10}}
compose: {method: min}
examples: [{id: m, title: 最低, as_of: 2021-06-30, projects: [{id: A}, {id: B}], records: [{item: P, subject: A}], expect: {score: 7}}]`},
		{"PC-30 plain mean; negative scores too", `
subjects: {enterprise: {base: 0}, project: {base: 0}}
compose: {method: mean}
examples: [{id: m, title: 平均, as_of: 2021-06-30, projects: [{id: A}, {id: B}], records: [{item: P, subject: A}], expect: {score: -1.5}}]`},
		{"PC-31 several scorers, each with a share; a missing one", `
facts: {street: {type: points, title: 街道评分, subject: enterprise}, dept: {type: points, title: 部门评分, subject: enterprise}}
subjects: {enterprise: {base: 0}, project: {base: 0}}
blocks: [{code: s, title: 街道, weight: 0.6, input: street, missing: reweight}, {code: d, title: 部门, weight: 0.4, input: dept, missing: reweight}]
examples:
  - {id: both, title: 齐全, as_of: 2021-06-30, enterprise: {facts: {street: 90, dept: 80}}, expect: {score: 86}}
  - {id: one, title: 缺一方，权重分给其余, as_of: 2021-06-30, enterprise: {facts: {street: 90}}, expect: {score: 90}}`},
		{"PC-31 waiting for a scorer, and class blocks", `
facts: {street: {type: points, title: 街道评分, subject: enterprise}}
subjects: {enterprise: {base: 0}, project: {base: 0}}
blocks: [{code: s, title: 街道, weight: 0.6, input: street}, {code: r, title: 记录, weight: 0.4, base: 100, classes: [good, bad], clamp: {min: 0, max: 100}}]
examples:
  - {id: both, title: 齐全, as_of: 2021-06-30, enterprise: {facts: {street: 90}}, records: [{item: N}], expect: {score: 90}}
  - {id: wait, title: 等待, as_of: 2021-06-30, expect: {status: awaiting, no_score: true}}`},
		{"PC-32 clamp before the enterprise's own items", `
subjects: {enterprise: {base: 0, clamp: {max: 100}, order: [projects, clamp, items, caps, round, grade]}, project: {base: 110}}
compose: {method: mean}
examples: [{id: o, title: 先限幅再加企业项, as_of: 2021-06-30, projects: [{id: A}], records: [{item: G}], expect: {score: 105}}]`},
		{"PC-33 rounding after grading keeps the grade of the exact score", `
subjects: {enterprise: {base: 100, round: {places: 0}, order: [base, items, caps, grade, round], grades: [{code: A, title: 甲, ge: 90}, {code: B, title: 乙, lt: 90}]}}
items: [{code: N, class: bad, subject: enterprise, title: 坏, points: -10.5}]
examples: [{id: r, title: 显示 90，按 89.5 定级, as_of: 2021-06-30, records: [{item: N}], expect: {score: 90, grade: B}}]`},
		{"PC-33 rounding before grading", `
subjects: {enterprise: {base: 100, round: {places: 0}, grades: [{code: A, title: 甲, ge: 90}, {code: B, title: 乙, le: 89}]}}
items: [{code: N, class: bad, subject: enterprise, title: 坏, points: -10.5}, {code: M, class: bad, subject: enterprise, title: 坏, points: -10.5001}]
examples:
  - {id: up, title: 四舍五入, as_of: 2021-06-30, records: [{item: N}], expect: {score: 90, grade: A}}
  - {id: down, title: 不足半分, as_of: 2021-06-30, records: [{item: M}], expect: {score: 89, grade: B}}`},
		{"PC-34 a district that hasn't reported flags, where the book says so", `
districts: {required: true, missing: flag}
subjects: {enterprise: {base: 0}, project: {base: 100}}
compose: {method: mean}
examples: [{id: f, title: 按已报送的计算, as_of: 2021-06-30, reporting: {"230102": true, "230103": false}, projects: [{id: A, district: "230102"}, {id: B, district: "230103"}], expect: {score: 100}}]`},
		{"PC-35 a project that moved counts by the days held", `
cycle: {unit: month, record_date: identified, accrual: rolling}
subjects: {enterprise: {base: 0}, project: {base: 100}}
compose: {method: area, moved: time, zero_area: mean}
examples:
  - {id: t, title: 三十天中二十天, as_of: 2021-06-30, projects: [{id: A, area: 300, held: [{from: 2021-01-01, to: 2021-06-10}]}, {id: B, area: 100}], records: [{item: P, subject: A}], expect: {score: 98.5}}
  - {id: zero, title: 面积为零按项目数平均, as_of: 2021-06-30, projects: [{id: A, area: 0}, {id: B, area: 0}], records: [{item: P, subject: A}], expect: {score: 98.5}}`},
		{"PC-35 records stay with whoever held the project then; no project", `
subjects: {enterprise: {base: 0}, project: {base: 100}}
compose: {method: area, records: holder, no_project: not_rated, zero_area: not_rated}
examples:
  - {id: before, title: 接管之前的记录不计, as_of: 2021-06-30, projects: [{id: A, area: 100, held: [{from: 2021-03-01}]}], records: [{item: P, subject: A, on: 2021-02-28}], expect: {score: 100}}
  - {id: after, title: 接管之后的计入, as_of: 2021-06-30, projects: [{id: A, area: 100, held: [{from: 2021-03-01}]}], records: [{item: P, subject: A, on: 2021-03-01}], expect: {score: 97}}
  - {id: none, title: 没有项目, as_of: 2021-06-30, expect: {status: not_rated, no_score: true}}
  - {id: zero, title: 面积为零, as_of: 2021-06-30, projects: [{id: A}], expect: {status: not_rated, no_score: true}}`},
		{"PC-36 bands with bounds in or out", `
subjects: {enterprise: {base: 100, grades: [{code: AAAA, title: 四甲, gt: 90}, {code: E, title: 末, le: 90}]}, project: {base: 0}}
examples:
  - {id: in, title: 九十分不高于九十, as_of: 2021-06-30, records: [{item: N}], expect: {score: 90, grade: E}}
  - {id: out, title: 高于九十, as_of: 2021-06-30, expect: {grade: AAAA}}`},
		{"PC-37 an extra condition on a band", `
subjects: {enterprise: {base: 59, grades: [{code: A, title: 甲, ge: 60}, {code: B, title: 乙, lt: 60, when: count_bad == 0}, {code: C, title: 丙, lt: 60}]}}
items: [{code: Z, class: bad, subject: enterprise, title: 不良, points: 0}]
examples:
  - {id: clean, title: 无不良, as_of: 2021-06-30, expect: {grade: B}}
  - {id: bad, title: 有不良, as_of: 2021-06-30, records: [{item: Z}], expect: {grade: C}}
  - {id: old, title: 不良已失效, as_of: 2021-06-30, records: [{item: Z, on: 2020-01-01}], expect: {grade: B}}`},
		{"PC-39 veto sets or caps the grade for a term, the score goes on", `
items:
  - {code: V, class: bad, subject: enterprise, title: 否决, points: 0, veto: {grade: C, term: 1y}}
  - {code: K, class: bad, subject: enterprise, title: 封顶, points: 0, veto: {grade: B, mode: cap, term: 1y}}
  - {code: N, class: bad, subject: enterprise, title: 处罚, points: -10}
examples:
  - {id: set, title: 定为丙, as_of: 2021-06-30, records: [{item: V, on: 2020-06-30}], expect: {score: 100, by_score: A, grade: C}}
  - {id: over, title: 期满恢复, as_of: 2021-07-01, records: [{item: V, on: 2020-06-30}], expect: {score: 100, grade: A}}
  - {id: cap, title: 不高于乙, as_of: 2021-06-30, records: [{item: K}], expect: {grade: B}}
  - {id: low, title: 本来更低, as_of: 2021-06-30, records: [{item: K}, {item: N}, {item: N}, {item: N}, {item: N}, {item: N}], expect: {score: 50, grade: C}}`},
		{"PC-40 blacklist beside the grade", `
blacklist: {code: 黑, title: 黑名单}
items: [{code: S, class: bad, subject: enterprise, title: 严重失信, points: 0, blacklist: 1y}]
examples:
  - {id: on, title: 在列, as_of: 2021-06-30, records: [{item: S}], expect: {score: 100, grade: A, blacklisted: true}}
  - {id: off, title: 期满, as_of: 2021-06-30, records: [{item: S, on: 2020-06-29}], expect: {grade: A, blacklisted: false}}`},
		{"PC-40 blacklist instead of the grade", `
blacklist: {code: 黑, title: 黑名单, instead: true}
items: [{code: S, class: bad, subject: enterprise, title: 严重失信, points: 0, blacklist: open}]
examples: [{id: on, title: 在列, as_of: 2021-06-30, records: [{item: S, on: 2020-01-01}], expect: {by_score: A, grade: 黑}}, {id: r, title: 已修复, as_of: 2021-06-30, records: [{item: S, on: 2020-01-01, repaired: 2021-06-30}], expect: {grade: A}}]`},
		{"PC-41 not above B while an order is open, or while an item counts", `
items:
  - {code: O, class: bad, subject: enterprise, title: 责令整改, points: -1}
  - {code: T, class: bad, subject: enterprise, title: 特定, points: -1}
ceilings: [{not_above: B, when: unrectified > 0, why: 有未完成的整改}, {not_above: C, items: [T], why: 特定情形}]
examples:
  - {id: open, title: 未改, as_of: 2021-06-30, records: [{item: O, due: 2021-07-30}], expect: {score: 99, by_score: A, grade: B}}
  - {id: done, title: 已改, as_of: 2021-06-30, records: [{item: O, due: 2021-07-30, rectified: 2021-06-30}], expect: {grade: A}}
  - {id: item, title: 特定, as_of: 2021-06-30, records: [{item: T}], expect: {grade: C}}`},
		{"PC-42 new entrants: default grade, provisional", `
newcomer: {observe: 12m, grade: B}
examples:
  - {id: new, title: 观察期内, as_of: 2021-06-30, enterprise: {since: 2020-07-01}, expect: {score: 100, by_score: A, grade: B, provisional: true}}
  - {id: old, title: 期满, as_of: 2021-07-01, enterprise: {since: 2020-07-01}, expect: {grade: A, provisional: false}}`},
		{"PC-42 new entrants: a status", `
newcomer: {observe: 12m, status: not_rated}
examples: [{id: new, title: 观察期内, as_of: 2021-06-30, enterprise: {since: 2021-01-01}, expect: {status: not_rated, no_score: true}}]`},
		{"PC-44 validity: document, rectified, next assessment, season, period, open", `
subjects: {enterprise: {base: 0}}
cycle: {unit: quarter, record_date: identified, accrual: rolling, season: {from: "10-20", to: "04-20"}}
facts: {last_survey: {type: date, title: 调查日, subject: enterprise}}
items:
  - {code: DOC, class: good, subject: enterprise, title: 随文件, points: 1, valid: {kind: document, term: 1y}}
  - {code: REC, class: bad, subject: enterprise, title: 至整改, points: -1, valid: {kind: until_rectified}}
  - {code: NEXT, class: bad, subject: enterprise, title: 至下次, points: -10, valid: {kind: until_next}}
  - {code: SURV, class: good, subject: enterprise, title: 至调查, points: 3, valid: {kind: until_next, next: last_survey}}
  - {code: SEA, class: bad, subject: enterprise, title: 一冬, points: -1, valid: {kind: season}}
  - {code: PER, class: bad, subject: enterprise, title: 本期, points: -1, valid: {kind: period}}
  - {code: OPEN, class: bad, subject: enterprise, title: 长期, points: -1, valid: {kind: open}}
  - {code: EVT, class: bad, subject: enterprise, title: 自发生日, points: -1, valid: {kind: term, term: 1m, from: event}}
examples:
  - {id: doc, title: 文件两年, as_of: 2021-06-30, records: [{item: DOC, on: 2019-07-01, expires: 2021-06-30}], expect: {score: 1}}
  - {id: doc2, title: 文件未注明，一年, as_of: 2021-06-30, records: [{item: DOC, on: 2020-06-29}], expect: {score: 0}}
  - {id: rec, title: 未整改, as_of: 2021-06-30, records: [{item: REC, on: 2010-01-01}], expect: {score: -1}}
  - {id: rec2, title: 整改当天起不计, as_of: 2021-06-30, records: [{item: REC, on: 2010-01-01, rectified: 2021-06-30}], expect: {score: 0}}
  - {id: next, title: 只计最近一次, as_of: 2021-06-30, records: [{item: NEXT, on: 2021-01-01}, {item: NEXT, on: 2021-05-01}], expect: {score: -10}}
  - {id: surv, title: 新的调查之后不计, as_of: 2021-06-30, enterprise: {facts: {last_survey: 2021-05-02}}, records: [{item: SURV, on: 2021-05-01}], expect: {score: 0}}
  - {id: surv2, title: 就是这次调查, as_of: 2021-06-30, enterprise: {facts: {last_survey: 2021-05-01}}, records: [{item: SURV, on: 2021-05-01}], expect: {score: 3}}
  - {id: sea, title: 冬天结束, as_of: 2021-04-20, records: [{item: SEA, on: 2020-12-01}], expect: {score: -1}}
  - {id: sea2, title: 冬天结束次日, as_of: 2021-04-21, records: [{item: SEA, on: 2020-12-01}], expect: {score: 0}}
  - {id: per, title: 本季, as_of: 2021-06-30, records: [{item: PER, on: 2021-04-01}], expect: {score: -1}}
  - {id: per2, title: 上季, as_of: 2021-06-30, records: [{item: PER, on: 2021-03-31}], expect: {score: 0}}
  - {id: open, title: 长期, as_of: 2021-06-30, records: [{item: OPEN, on: 2001-01-01}], expect: {score: -1}}
  - {id: evt, title: 自发生日起一个月, as_of: 2021-06-30, records: [{item: EVT, on: 2021-06-29, event: 2021-05-29}], expect: {score: 0}}`},
		{"PC-47 an objection suspends where the book says so", `
objection: {suspends: true}
examples: [{id: s, title: 异议中, as_of: 2021-06-30, records: [{item: N, contested: true}], expect: {score: 100}}]`},
		{"PC-47 and doesn't where it doesn't", `
examples: [{id: s, title: 异议中, as_of: 2021-06-30, records: [{item: N, contested: true}], expect: {score: 90}}]`},
		{"PC-48 repair stops the counting", `
repair: {rectified: true, effect: stop}
examples:
  - {id: before, title: 修复前, as_of: 2021-05-31, records: [{item: N, on: 2021-01-01, repaired: 2021-06-01}], expect: {score: 90}}
  - {id: after, title: 修复后, as_of: 2021-06-01, records: [{item: N, on: 2021-01-01, repaired: 2021-06-01}], expect: {score: 100}}`},
		{"PC-48 repair reduces", `
repair: {effect: reduce, share: 0.4}
examples: [{id: after, title: 留四成, as_of: 2021-06-01, records: [{item: N, on: 2021-01-01, repaired: 2021-06-01}], expect: {score: 96}}]`},
		{"PC-48 repair removes, also from earlier days", `
repair: {effect: remove}
examples: [{id: before, title: 修复前的日子也不计, as_of: 2021-05-31, records: [{item: N, on: 2021-01-01, repaired: 2021-06-01}], expect: {score: 100}}]`},
		{"PC-49 an annulled basis voids the record from the start", `
examples:
  - {id: void, title: 之前的日子重算也不计, as_of: 2021-05-31, records: [{item: N, on: 2021-01-01, annulled: 2021-09-01}], expect: {score: 100}}
  - {id: then, title: 按当时所知计入, as_of: 2021-05-31, known: 2021-05-31, records: [{item: N, on: 2021-01-01, annulled: 2021-09-01}], expect: {score: 90}}`},
		{"PC-52 lists by grade, by consecutive periods, by event", `
lists:
  - {code: red, title: 红榜, enter: [{grades: [A]}]}
  - {code: two, title: 连续两期, enter: [{grades: [C], periods: 2}]}
  - {code: event, title: 事件, enter: [{items: [X]}, {when: "score < points(\"10\")"}]}
items: [{code: X, class: bad, subject: enterprise, title: 事件, points: -50}]
examples:
  - {id: red, title: 甲级, as_of: 2021-06-30, expect: {grade: A, lists: [red]}}
  - {id: two, title: 上期也是丙, as_of: 2021-06-30, past: [{grade: C}], records: [{item: X}], expect: {grade: C, lists: [two, event]}}
  - {id: one, title: 上期是乙, as_of: 2021-06-30, past: [{grade: B}, {grade: C}], records: [{item: X}], expect: {grade: C, lists: [event]}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range RunExamples(parsed(t, tt.book)) {
				if !r.OK {
					t.Errorf("%s %s\nwant %s\ngot  %s\n%s", r.ID, r.Title, r.Expected, r.Got, strings.Join(r.Trace, "\n"))
				}
			}
		})
	}
}

// The loader refuses what a regulation can't mean, in Chinese.
func TestLoaderRefuses(t *testing.T) {
	for _, tt := range []struct{ name, book, want string }{
		{"PC-36 a hole between bands (trap 2: 中山 119.5)", "subjects: {enterprise: {base: 100, grades: [{code: A, title: 甲, ge: 120}, {code: B, title: 乙, le: 119}]}}", "之间有空档：119.01 至 119.99"},
		{"PC-36 overlap", "subjects: {enterprise: {base: 100, grades: [{code: A, title: 甲, ge: 90}, {code: B, title: 乙, le: 90}]}}", "在 90 处重叠"},
		{"PC-36 nothing below", "subjects: {enterprise: {base: 100, grades: [{code: A, title: 甲, ge: 90}]}}", "最低一档以下没有等级"},
		{"PC-36 nothing above", "subjects: {enterprise: {base: 100, grades: [{code: A, title: 甲, lt: 90}]}}", "最高一档以上没有等级"},
		{"PC-36 wrong way round", "subjects: {enterprise: {base: 100, grades: [{code: B, title: 乙, lt: 90}, {code: A, title: 甲, ge: 90}]}}", "等级要从高到低排列"},
		{"PC-37 a condition that never gets its turn", "subjects: {enterprise: {base: 100, grades: [{code: A, title: 甲, ge: 90}, {code: C, title: 丙, lt: 90}, {code: B, title: 乙, lt: 60, when: count_bad == 0}]}}", "永远轮不到"},
		{"PC-12 sign against class", "items: [{code: N, class: bad, subject: enterprise, title: 坏, points: 3}]", "正负与类别“不良”不符"},
		{"PC-12 code twice", "items: [{code: N, class: bad, subject: enterprise, title: 坏, points: -3}, {code: N, class: bad, subject: enterprise, title: 坏, points: -3}]", "项目代码“N”重复"},
		{"PC-12 two forms of points", "items: [{code: N, class: bad, subject: enterprise, title: 坏, points: -3, ratio: -2}]", "分值应写成下列之一"},
		{"PC-01 no rule for the subject", "items: [{code: N, class: bad, subject: staff, title: 坏, points: -3}]", "subjects 中没有 staff"},
		{"PC-08 real time can't reset", "cycle: {unit: real_time, record_date: event, accrual: reset}", "实时评价没有周期"},
		{"PC-16 overlapping bands", "items: [{code: N, class: good, subject: enterprise, title: 好, bands: [{ge: 1, points: 1}, {ge: 2, points: 2}]}]", "计分区间与前面的区间重叠"},
		{"PC-31 weights", "facts: {s: {type: points, title: 分, subject: enterprise}}\nblocks: [{code: a, title: 甲, weight: 0.5, input: s}]", "权重之和是 0.5，应为 1"},
		{"PC-32 an impossible order", "subjects: {enterprise: {base: 1, order: [caps, items, grade]}}", "运算次序不对"},
		{"PC-45 steps out of order", "procedures: [{code: p, title: 程序, steps: [{step: identify}, {step: propose}]}]", "步骤的次序应为"},
		{"PC-45 unknown role", "procedures: [{code: p, title: 程序, steps: [{step: identify, roles: [king]}]}]", "没有声明的角色“king”"},
		{"unknown grade", "ceilings: [{not_above: Z, when: unrectified > 0, why: 无}]", "没有等级“Z”"},
		{"unknown name in a condition", "ceilings: [{not_above: B, when: unrectifed > 0, why: 无}]", "不认识的名称“unrectifed”"},
		{"unknown key", "items: [{code: N, class: bad, subject: enterprise, title: 坏, points: -3, pionts: 2}]", "不认识的键“pionts”"},
		{"PC-22 unknown order item", "items: [{code: D, class: bad, subject: enterprise, title: 坏, from_order: 1, orders: [X]}]", "没有项目“X”"},
		{"a working-day validity", "validity: {kind: term, term: 5wd}", "应为日（d）、月（m）或年（y）"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse([]byte(small(tt.book)))
			if !fault.Is(err, "rulebook.invalid") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Parse = %v\nwant %s", err, tt.want)
			}
		})
	}
}
