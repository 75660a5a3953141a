package tlog

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"juli/internal/db"
	"juli/internal/fault"
)

// tileHeight and tileWidth are fixed by C2SP tlog-tiles.
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// ParsePath reads a tile's path below the log's address: "tile/0/x001/234",
// "tile/1/000.p/5", "tile/entries/000". Entry bundles have level -1.
func ParsePath(path string) (tlog.Tile, error) {
	bad := fault.New(fault.NotFound, "tlog.path", "公开日志中没有这一页。")
	rest, ok := strings.CutPrefix(path, "tile/")
	if !ok {
		return tlog.Tile{}, bad
	}
	level, rest, ok := strings.Cut(rest, "/")
	if !ok {
		return tlog.Tile{}, bad
	}
	t := tlog.Tile{H: tileHeight, L: -1, W: tileWidth}
	if level != "entries" {
		l, err := strconv.Atoi(level)
		if err != nil || l < 0 || l > 5 {
			return tlog.Tile{}, bad
		}
		t.L = l
	}
	if before, width, partial := strings.Cut(rest, ".p/"); partial {
		w, err := strconv.Atoi(width)
		if err != nil || w < 1 || w >= tileWidth {
			return tlog.Tile{}, bad
		}
		rest, t.W = before, w
	}
	for part := range strings.SplitSeq(rest, "/") {
		n, err := strconv.ParseInt(strings.TrimPrefix(part, "x"), 10, 64)
		if err != nil || n < 0 || t.N > 1<<40 {
			return tlog.Tile{}, bad
		}
		t.N = t.N*1000 + n
	}
	if Path(t) != path { // one path for each tile, no other spelling
		return tlog.Tile{}, bad
	}
	return t, nil
}

// Path is a tile's path below the log's address; level -1 is an entry bundle.
func Path(t tlog.Tile) string {
	level := "entries"
	if t.L >= 0 {
		level = strconv.Itoa(t.L)
	}
	n := fmt.Sprintf("%03d", t.N%1000)
	for rest := t.N / 1000; rest > 0; rest /= 1000 {
		n = fmt.Sprintf("x%03d/%s", rest%1000, n)
	}
	if t.W < tileWidth {
		n += ".p/" + strconv.Itoa(t.W)
	}
	return "tile/" + level + "/" + n
}

// Tile is the content of a tile or an entry bundle. What the latest checkpoint
// does not cover is not found.
func Tile(ctx context.Context, tx *db.Tx, t tlog.Tile) ([]byte, error) {
	head, _, err := Latest(ctx, tx)
	if err != nil {
		return nil, err
	}
	if have := (head.Size >> (tileHeight * max(t.L, 0))) - t.N*tileWidth; have < int64(t.W) {
		return nil, fault.New(fault.NotFound, "tlog.beyond", "公开日志还没有到这一页。")
	}
	if t.L < 0 {
		return bundle(ctx, tx, t.N*tileWidth, t.W)
	}
	return tlog.ReadTileData(t, &hashes{ctx: ctx, tx: tx})
}

// bundle is a C2SP entry bundle: each entry after its length in two bytes.
func bundle(ctx context.Context, tx *db.Tx, first int64, width int) ([]byte, error) {
	var out []byte
	for e, err := range db.Rows(ctx, tx, scanEntry, entrySelect+`WHERE number >= $1 AND number < $2 ORDER BY number`, first, first+int64(width)) {
		if err != nil {
			return nil, err
		}
		out = binary.BigEndian.AppendUint16(out, uint16(len(e.Body))) //nolint:gosec // Encode refuses longer ones
		out = append(out, e.Body...)
	}
	return out, nil
}
