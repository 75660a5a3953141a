package registry

import "juli/internal/code"

// SeedCommunities lists the shipped residents' committees by their district or
// county, in the order of their codes: where a synthetic city may put projects.
func SeedCommunities() (map[code.Division][]code.Division, error) {
	all, err := shipped()
	if err != nil {
		return nil, err
	}
	out := map[code.Division][]code.Division{}
	for _, d := range all {
		if d.Kind == "community" {
			district := d.Code.Up(code.District)
			out[district] = append(out[district], d.Code)
		}
	}
	return out, nil
}
