package sheet

import (
	"context"
	"errors"
	"fmt"

	"juli/internal/fault"
)

// Limits bound what a file may cost (INP-3). The time limit is the context's.
type Limits struct {
	Entries  int   // entries of the zip archive
	Inflated int64 // bytes of all entries together, unpacked; also the size of a csv file
	Ratio    int64 // unpacked to packed bytes of one entry; entries under 1 MB are free
	Rows     int   // rows that hold anything
	Cells    int   // cells, empty ones too
	Columns  int   // columns that hold anything
	Strings  int64 // bytes of the shared strings of a workbook, kept in memory
}

// Standard are the limits of INP-3.
var Standard = Limits{
	Entries:  1_000,
	Inflated: 512 << 20,
	Ratio:    100,
	Rows:     100_000,
	Cells:    5_000_000,
	Columns:  512,
	Strings:  64 << 20,
}

const (
	directoryMax = 4 << 20 // bytes read to open an archive
	ratioFree    = 1 << 20 // an entry this small cannot hurt, however well it packs
	tokenMax     = 1 << 20 // bytes of one XML tag or text, or of one csv record
	stringsMax   = 2_000_000
	stylesMax    = 65_536
	sheetRowsMax = 1_048_576 // rows of a worksheet
	cellTextMax  = 32_767    // characters of a cell
)

func tooLarge(rule, format string, args ...any) error {
	return fault.New(fault.TooLarge, rule, format, args...)
}

func invalid(rule, format string, args ...any) error {
	return fault.New(fault.Invalid, rule, format, args...)
}

// broken is a file that claims to be a workbook and cannot be read as one.
func broken(format string, args ...any) error {
	return fault.Wrap(fmt.Errorf(format, args...), fault.Invalid, "sheet.broken",
		"文件已损坏或不是有效的表格，请用 Excel 或 WPS 重新保存后再上传。")
}

// timeout tells people why a reading was stopped.
func timeout(ctx context.Context) error {
	err := context.Cause(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(err, fault.TooLarge, "sheet.time", "文件处理超过时限，请拆分后分批上传。")
	}
	return err
}
