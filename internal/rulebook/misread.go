package rulebook

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// misreadings are what the YAML reader stumbles over, by a piece of its own
// words, and how an official mends it.
var misreadings = []struct{ says, text string }{
	{"tab", "缩进里有制表符，请改用空格"},
	{"cannot start any token", "有不能放在值开头的符号（制表符、@、% 或 `），请改用空格，或给值加引号"},
	{"YAML tag", "值里有引号或感叹号，请给整个值加上引号，并检查前面的引号是否配对"},
	{"mapping values", "冒号的位置不对：上一行没有写完，或缩进不齐；值里面有冒号时请加引号"},
	{"',' or '}'", "大括号没有配对，或两项之间少了逗号"},
	{"',' or ']'", "方括号没有配对，或两项之间少了逗号"},
	{"expected node content", "括号里多了逗号，或少了一个值"},
	{"end of stream", "引号没有配对"},
	{"'-' indicator", "列表各项的缩进不齐，或混入了“键: 值”"},
	{"expected key", "缩进不齐，或上一行的引号、括号没有配对"},
	{"could not find expected ':'", "这一行缺少冒号，或冒号后面没有空格"},
	{"already defined", "同一个键写了两次"},
	{"duplicate", "同一个键写了两次"},
}

// notUTF8 finds the first line that was saved in another encoding.
func notUTF8(text []byte) (Problem, bool) {
	line := 0
	for l := range bytes.Lines(text) {
		if line++; !utf8.Valid(l) {
			return Problem{Line: line, Text: "文字不是 UTF-8 编码，请把文件另存为 UTF-8 再上传"}, true
		}
	}
	return Problem{}, false
}

// misread turns the YAML reader's refusal into a problem with its line.
func misread(err error) Problem {
	p := Problem{Line: 1, Text: "YAML 格式有误，请检查缩进、冒号与引号"}
	load, ok := errors.AsType[*yaml.LoadError](err)
	if !ok {
		return p
	}
	p.Line = max(load.Mark.Line, 1)
	for _, m := range misreadings {
		if strings.Contains(load.Message, m.says) {
			p.Text = m.text
			break
		}
	}
	switch from := load.ContextMark.Line; {
	case from < 1 || from >= p.Line:
	case strings.Contains(load.Message, "end of stream"), strings.Contains(load.Message, "expected ':'"):
		p.Line = from // what was begun there never ended
	default:
		p.Text += fmt.Sprintf("（从第 %d 行开始）", from)
	}
	return p
}
