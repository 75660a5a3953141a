package main

import (
	"errors"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"juli/internal/fault"
)

// missingFile is the parser's word for an existing file or folder that is none.
var missingFile = regexp.MustCompile(`(?:stat|open) (.+): no such file or directory`)

// empty is the parser's word for a flag or an argument without its value.
var empty = regexp.MustCompile(`expected \w+ value but got "EOL" \(<EOL>\)`)

// misuses are the complaints of the command line's parser, in Chinese.
var misuses = strings.NewReplacer(
	"unexpected argument", "没有这个命令或参数", "unknown flag", "没有这个选项", "missing flags:", "缺少选项", "missing flag", "缺少选项",
	"expected one of", "应为以下之一：", "expected", "缺少", ", did you mean", "，是不是", "?", "？", " must be one of ", "应为以下之一：", " but got ", "，而不是",
	"invalid value", "值不对", "for flag", "，选项", "exists but is a directory", "是文件夹，不是文件", "exists but is not a directory", "不是文件夹",
	"can't be used together", "不能同时使用", "permission denied", "没有读取权限", "\",\"", "、", "\"", "",
)

func inChinese(err error) string {
	text := empty.ReplaceAllString(err.Error(), "缺少值")
	return misuses.Replace(missingFile.ReplaceAllString(text, "找不到文件 $1"))
}

// openFile opens a file that the command line names.
func openFile(path string) (*os.File, error) {
	f, err := os.Open(path)
	return f, unread(err, path)
}

func readFile(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	return b, unread(err, path)
}

func unread(err error, path string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fault.New(fault.Invalid, "cli.file", "找不到文件 %s。", path)
	case errors.Is(err, fs.ErrPermission):
		return fault.New(fault.Invalid, "cli.file", "没有读取文件 %s 的权限。", path)
	}
	return fault.Wrap(err, fault.Invalid, "cli.file", "不能读取文件 %s。", path)
}
