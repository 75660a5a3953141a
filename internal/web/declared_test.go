package web

import (
	"slices"
	"testing"
)

func TestAFormThatCameTooLateIsToldInTheWordsOfItsFields(t *testing.T) {
	fields := func(channels, persons []Option) []Field {
		return []Field{
			{Name: "version", Kind: Carried},
			{Name: "late_channel", Label: "来源", Kind: Select, Options: channels},
			{Name: "late_facts", Label: "事实", Kind: Long},
			{Name: "late_person", Label: "责任人员", Kind: Select, Options: persons},
			{Name: "late_agree", Label: "已核对", Kind: Check},
		}
	}
	NewForm(fields(nil, nil)...)
	NewForm(fields([]Option{{Value: "SELF_FOUND", Text: "自行发现"}}, []Option{{Value: "32V4E3HTW0007", Text: "张三"}})...)
	got := retold([][2]string{
		{"late_agree", "1"}, {"late_channel", "SELF_FOUND"}, {"late_facts", "门坏了"}, {"late_person", "32V4E3HTW0007"}, {onceField, "K"}, {"version", "3"},
	})
	want := [][2]string{{"已核对", "是"}, {"来源", "自行发现"}, {"事实", "门坏了"}, {"责任人员", "已选择"}}
	if !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	got = retold([][2]string{{"nobody_asks", "HELP"}, {"nobody_asked", "门坏了三天"}, {"nobody_counts", "17"}})
	if !slices.Equal(got, [][2]string{{"您填写的内容", "门坏了三天"}}) {
		t.Errorf("an unknown form is told as %v", got)
	}
}
