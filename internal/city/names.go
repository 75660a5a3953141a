package city

import (
	"fmt"
	"math/rand/v2"
)

// The syllables of invented names. Pairs of rare characters make names that
// sound like firms and estates without being those of real ones.
var (
	brandFirst  = []rune("霁筠栎棠楹砚澜屿檀禾岚璟瑭沅湉汀杉榆桦椴枫栀芷蘅荞蔚苑菀璞珩琛珂昱晗曦煦朗穆")
	brandSecond = []rune("禾屿庭澜川原岭湾泽溪筑居宸邑陌岸畔阡里集序衡恒远致和润泰祺谨笃")
	estateKinds = []string{"家园", "雅苑", "小区", "花园", "新城", "华府", "名邸", "嘉园", "佳苑", "公馆", "丽景", "庭院"}
	officeKinds = []string{"商务大厦", "商业广场", "中心", "科技园", "写字楼"}
	surnames    = []rune("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕")
	givenFirst  = []rune("立明晓春秋文志国建秀玉海宏丽淑桂佳思雨子嘉英鹏")
	givenSecond = []rune("轩华梅兰平军强芳敏静洁宇辰博涛磊霞燕峰荣生刚勇")
	roads       = []string{"东直", "西大直", "中山", "学府", "和兴", "红旗", "文昌", "长江", "松花江", "果戈里", "友谊", "建国", "新阳", "通达", "康安", "公滨", "香滨", "哈平", "民生", "三合"}
	heating     = []string{"城北热力一分公司", "城西供热站", "江南集中供热", "松滨热源厂", "东部热电联产"}
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// namer gives every name once.
type namer struct {
	r    *rand.Rand
	used map[string]bool
}

func (n *namer) unique(make func() string) string {
	for {
		name := make()
		if !n.used[name] {
			n.used[name] = true
			return name
		}
	}
}

func (n *namer) brand() string {
	return string([]rune{pick(n.r, brandFirst), pick(n.r, brandSecond)})
}

func (n *namer) enterprise(outside bool) string {
	return n.unique(func() string {
		if outside {
			return n.brand() + pick(n.r, []string{"物业服务集团有限公司", "城市服务股份有限公司", "物业管理有限公司"}) + "哈尔滨分公司"
		}
		return "哈尔滨" + n.brand() + pick(n.r, []string{"物业服务有限公司", "物业管理有限公司", "物业服务有限责任公司", "物业有限公司"})
	})
}

func (n *namer) project(residential bool) string {
	return n.unique(func() string {
		if residential {
			return n.brand() + pick(n.r, estateKinds)
		}
		return n.brand() + pick(n.r, officeKinds)
	})
}

func (n *namer) person() string {
	name := []rune{pick(n.r, surnames), pick(n.r, givenFirst)}
	if n.r.IntN(4) > 0 {
		name = append(name, pick(n.r, givenSecond))
	}
	return string(name)
}

func (n *namer) address() string {
	return fmt.Sprintf("%s街%d号", pick(n.r, roads), 1+n.r.IntN(480))
}
