package tlog

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"juli/internal/db"
	"juli/internal/fault"
)

// openCheckpoint checks a checkpoint's signature and reads its tree. Lines of
// other signers (witnesses, SM2) are allowed beside ours.
func openCheckpoint(text, verifier string) (tlog.Tree, error) {
	v, err := note.NewVerifier(verifier)
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("public key: %w", err)
	}
	n, err := note.Open([]byte(text), note.VerifierList(v))
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("checkpoint: %w", err)
	}
	lines := strings.SplitN(n.Text, "\n", 4)
	if len(lines) < 4 || lines[0] != v.Name() {
		return tlog.Tree{}, errors.New("checkpoint: not of this log")
	}
	var t tlog.Tree
	if _, err := fmt.Sscanf(lines[1], "%d", &t.N); err != nil || t.N < 0 || lines[1] != fmt.Sprint(t.N) {
		return tlog.Tree{}, errors.New("checkpoint: no size")
	}
	if t.Hash, err = tlog.ParseHash(lines[2]); err != nil {
		return tlog.Tree{}, fmt.Errorf("checkpoint: %w", err)
	}
	return t, nil
}

// A Reader checks a log that it fetches, and believes nothing but the public
// key. Fetch gets a path below the log's address.
type Reader struct {
	Verifier string
	Fetch    func(path string) ([]byte, error)
	checked  map[string][]byte // tiles already proved to belong to the tree
}

// Head fetches the newest checkpoint.
func (r *Reader) Head() (tlog.Tree, string, error) {
	text, err := r.Fetch("checkpoint")
	if err != nil {
		return tlog.Tree{}, "", err
	}
	t, err := openCheckpoint(string(text), r.Verifier)
	return t, string(text), err
}

// Height is that of C2SP's tiles. With ReadTiles and SaveTiles it makes a Reader
// the tile reader of x/mod, which checks every tile against the tree before it
// trusts it.
func (r *Reader) Height() int { return tileHeight }

// ReadTiles fetches tiles.
func (r *Reader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, t := range tiles {
		path := Path(t)
		if have, ok := r.checked[path]; ok {
			out[i] = have
			continue
		}
		b, err := r.Fetch(path)
		if err != nil {
			return nil, err
		}
		if len(b) != t.W*tlog.HashSize {
			return nil, fmt.Errorf("%s: %d bytes, not %d", path, len(b), t.W*tlog.HashSize)
		}
		out[i] = b
	}
	return out, nil
}

// SaveTiles keeps what was proved.
func (r *Reader) SaveTiles(tiles []tlog.Tile, data [][]byte) {
	if r.checked == nil {
		r.checked = map[string][]byte{}
	}
	for i, t := range tiles {
		r.checked[Path(t)] = data[i]
	}
}

// Consistent checks that the tree holds everything an earlier checkpoint
// promised: nothing was changed, removed or put in between.
func (r *Reader) Consistent(tree tlog.Tree, earlier string) error {
	old, err := openCheckpoint(earlier, r.Verifier)
	if err != nil {
		return err
	}
	if old.N > tree.N {
		return fmt.Errorf("the log has shrunk from %d to %d entries", old.N, tree.N)
	}
	if old.N == 0 {
		return nil
	}
	root, err := tlog.TreeHash(old.N, tlog.TileHashReader(tree, r))
	if err != nil {
		return err
	}
	if root != old.Hash {
		return fmt.Errorf("the log's first %d entries are not those of the earlier checkpoint", old.N)
	}
	return nil
}

// Entry fetches one entry and checks that it stands in the tree.
func (r *Reader) Entry(tree tlog.Tree, number int64) (Entry, error) {
	if number < 0 || number >= tree.N {
		return Entry{}, fault.New(fault.Invalid, "tlog.entry", "公开日志只有第 0 至第 %d 条，没有第 %d 条。", tree.N-1, number)
	}
	bodies, err := r.bundle(tree, number/tileWidth)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{Number: number, Body: bodies[number%tileWidth]}
	proof, err := tlog.ProveRecord(tree.N, number, tlog.TileHashReader(tree, r))
	if err != nil {
		return Entry{}, err
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, number, tlog.RecordHash(e.Body)); err != nil {
		return Entry{}, fmt.Errorf("entry %d: %w", number, err)
	}
	e.Act, err = Decode(e.Body)
	return e, err
}

// All fetches the whole log, computes the tree anew from the entries and
// compares its root with the signed one. Each entry is given to visit.
func (r *Reader) All(tree tlog.Tree, visit func(Entry) error) error {
	_, err := r.rebuild(tree, visit)
	return err
}

// rebuild is All, and gives the hashes that the entries make.
func (r *Reader) rebuild(tree tlog.Tree, visit func(Entry) error) (memory, error) {
	mem := memory{}
	for n := int64(0); n*tileWidth < tree.N; n++ {
		bodies, err := r.bundle(tree, n)
		if err != nil {
			return nil, err
		}
		for i, body := range bodies {
			e := Entry{Number: n*tileWidth + int64(i), Body: body}
			more, err := tlog.StoredHashes(e.Number, body, &mem)
			if err != nil {
				return nil, err
			}
			mem = append(mem, more...)
			if e.Act, err = Decode(body); err != nil {
				return nil, fmt.Errorf("entry %d: %w", e.Number, err)
			}
			if err := visit(e); err != nil {
				return nil, err
			}
		}
	}
	root, err := tlog.TreeHash(tree.N, &mem)
	if err != nil {
		return nil, err
	}
	if root != tree.Hash {
		return nil, errors.New("the entries do not give the signed root: something was changed, removed or added")
	}
	return mem, nil
}

// bundle fetches the n-th entry bundle of the tree.
func (r *Reader) bundle(tree tlog.Tree, n int64) ([][]byte, error) {
	width := int(min(tree.N-n*tileWidth, tileWidth))
	path := Path(tlog.Tile{H: tileHeight, L: -1, N: n, W: width})
	b, err := r.Fetch(path)
	if err != nil {
		return nil, err
	}
	bodies := make([][]byte, 0, width)
	for len(b) > 0 && len(bodies) < width {
		if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
			return nil, fmt.Errorf("%s: cut off", path)
		}
		end := 2 + int(binary.BigEndian.Uint16(b))
		bodies, b = append(bodies, bytes.Clone(b[2:end])), b[end:]
	}
	if len(bodies) != width {
		return nil, fmt.Errorf("%s: %d entries, not %d", path, len(bodies), width)
	}
	return bodies, nil
}

// memory holds stored hashes by their index.
type memory []tlog.Hash

func (m *memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(*m)) {
			return nil, fmt.Errorf("hash %d is not known", index)
		}
		out[i] = (*m)[index]
	}
	return out, nil
}

// Check computes the stored log anew, from its entries to its last checkpoint,
// and compares every stored hash: it tells the first that does not agree.
func Check(ctx context.Context, tx *db.Tx) error {
	key, ok, err := storedKey(ctx, tx)
	if err != nil || !ok {
		return err
	}
	r := &Reader{Verifier: key.verifier, Fetch: func(path string) ([]byte, error) {
		if path == "checkpoint" {
			c, _, err := Latest(ctx, tx)
			return []byte(c.Note), err
		}
		t, err := ParsePath(path)
		if err != nil {
			return nil, err
		}
		return Tile(ctx, tx, t)
	}}
	tree, _, err := r.Head()
	if err != nil {
		return err
	}
	mem, err := r.rebuild(tree, func(Entry) error { return nil })
	if err != nil {
		return err
	}
	stored := &hashes{ctx: ctx, tx: tx}
	for i, want := range mem {
		have, err := stored.ReadHashes([]int64{int64(i)})
		if err != nil {
			return err
		}
		if have[0] != want {
			return fmt.Errorf("stored hash %d is not that of the entries", i)
		}
	}
	return nothingAfter(ctx, tx, tree.N, int64(len(mem)))
}

// nothingAfter refuses a store that holds more than its last checkpoint covers: a
// log whose end was cut off leaves such traces.
func nothingAfter(ctx context.Context, tx *db.Tx, size, hashes int64) error {
	for _, x := range []struct {
		query string
		from  int64
		what  string
	}{
		{`SELECT COUNT(*) FROM tlog_entry WHERE number >= $1`, size, "entries"},
		{`SELECT COUNT(*) FROM tlog_hash WHERE number >= $1`, hashes, "hashes"},
	} {
		n, err := db.Value[int64](ctx, tx, x.query, x.from)
		if err != nil {
			return err
		}
		if n > 0 {
			return fmt.Errorf("%d %s lie beyond the last checkpoint", n, x.what)
		}
	}
	return nil
}
