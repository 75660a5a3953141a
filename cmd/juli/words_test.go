package main

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestWhatWasAskedWronglyIsToldInChinese: no word of the parser or of the system is
// left over but names of commands, options and files.
func TestWhatWasAskedWronglyIsToldInChinese(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("JULI_DB", "sqlite://"+filepath.Join(dir, "city.db"))
	english := regexp.MustCompile(`\b(no such|stat|open|expected|must|value|got|missing|unknown|unexpected|directory|invalid|internal|EOL)\b`)
	for _, tt := range []struct {
		args, want string
		code       int
	}{
		{"verify nofile", "找不到文件 nofile。（cli.file）", 1},
		{"verify --key x nofile.tlog-proof", "找不到文件 nofile.tlog-proof。（cli.file）", 1},
		{"import enterprises nofile", "找不到文件", 2},
		{"rulebook check nofile", "找不到文件", 2},
		{"import foo words_test.go", "<kind>应为以下之一：enterprises、projects、staff、records、orders，而不是foo", 2},
		{"import staff " + dir, "是文件夹，不是文件", 2},
		{"serv", "没有这个命令或参数 serv，是不是 serve？", 2},
		{"evaluate --as-of", "缺少值", 2},
		{"backup", "缺少 <file>", 2},
	} {
		var out, told bytes.Buffer
		code := run(t.Context(), strings.Fields(tt.args), &out, &told)
		text := strings.ReplaceAll(told.String(), dir, "")
		if code != tt.code || !strings.Contains(text, tt.want) {
			t.Errorf("%s: %d %s, want %d %s", tt.args, code, text, tt.code, tt.want)
		}
		if left := english.FindString(text); left != "" {
			t.Errorf("%s: %q is left in %s", tt.args, left, text)
		}
	}
}
