package registry

import (
	"testing"

	"juli/internal/authz"
)

func TestABodysNameSaysNoWordTwice(t *testing.T) {
	for _, tt := range []struct {
		role        authz.Role
		place, want string
	}{
		{authz.DistrictBureau, "道里区", "道里区住建局"},
		{authz.DistrictBureau, "木兰县", "木兰县住建局"},
		{authz.Community, "索菲亚社区居委会", "索菲亚社区居委会"},
		{authz.Community, "建国社区", "建国社区居委会"},
		{authz.Community, "永胜村民委员会", "永胜村民委员会"},
		{authz.Subdistrict, "兆麟街道", "兆麟街道办事处"},
		{authz.Subdistrict, "兆麟街道办事处", "兆麟街道办事处"},
		{authz.Subdistrict, "太平镇", "街道办事处（太平镇）"},
		{authz.CityBureau, "哈尔滨市", "哈尔滨市住建局"},
		{authz.Enterprise, "远方物业", "物业服务企业（远方物业）"},
		{authz.DistrictBureau, "", "区县住建局"},
	} {
		if got := BodyName(tt.role, tt.place); got != tt.want {
			t.Errorf("%s of %s is called %s, want %s", tt.role, tt.place, got, tt.want)
		}
	}
}
