// Package notify carries words to people and proves that they arrived.
//
// A message goes to accounts, to enterprises and to official bodies (a role at a
// division). It lies in their in-app box: from that moment it is delivered to a
// system they chose (行政处罚法 art. 61, 民事诉讼法 art. 90), and whoever opens it leaves a
// receipt. A notice that nobody opens is deemed served after a term that the
// rulebook sets. Official letters carry a document number (文号), gap-free within
// its series and year.
//
//	Send ──→ message ──→ recipient ──→ opened? ──→ receipt ──→ Served
//	                         └─→ address ──→ delivery ──→ Channel (mail, webhook, file)
//
// What leaves the city's system says only that something waits: kind, title,
// number and a link, never the body, and a title that holds a telephone, an
// identity number or an address of mail is refused (PI-7).
//
// message.go has the types, rules.go the law of service, number.go the document
// numbers, service.go sending and reading, deliver.go the queue, channel.go and
// its neighbours the ways out. The package does not know what it carries:
// features write the texts, job calls DeliverDue again and again.
package notify
