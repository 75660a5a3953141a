// Package town makes tiny worlds for tests: a few enterprises, projects and
// people in the real divisions of Harbin, made by the real services, and actors
// of every role.
//
//	tn := town.New(t, d)                     // the city stands at noon of 2021-06-01
//	tn.District("230103")                    // an official of 南岗
//	tn.Firm(tn.Jia.USCC)                     // somebody of an enterprise
//	tn.Project("花园小区", town.Huayuan, tn.Jia.USCC, "30000")
//	tn.On("2021-07-01")                      // the same town, a month later
//
// Helpers fail the test at the caller's line. Actors are made with their grants
// and have no account to sign in with: tests of signing in make theirs through
// identity.
package town
