package rulebook

// A Mark says how sure a value is.
type Mark uint8

// The marks of a value. Unmarked values take the mark of what encloses them.
const (
	Unmarked Mark = iota
	Verified
	General
	Assumed
	Unknown
	marks
)

var (
	markKeys   = [marks]string{"", "verified", "general", "assumed", "unknown"}
	markTitles = [marks]string{"未标注", "已核实", "一般知识", "假定", "待查"}
)

// Key is the word for the mark in a rulebook.
func (m Mark) Key() string {
	if m >= marks {
		return ""
	}
	return markKeys[m]
}

// String is the Chinese word for the mark.
func (m Mark) String() string {
	if m >= marks {
		return ""
	}
	return markTitles[m]
}

func parseMark(s string) (Mark, bool) {
	for m, key := range markKeys {
		if key == s && key != "" {
			return Mark(m), true
		}
	}
	return Unmarked, false
}

// Marked is one value or section that carries its own mark.
type Marked struct {
	Path   string
	Line   int
	Mark   Mark
	Source string // where it was read, e.g. "S14"
	Note   string
}
