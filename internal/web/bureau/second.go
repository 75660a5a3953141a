package bureau

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/web"
)

// otherPerson tells who took an earlier step of a case which of its open steps
// another person has to take, and because of what; nothing where that is not so.
func otherPerson(who authz.Actor, c casework.Case, steps []casework.Step) templ.Component {
	if c.Machine == nil || c.Closed {
		return templ.NopComponent
	}
	mine := slices.Contains(casework.Bodies(who), c.Holder)
	var lines []string
	for _, b := range casework.BarredFor(who, c, steps) {
		if mine || b.Act.ByHolder {
			lines = append(lines, b.String())
		}
	}
	if len(lines) == 0 {
		return templ.NopComponent
	}
	return web.Notice(web.Info, "须由另一人办理", strings.Join(lines, ""))
}
