package credit

import (
	"reflect"
	"testing"
)

func sampleResult() Result {
	return Result{
		Enterprise: Outcome{
			Subject: Subject{Enterprise, 7}, Scored: true, Score: 91_3500, Grade: "AA", ByScore: "AAA", NextChange: 738_000, Blacklisted: true,
			Sums:       []ClassSum{{"good", 25_0000, 20_0000, 3}},
			Parts:      []Part{{Project: 8, Score: 88_0000, Weight: 120_000_00, Missing: true}},
			Lines:      []Line{{Record: 9, Points: -2_0000, Until: 738_100, Item: 4, Class: 2, Kind: RecordLine, Reason: PartlyCounted, From: Subject{Project, 8}, Path: "items[HRB-N04]"}},
			Restraints: []Restraint{{Item: NoItem, Record: 9, Grade: "C", Set: true, Until: 738_200, Path: "ceilings"}},
			Blacklist:  []Restraint{{Item: 3, Grade: "黑名单"}},
			Measures:   []Measure{{At: 6_0000, Title: "约谈", Basis: "第十条", Months: 12, Path: "ladders"}},
			Signals:    []Signal{{List: "black", Title: "重点监管", Leave: true, Why: "期满", Record: 9, Path: "lists"}},
			Uses:       []UseResult{{Code: "award", Title: "评优", Action: "award", Value: "1", Basis: "", National: "目录", Months: 3, Advice: true, Path: "uses"}},
		},
		Projects: []Outcome{{Subject: Subject{Project, 8}, Status: "not_rated", Why: "没有面积"}},
		Persons:  []Outcome{{Subject: Subject{Manager, 11}, Scored: true, Score: -1}},
	}
}

func TestExplanationComesBackAsItWas(t *testing.T) {
	want := sampleResult()
	got, err := decodeResult(encodeResult(nil, &want))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("decoded %+v, %v\nwant %+v", got, err, want)
	}
}

// FuzzExplanation: a damaged explanation is refused, never misread into a panic.
func FuzzExplanation(f *testing.F) {
	r := sampleResult()
	f.Add(encodeResult(nil, &r))
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := decodeResult(data)
		if err != nil {
			return
		}
		again, err := decodeResult(encodeResult(nil, &got))
		if err != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("what was read does not come back: %v", err)
		}
	})
}
