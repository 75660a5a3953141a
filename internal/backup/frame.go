package backup

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
)

// The kinds of frames, in the order of a file: one manifest, each table with
// its rows, each stored file with its data, one end.
const (
	frameManifest = 'M'
	frameTable    = 'T'
	frameRow      = 'R'
	frameFile     = 'F'
	frameData     = 'D'
	frameEnd      = 'E'
)

const frameMax = 64 << 20 // a row or a part of a file is smaller

// The kinds of values in a row.
const (
	valueNull = iota
	valueInt
	valueText
	valueBytes
	valueFalse
	valueTrue
)

// frames writes frames: kind, length, content. The digest covers all but the end.
type frames struct {
	out    *bufio.Writer
	digest hash.Hash
}

func (f frames) write(kind byte, content []byte) error {
	if len(content) > frameMax {
		return fmt.Errorf("a frame of %d bytes", len(content))
	}
	head := binary.AppendUvarint([]byte{kind}, uint64(len(content)))
	if kind != frameEnd {
		f.digest.Write(head)
		f.digest.Write(content)
	}
	if _, err := f.out.Write(head); err != nil {
		return err
	}
	_, err := f.out.Write(content)
	return err
}

func (f frames) writeJSON(kind byte, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return f.write(kind, text)
}

// readFrame reads one frame; its content is its own.
func readFrame(in *bufio.Reader) (kind byte, content []byte, err error) {
	if kind, err = in.ReadByte(); err != nil {
		return 0, nil, err
	}
	n, err := binary.ReadUvarint(in)
	if err != nil {
		return 0, nil, err
	}
	if n > frameMax {
		return 0, nil, fmt.Errorf("a frame of %d bytes", n)
	}
	content = make([]byte, n)
	_, err = io.ReadFull(in, content)
	return kind, content, err
}

// appendRow writes the values of a row as both drivers return them.
func appendRow(b []byte, row []any) ([]byte, error) {
	for _, v := range row {
		switch v := v.(type) {
		case nil:
			b = append(b, valueNull)
		case int64:
			b = binary.AppendVarint(append(b, valueInt), v)
		case string:
			b = append(binary.AppendUvarint(append(b, valueText), uint64(len(v))), v...)
		case []byte:
			b = append(binary.AppendUvarint(append(b, valueBytes), uint64(len(v))), v...)
		case bool:
			if v {
				b = append(b, valueTrue)
			} else {
				b = append(b, valueFalse)
			}
		default:
			return nil, fmt.Errorf("a value of type %T", v)
		}
	}
	return b, nil
}

var errRow = errors.New("a malformed row")

// readRow reads n values; []byte values are slices of b.
func readRow(b []byte, n int) ([]any, error) {
	row := make([]any, n)
	for i := range row {
		if len(b) == 0 {
			return nil, errRow
		}
		kind := b[0]
		b = b[1:]
		switch kind {
		case valueNull:
		case valueFalse, valueTrue:
			row[i] = kind == valueTrue
		case valueInt:
			v, used := binary.Varint(b)
			if used <= 0 {
				return nil, errRow
			}
			row[i], b = v, b[used:]
		case valueText, valueBytes:
			size, used := binary.Uvarint(b)
			if used <= 0 || size > uint64(len(b)-used) {
				return nil, errRow
			}
			value := b[used : used+int(size)]
			b = b[used+int(size):]
			if kind == valueText {
				row[i] = string(value)
			} else {
				row[i] = value
			}
		default:
			return nil, errRow
		}
	}
	if len(b) > 0 {
		return nil, errRow
	}
	return row, nil
}
