// Package money holds the exact numbers of the city: amounts in fen, areas in
// hundredths of a square metre and points in ten-thousandths.
//
// All three are whole numbers underneath. No float comes near them (MON-1):
// text is read digit by digit, a product is rounded once, at a named [Mode],
// and a sum that is split among many comes back together to the last unit.
//
//	"1234.5" ──ParseFen──▶ Fen(123450) ──String──▶ "1234.50" ──Format──▶ "1,234.50"
//	Split(100, {1,1,1}) = {34,33,33}
package money
