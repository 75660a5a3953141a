// Package volunteer keeps the volunteers of a community, what they are called to
// do, and the hours that those whom they served confirmed.
//
//	apply ──→ applied ──accept──→ active ──leave──→ left        enter ──→ active
//	             └──refuse──→ refused
//
//	publish ──→ open ──hold──→ held ──confirm / served──→ confirmed
//	             │ ↑────return───┘
//	             └──cancel──→ cancelled
//
// Somebody joins by name and phone, which are sealed; the public sees a masked
// name, and only of those who agreed to it. To sign up for a call is to join: the
// page says the same to everybody, so that nobody learns from it who is on a roster.
//
// Hours count once a second party has confirmed them: another person of the
// community than the one who noted them, who is not one of the volunteers either, or
// whoever was served, by the code on a slip. Confirmed hours are never changed.
//
//	machine.go  the two procedures
//	rules.go    phones, durations: pure
//	roster.go   joining and what the community decides
//	leave.go    leaving, and the places in calls that come free
//	call.go     calls and signing up
//	hours.go    noting and confirming
//	list.go     lists and totals
//	keep.go     what is erased when its term is over
//	store.go    tables
package volunteer
