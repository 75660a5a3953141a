package listing

import (
	"juli/internal/authz"
	"juli/internal/casework"
)

// The states of a follow-up.
const (
	FollowOpen = "open"
	FollowDone = "done"
	FollowVoid = "void"
)

// The acts on it.
const (
	actCall   = "call"
	ActFollow = "do"
	actVoid   = "void"
)

// FollowMachine is what repeated listing leads to: the district acts and says
// what came of it; a correction of the entry makes it void.
var FollowMachine = casework.Must(casework.Machine{
	Name: "listing_followup", Title: "黑榜后续措施", Basis: "触发次数、措施和期限由红黑榜规则规定",
	States: []casework.State{
		{Name: FollowOpen, Title: "待办理"},
		{Name: FollowDone, Title: "已办理", Final: true},
		{Name: FollowVoid, Title: "因更正取消", Final: true},
	},
	Acts: []casework.Act{
		{Name: actCall, Title: "交办", From: []string{casework.Start}, To: FollowOpen, Holder: authz.DistrictBureau},
		{Name: ActFollow, Title: "填报办理结果", From: []string{FollowOpen}, To: FollowDone, May: authz.ListFollow, ByHolder: true, NeedsNote: true},
		{Name: actVoid, Title: "取消", From: []string{FollowOpen}, To: FollowVoid},
	},
})
