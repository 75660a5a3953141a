package code

import (
	"fmt"

	"juli/internal/fault"
)

// A ProjectCode is a community's 12 digits and a serial of 4: what the city
// calls a property project.
type ProjectCode string

// A BuildingCode is a project's code and a building number of 3.
type BuildingCode string

// An EntranceCode is a building's code and an entrance (单元) number of 2.
type EntranceCode string

// A RoomCode is an entrance's code, a floor of 3 (a basement B is 9xx) and a
// room number of 2.
type RoomCode string

// ParseProjectCode reads 16 digits.
func ParseProjectCode(s string) (ProjectCode, error) {
	s, err := place(s, 16, "项目编码")
	return ProjectCode(s), err
}

// ParseBuildingCode reads 19 digits.
func ParseBuildingCode(s string) (BuildingCode, error) {
	s, err := place(s, 19, "楼栋编码")
	return BuildingCode(s), err
}

// ParseEntranceCode reads 21 digits.
func ParseEntranceCode(s string) (EntranceCode, error) {
	s, err := place(s, 21, "单元编码")
	return EntranceCode(s), err
}

// ParseRoomCode reads 26 digits.
func ParseRoomCode(s string) (RoomCode, error) {
	s, err := place(s, 26, "房屋编码")
	return RoomCode(s), err
}

// place checks the digits of a code under a community.
func place(s string, length int, what string) (string, error) {
	s = clean(s)
	if len(s) != length || !digits(s) || s[0] == '0' || s[9:12] == "000" {
		return "", fault.New(fault.Invalid, "code.place", "%s不对，应为%d位数字，前12位为社区代码。", what, length)
	}
	return s, nil
}

// number refuses serials that don't fit their digits.
func number(n, from, to int, what string) error {
	if n < from || n > to {
		return fault.New(fault.Invalid, "code.serial", "%s应在%d到%d之间。", what, from, to)
	}
	return nil
}

// MakeProjectCode returns the code of a community's n-th project.
func MakeProjectCode(community Division, n int) (ProjectCode, error) {
	if community.Level() != Community {
		return "", fault.New(fault.Invalid, "code.place", "项目应归属到社区。")
	}
	return ProjectCode(fmt.Sprintf("%s%04d", string(community), n)), number(n, 1, 9999, "项目序号")
}

// Community is the community in which the project lies.
func (p ProjectCode) Community() Division {
	if len(p) != 16 {
		return ""
	}
	return Division(p[:12])
}

// Building returns the code of the project's n-th building.
func (p ProjectCode) Building(n int) (BuildingCode, error) {
	return BuildingCode(fmt.Sprintf("%s%03d", string(p), n)), number(n, 1, 999, "楼栋序号")
}

// Project is the project to which the building belongs.
func (b BuildingCode) Project() ProjectCode { return ProjectCode(head(string(b), 16)) }

// Entrance returns the code of the building's n-th entrance.
func (b BuildingCode) Entrance(n int) (EntranceCode, error) {
	return EntranceCode(fmt.Sprintf("%s%02d", string(b), n)), number(n, 1, 99, "单元序号")
}

// Building is the building to which the entrance belongs.
func (e EntranceCode) Building() BuildingCode { return BuildingCode(head(string(e), 19)) }

// Room returns the code of a room on a floor; basements have negative floors.
func (e EntranceCode) Room(floor, n int) (RoomCode, error) {
	if err := number(floor, -99, 899, "楼层"); err != nil {
		return "", err
	}
	if floor < 0 {
		floor = 900 - floor
	}
	return RoomCode(fmt.Sprintf("%s%03d%02d", string(e), floor, n)), number(n, 1, 99, "房间序号")
}

// Entrance is the entrance to which the room belongs.
func (r RoomCode) Entrance() EntranceCode { return EntranceCode(head(string(r), 21)) }

// Project is the project to which the room belongs.
func (r RoomCode) Project() ProjectCode { return ProjectCode(head(string(r), 16)) }

// Floor is the room's floor, negative below the ground.
func (r RoomCode) Floor() int {
	if len(r) != 26 {
		return 0
	}
	n := int(r[21]-'0')*100 + int(r[22]-'0')*10 + int(r[23]-'0')
	if n >= 900 {
		return 900 - n
	}
	return n
}

func head(s string, n int) string {
	if len(s) < n {
		return ""
	}
	return s[:n]
}
