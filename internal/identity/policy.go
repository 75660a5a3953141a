package identity

import (
	"time"

	"juli/internal/authz"
)

// A Policy holds the times and limits of signing in. The zero value is not usable;
// start from [DefaultPolicy].
type Policy struct {
	StaffIdle     time.Duration // SES-2
	OthersIdle    time.Duration
	Absolute      time.Duration
	StaffSessions int           // at once (SES-3)
	StepUp        time.Duration // how long a second factor stays fresh (SES-4)
	PasswordAge   time.Duration // of the dengbao profile
	IdleDisable   time.Duration // of staff accounts (AZ-6)
	InviteFor     time.Duration // a one-time code of an invitation
	FirstFor      time.Duration // the first administrators' codes (AUT-1)
	Hold          time.Duration // before a recovered official account opens (AUT-6)
	RecoverFor    time.Duration
	GrantYears    int // the longest grant (AZ-6)
	DeputyDays    int // the longest deputising
}

// DefaultPolicy is reliability.md's: GB/T 22239-2019 level 3 and ASVS level 2.
func DefaultPolicy() Policy {
	const day = 24 * time.Hour
	return Policy{
		StaffIdle: 15 * time.Minute, OthersIdle: 30 * time.Minute, Absolute: 12 * time.Hour, StaffSessions: 1,
		StepUp: 5 * time.Minute, PasswordAge: 90 * day, IdleDisable: 90 * day, InviteFor: 7 * day, FirstFor: day,
		Hold: day, RecoverFor: day, GrantYears: 5, DeputyDays: 90,
	}
}

const (
	tryWindow    = 15 * time.Minute // AUT-3
	tryAccount   = 5
	tryAddr      = 100
	challengeFor = 10 * time.Minute
	challengeMax = 5 // tries of one challenge (AUT-5)
	touchEvery   = 30 * time.Second
	devicesMax   = 20 // of one account
	pageMax      = 200
	rowsMax      = 5000 // of one file of invitations
)

// A Profile is a set of password rules; reliability.md decision 1 names why
// there are two.
type Profile struct {
	Name    string
	Title   string
	Least   int  // characters
	Classes int  // of lower, upper, digit, other
	Renews  bool // after Policy.PasswordAge
}

// The profiles: dengbao for staff (GB/T 22239 asks for complexity and renewal),
// modern for residents (ASVS 6.2 forbids both).
var (
	Dengbao = Profile{Name: "dengbao", Title: "等保要求", Least: 12, Classes: 3, Renews: true}
	Modern  = Profile{Name: "modern", Title: "通行要求", Least: 8}
)

// ProfileOf is the profile for somebody with these roles.
func ProfileOf(roles ...authz.Role) Profile {
	for _, r := range roles {
		if r.Staff() {
			return Dengbao
		}
	}
	return Modern
}
