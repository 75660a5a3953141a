package city

import (
	"math/rand/v2"
)

// A happening is one kind of event of the story: how often it happens, whom it
// befalls, and what proves it.
type happening struct {
	item   string
	levels []string
	weight int
	good   bool   // befalls the diligent
	months string // "winter": only from November to March
	proof  string // of the rulebook's evidence types
	issuer string
	text   string
}

// happenings are what a city's two years are made of. The weights are invented
// and only make a believable mixture.
var happenings = []happening{
	{item: "HRB-N04", weight: 60, proof: "HLJ-N3", issuer: "区住建局", text: "检查发现公共部位堆放杂物、保洁不到位，责令限期整改"},
	{item: "HRB-N05", weight: 70, proof: "HLJ-N3", issuer: "街道办事处", text: "居民反映单元门损坏长期未修，责令限期整改"},
	{item: "HRB-N09", weight: 34, proof: "OTHER", issuer: "街道办事处", text: "消防通道被占用，未及时清理"},
	{item: "HRB-N10", weight: 12, proof: "OTHER", issuer: "区住建局", text: "电梯检验过期仍在使用"},
	{item: "HRB-N11", weight: 120, months: "winter", proof: "OTHER", issuer: "社区居民委员会", text: "降雪后未在规定时间内清除小区道路积雪"},
	{item: "HRB-N13", levels: []string{"unpublished", "diverted"}, weight: 14, proof: "OTHER", issuer: "业主委员会", text: "上年度公共收益没有公布"},
	{item: "HRB-N14", weight: 5, proof: "OTHER", issuer: "街道办事处", text: "以停水方式催缴物业费"},
	{item: "HRB-N01", weight: 8, proof: "HLJ-N1", issuer: "人民法院", text: "生效判决认定物业服务存在过错"},
	{item: "HRB-N02", levels: []string{"ordinary", "heavy"}, weight: 8, proof: "HLJ-N2", issuer: "区住建局", text: "未按规定移交资料，给予行政处罚"},
	{item: "HRB-N03", weight: 10, proof: "HLJ-N2", issuer: "消防救援机构", text: "消防设施未保持完好有效，给予行政处罚"},
	{item: "HRB-N07", weight: 6, proof: "HLJ-N4", issuer: "市物业管理协会", text: "违反行业自律公约，通报批评"},
	{item: "HRB-B04", weight: 30, proof: "OTHER", issuer: "社区居民委员会", text: "公示栏没有收费标准和服务等级"},
	{item: "HRB-B05", weight: 20, proof: "OTHER", issuer: "街道办事处", text: "没有建立共用设施设备台账"},
	{item: "HRB-V02", weight: 1, proof: "HLJ-N2", issuer: "市住建局", text: "经查实挪用住宅专项维修资金"},
	{item: "HRB-V01", weight: 1, proof: "OTHER", issuer: "区住建局", text: "合同终止后拒不移交物业用房和资料"},
	{item: "HRB-G03", weight: 16, good: true, proof: "OTHER", issuer: "市人民政府", text: "获评市级先进单位"},
	{item: "HRB-G04", weight: 34, good: true, proof: "OTHER", issuer: "区人民政府", text: "获评区级先进单位"},
	{item: "HRB-G02", weight: 5, good: true, proof: "OTHER", issuer: "省人民政府", text: "获评省级先进单位"},
	{item: "HRB-G01", weight: 1, good: true, proof: "OTHER", issuer: "全国评选表彰机构", text: "获得全国表彰"},
	{item: "HRB-G05", levels: []string{"city", "province"}, weight: 22, good: true, proof: "OTHER", issuer: "市住建局", text: "命名为示范项目"},
	{item: "HRB-G06", weight: 12, good: true, proof: "OTHER", issuer: "街道办事处", text: "应街道要求接管弃管小区"},
	{item: "HRB-G07", weight: 26, good: true, proof: "OTHER", issuer: "街道办事处", text: "暴雨抢险中处置得力，书面表扬"},
	{item: "HRB-G08", weight: 30, good: true, months: "winter", proof: "OTHER", issuer: "街道办事处", text: "供热保障工作受到书面肯定"},
	{item: "HRB-G09", weight: 14, good: true, proof: "OTHER", issuer: "街道办事处", text: "成立党支部并开展活动"},
	{item: "HRB-G11", weight: 40, good: true, proof: "OTHER", issuer: "业主委员会", text: "业主送来锦旗，业委会确认"},
	{item: "HRB-G12", levels: []string{"city", "province"}, weight: 4, good: true, proof: "OTHER", issuer: "市物业管理协会", text: "报送的服务标准被采用"},
}

func draw(r *rand.Rand, winter bool) happening {
	total := 0
	for _, h := range happenings {
		if winter || h.months == "" {
			total += h.weight
		}
	}
	at := r.IntN(total)
	for _, h := range happenings {
		if !winter && h.months != "" {
			continue
		}
		if at -= h.weight; at < 0 {
			return h
		}
	}
	return happenings[0]
}
