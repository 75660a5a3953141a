// Package once makes an act happen once, however often its request arrives
// (MON-3).
//
// A form or an API call carries a key that its sender chose. The key is claimed
// in the transaction of the act itself and the answer is stored with it:
//
//	same key, same body      the stored answer again; the act doesn't run
//	same key, other body     refused, "once.mismatch"
//	two at once              the second waits for the first, then reads its answer
//	the act fails            the key goes with the rolled-back transaction; try again
//
// The key itself is not kept, and answers are sealed under it (box.go): a copy of
// the database holds no answer that its sender's key does not open.
//
// Keys live at least a day. Those of money and votes live for ever: their scope
// is made by [Forever].
package once
