package tlog

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"juli/internal/db"
	"juli/internal/fault"
)

// A Proof shows that an entry is in the log: with its bytes, the log's public
// key and this, anybody can check it without asking us (核验证明).
type Proof struct {
	Entry      Entry
	Leaf       tlog.Hash
	Hashes     []tlog.Hash
	Checkpoint Checkpoint
	Verifier   string
	Origin     string
}

// ProofOf proves the entry at a place against the newest checkpoint.
func ProofOf(ctx context.Context, tx *db.Tx, number int64) (Proof, error) {
	e, ok, err := EntryAt(ctx, tx, number)
	if err != nil {
		return Proof{}, err
	}
	if !ok {
		return Proof{}, fault.New(fault.NotFound, "tlog.no-entry", "公开日志中没有第 %d 条。", number)
	}
	p := Proof{Entry: e, Leaf: tlog.RecordHash(e.Body)}
	if p.Checkpoint, _, err = Latest(ctx, tx); err != nil {
		return Proof{}, err
	}
	key, _, err := storedKey(ctx, tx)
	if err != nil {
		return Proof{}, err
	}
	p.Verifier, p.Origin = key.verifier, key.origin
	if p.Hashes, err = tlog.ProveRecord(p.Checkpoint.Size, number, &hashes{ctx: ctx, tx: tx}); err != nil {
		return Proof{}, err
	}
	return p, nil
}

// proofHead is the first line of a C2SP tlog-proof.
const proofHead = "c2sp.org/tlog-proof@v1"

// File is the proof in the form of C2SP tlog-proof, with the entry itself as its
// extra data, so that one file is enough to check.
func (p Proof) File() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nextra %s\nindex %d\n", proofHead, base64.StdEncoding.EncodeToString(p.Entry.Body), p.Entry.Number)
	for _, h := range p.Hashes {
		fmt.Fprintln(&b, h)
	}
	fmt.Fprintf(&b, "\n%s", p.Checkpoint.Note)
	return []byte(b.String())
}

// CheckFile checks a proof file against the log's public key and gives the entry
// that it proves.
func CheckFile(file []byte, verifier string) (Entry, error) {
	head, checkpoint, ok := strings.Cut(string(file), "\n\n")
	if !ok {
		return Entry{}, fmt.Errorf("proof: no checkpoint in it")
	}
	tree, err := openCheckpoint(checkpoint, verifier)
	if err != nil {
		return Entry{}, err
	}
	lines := strings.Split(head, "\n")
	if len(lines) < 3 || lines[0] != proofHead {
		return Entry{}, fmt.Errorf("proof: the first line is not %q", proofHead)
	}
	var e Entry
	extra, ok := strings.CutPrefix(lines[1], "extra ")
	if e.Body, err = base64.StdEncoding.DecodeString(extra); err != nil || !ok {
		return Entry{}, fmt.Errorf("proof: the entry is missing")
	}
	if n, err := fmt.Sscanf(lines[2], "index %d", &e.Number); n != 1 || err != nil || lines[2] != fmt.Sprintf("index %d", e.Number) {
		return Entry{}, fmt.Errorf("proof: the index is missing")
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			return Entry{}, fmt.Errorf("proof: %w", err)
		}
		proof = append(proof, h)
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, e.Number, tlog.RecordHash(e.Body)); err != nil {
		return Entry{}, fmt.Errorf("proof: %w", err)
	}
	e.Act, err = Decode(e.Body)
	return e, err
}
