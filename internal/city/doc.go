// Package city makes the synthetic city: a register of believable enterprises,
// projects and people, and two years of their life, deterministic by seed.
//
// It drives the real services on a simulated calendar, one transaction per
// simulated day, and never inserts a total: every figure comes out of records,
// as it would in a real city.
//
//	names.go    invented names, never those of real firms or people
//	plan.go     the register: who, where, how large
//	happenings.go  what can happen to a project
//	story.go    what happens on which day
//	desks.go    what is left on whose desk at the end
//	drive.go    acting it out through the services
//
// City does not know the app: it is given the services and a settle function,
// which runs the reactions of a day.
package city
