package casework

import (
	"fmt"
	"strings"

	"juli/internal/authz"
)

// Diagram draws the machine as a mermaid state diagram.
func (m *Machine) Diagram() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, s := range m.States {
		fmt.Fprintf(&b, "    state \"%s\" as %s\n", s.Title, s.Name)
	}
	for _, a := range m.Acts {
		for _, from := range a.From {
			if from == Start {
				from = "[*]"
			}
			to := a.To
			if to == Same {
				to = from
			}
			fmt.Fprintf(&b, "    %s --> %s: %s\n", from, to, a.Title)
		}
	}
	for _, s := range m.States {
		if s.Final {
			fmt.Fprintf(&b, "    %s --> [*]\n", s.Name)
		}
	}
	return b.String()
}

// Doc is the machine's section of docs/workflows.md: picture and table.
func (m *Machine) Doc() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s（`%s`）\n\n", m.Title, m.Name)
	if m.Basis != "" {
		fmt.Fprintf(&b, "依据：%s。\n\n", m.Basis)
	}
	fmt.Fprintf(&b, "```mermaid\n%s```\n\n", m.Diagram())
	b.WriteString("| 操作 | 从 | 到 | 谁可以 | 下一步承办 | 期限 | 须另一人 |\n|---|---|---|---|---|---|---|\n")
	for _, a := range m.Acts {
		var from, not []string
		for _, s := range a.From {
			if s == Start {
				from = append(from, "（新建）")
				continue
			}
			from = append(from, m.StateTitle(s))
		}
		for _, n := range a.Not {
			other, _ := m.Act(n)
			not = append(not, other.Title)
		}
		to := m.StateTitle(a.To)
		if a.To == Same {
			to = "（不变）"
		}
		term := "—"
		if a.Term.N > 0 {
			term = a.Term.Chinese()
		}
		fmt.Fprintf(&b, "| %s `%s` | %s | %s | %s | %s | %s | %s |\n",
			a.Title, a.Name, strings.Join(from, "、"), to, who(a), dash(a.Holder.Title()), term, dash(strings.Join(not, "、")))
	}
	return b.String()
}

// who lists the roles that the duty matrix lets take the act.
func who(a Act) string {
	if a.May == "" {
		return "系统"
	}
	row, _ := authz.RowOf(a.May)
	var roles []string
	for _, d := range authz.Roles() {
		if row.Cell(d.Role).How != authz.Never {
			roles = append(roles, d.Title)
		}
	}
	text := strings.Join(roles, "、")
	if a.ByHolder {
		text += "（限承办单位）"
	}
	return text
}

func dash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

// Section finds the machine's section in the text of docs/workflows.md, between
// its two markers; false if it has none.
func (m *Machine) Section(doc string) (string, bool) {
	begin, end := m.markers()
	_, rest, ok := strings.Cut(doc, begin)
	if !ok {
		return "", false
	}
	section, _, ok := strings.Cut(rest, end)
	return section, ok
}

// WriteSection puts the machine's current section into the text, in its place or
// at the end.
func (m *Machine) WriteSection(doc string) string {
	begin, end := m.markers()
	if old, ok := m.Section(doc); ok {
		return strings.Replace(doc, begin+old+end, begin+m.Doc()+end, 1)
	}
	return strings.TrimRight(doc, "\n") + "\n\n" + begin + m.Doc() + end
}

func (m *Machine) markers() (begin, end string) {
	return "<!-- begin " + m.Name + " -->\n", "<!-- end " + m.Name + " -->\n"
}
