package resident

import (
	"context"
	"slices"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
)

// withhold says whose ratings are not published (PI-3): those of fewer than small
// residents, and as many more of the smallest as it takes that nobody gets a small
// one as what the total has above all the others.
func withhold(rows []RateRow, small int64) map[string]bool {
	out := map[string]bool{}
	var sum int64
	for _, r := range rows {
		if r.Called > 0 && r.Called < small {
			out[r.Key], sum = true, sum+r.Called
		}
	}
	for len(out) > 0 && (len(out) == 1 || sum < small) {
		next := -1
		for i, r := range rows {
			if r.Called > 0 && !out[r.Key] && (next < 0 || r.Called < rows[next].Called) {
				next = i
			}
		}
		if next < 0 {
			break
		}
		out[rows[next].Key], sum = true, sum+rows[next].Called
	}
	return out
}

// tooFew says whether a total itself is of too few residents.
func tooFew(called, small int64) bool { return called > 0 && called < small }

// A Shield knows whose ratings of a time are not published, wherever one looks:
// the same for a list as for a table of rates.
type Shield struct {
	by    map[string]map[string]bool // way to group → key
	total bool
	early bool // the quarter is not over: nothing of it is published
	small int64
}

// ShieldOf looks at all ratings of the city in a quarter, grouped in the ways that
// are asked about. Streets make up a district, districts and enterprises the city;
// the streets of a district that is withheld would add up to it.
func ShieldOf(ctx context.Context, tx *db.Tx, b *Book, city code.Division, q Quarter, today day.Date, ways ...string) (s Shield, err error) {
	s = Shield{by: map[string]map[string]bool{}, small: b.Small, early: !q.Ended(today)}
	if slices.Contains(ways, ByStreet) {
		ways = append([]string{ByDistrict}, ways...)
	}
	for _, by := range ways {
		rows, err := ratedBy(ctx, tx, by, city, q)
		if err != nil {
			return s, err
		}
		parts := map[string][]RateRow{}
		for _, r := range rows {
			of := ""
			if by == ByStreet {
				of = string(code.Division(r.Key).Up(code.District))
			}
			parts[of] = append(parts[of], r)
		}
		s.by[by] = map[string]bool{}
		for of, part := range parts {
			for key := range withhold(part, b.Small) {
				s.by[by][key] = true
			}
			for _, r := range part {
				if by == ByStreet && s.by[ByDistrict][of] {
					s.by[by][r.Key] = true
				}
			}
		}
		s.total = tooFew(Sum(rows).Called, b.Small)
	}
	return s, nil
}

// WayOf is how a division is grouped with its like.
func WayOf(d code.Division) string {
	if d.Level() >= code.Street {
		return ByStreet
	}
	return ByDistrict
}

// Way is how what a list of ratings is narrowed to is grouped with its like.
func (q RatingQuery) Way() string {
	if q.Enterprise != "" {
		return ByEnterprise
	}
	return WayOf(q.Division)
}

// Row says whether the ratings of a row of rates are withheld; those of an
// enterprise in one part of the city always are, since its total is published.
func (s Shield) Row(by string, x RateRow, whole bool) bool {
	return s.early || s.by[by][x.Key] || x.Called > 0 && (x.Called < s.small || by == ByEnterprise && !whole)
}

// Place says whether the ratings of a division are withheld; below a street they
// always are.
func (s Shield) Place(d, city code.Division) bool {
	switch {
	case s.early:
		return true
	case d == "" || d == city:
		return s.total
	case d.Level() == code.District:
		return s.by[ByDistrict][string(d)]
	case d.Level() == code.Street:
		return s.by[ByStreet][string(d)]
	}
	return true
}

// List says whether a list of ratings is withheld.
func (s Shield) List(q RatingQuery, city code.Division) bool {
	switch whole := q.Division == "" || q.Division == city; {
	case s.early:
		return true
	case q.Enterprise == "":
		return s.Place(q.Division, city)
	case whole:
		return s.by[ByEnterprise][string(q.Enterprise)]
	}
	return true
}
