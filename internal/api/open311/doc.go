// Package open311 speaks Open311 GeoReport v2, so that the clients that cities
// have already work unchanged: what they report is a resident's report like any
// other, and what they read is what everybody may read.
//
//	GET  /open311/v2/services               the topics of the rulebook in force
//	POST /open311/v2/requests               a report, for who has a key; once
//	GET  /open311/v2/requests               state and days; words only when released
//	GET  /open311/v2/servicerequestupdates  steps of the procedure
//	POST /open311/v2/servicerequestupdates  words added to a report of the client's own
//	GET  /open311/v2/media/{number}/{photo} a photo, for the client that sent it
//
// The page /open311 of the public desk tells people all this, with examples.
//
// The register knows places by project: a request names one by address_id, or by
// an address_string or attribute[project] under which exactly one is found. A
// point alone is not enough; it is kept sealed with the rest that a client gave
// and given back to that client alone.
//
//	open311.go   routes, jurisdiction, formats, dispatch
//	model.go     what goes over the wire
//	write.go     JSON and XML, errors as the specification has them
//	services.go  services and their definitions
//	submit.go    a request comes in; place.go where it is; once.go only once
//	requests.go  requests are read
//	updates.go   updates, both ways
//	media.go     photos for who sent them
//	keys.go      whose key a client shows; package resident makes and ends them
package open311
