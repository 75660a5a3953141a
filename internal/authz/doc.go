// Package authz says who may do what, where. It is pure: no database, no clock.
//
//	act, role ──→ matrix.go: the duty matrix ──┐
//	actor's grants ────────────────────────────┼─→ Require, May, Scopes
//	place of the object (from the tables) ─────┘
//
// Everything that is not in the matrix is denied (AZ-1). A grant covers a
// subtree of the division tree, an enterprise or a project; what lies outside
// looks as if it did not exist (AZ-2). The three administrators exclude each
// other and every official role (三权分立, GB/T 22239-2019 8.1.5, AZ-4).
//
// roles.go lists the roles, acts.go the acts, matrix.go who may do which, and
// authz.go decides. The matrix is also a public page and the base of generated
// tests. The package does not know the day: identity hands out only grants that
// hold today, and a step-up only while it is fresh.
package authz
