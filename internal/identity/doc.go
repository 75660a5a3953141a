// Package identity knows who people are, how they sign in and what they may do.
//
//	person (one natural person, by ID number)
//	   └─ account (login name, unique for ever) ── password, second factor, devices
//	         ├─ session ──→ Actor ──→ authz
//	         └─ grant: role, scope, from, to ── proposed ─→ active ─→ ended
//
// A grant of an authority's role has a maker and a checker, two natural persons
// (AZ-5); the three administrators exclude each other per natural person (AZ-4);
// every grant ends (AZ-6). The tables hold these rules once more, as constraints.
//
//	policy.go       times, limits, the two password profiles (AUT-4)
//	password.go     argon2id, the block list
//	secret.go       tokens, one-time codes, TOTP
//	throttle.go     guessing (AUT-3)
//	signin.go       password, then the second factor
//	opensession.go  the session at its end, the device remembered
//	changepassword.go  a new password, one's own
//	session.go      Actor, step-up, signing out; sessions.go listing and ending (SES-1…4)
//	join.go         an invited person takes the account over; recovery ends here too
//	invite.go       each body's manager invites its own people, also by file
//	grant.go        maker and checker; proposals.go what waits for a checker
//	people.go       lists, suspending, handing over
//	deputy.go       somebody stands in during leave; standing.go lists who
//	recover.go      a lost password or second factor (AUT-6)
//	person.go       who holds an account, by ID number; a known person's accounts
//	enterprise.go   an enterprise asks for its account; confirm.go the district decides
//	firm.go         where the register has the enterprise, who manages its account
//	initial.go      the first four natural persons (AUT-1)
//	sweep.go        what ends by itself
//
// Sessions, codes and throttles run on the real clock, grants on the city's.
package identity
