package credit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"juli/internal/db"
)

// A Checked is a published result that was computed anew from what is stored.
type Checked struct {
	Release
	Digest string // of the stored explanations, hex
	Wrong  string // "" if digest, outcomes and places agree
}

// CheckPublished computes the digest of every published result anew from its
// explanations, and holds each stored score, grade and place to them (PC-50): what
// was changed past the program shows here.
func CheckPublished(ctx context.Context, tx *db.Tx) ([]Checked, error) {
	list, err := db.All(ctx, tx, scanRelease, releaseSelect+`WHERE state = 'published' ORDER BY id`)
	if err != nil {
		return nil, err
	}
	out := make([]Checked, 0, len(list))
	for _, p := range list {
		c := Checked{Release: p}
		if c.Digest, c.Wrong, err = checkEvaluation(ctx, tx, p.Evaluation); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func checkEvaluation(ctx context.Context, tx *db.Tx, id db.ID) (digest, wrong string, err error) {
	e, err := evaluationOf(ctx, tx, id)
	if err != nil {
		return "", "", err
	}
	explained, hash := map[Subject]Outcome{}, sha256.New()
	scan := func(row db.Scanner) (x explanation, err error) { return x, row.Scan(&x.enterprise, &x.content) }
	for x, err := range db.Rows(ctx, tx, scan, `SELECT enterprise, content FROM credit_explanation WHERE evaluation = $1 ORDER BY enterprise`, id) {
		if err != nil {
			return "", "", err
		}
		hash.Write(x.content)
		r, err := decodeResult(x.content)
		if err != nil {
			return "", "评价说明不能读取", nil //nolint:nilerr // what cannot be read is the finding
		}
		for _, o := range append(append([]Outcome{r.Enterprise}, r.Projects...), r.Persons...) {
			if _, twice := explained[o.Subject]; !twice || o.Held {
				explained[o.Subject] = o
			}
		}
	}
	sum := hash.Sum(nil)
	digest = hex.EncodeToString(sum)
	if !bytes.Equal(sum, e.Digest) {
		return digest, "评价说明与登记的摘要不符", nil
	}
	stored, err := db.All(ctx, tx, scanStanding, standingSelect+`WHERE o.evaluation = $1 ORDER BY o.kind, o.subject`, id)
	if err != nil {
		return digest, "", err
	}
	if n := e.Enterprises + e.Projects + e.Persons; int64(len(stored)) != n {
		return digest, fmt.Sprintf("结果应有 %d 条，实有 %d 条", n, len(stored)), nil
	}
	return digest, differing(stored, explained), nil
}

// differing tells how many stored outcomes are not what their explanation says, or
// stand in another place than their score gives.
func differing(stored []Standing, explained map[Subject]Outcome) string {
	again := computed{standings: append([]Standing{}, stored...)}
	for i := range again.standings {
		s := &again.standings[i]
		s.RankCity, s.RankDistrict = 0, 0
		if o, ok := explained[s.Subject]; ok {
			was := standingOf(&o, s.Enterprise, s.Division)
			was.Evaluation, was.Area, was.Projects = s.Evaluation, s.Area, s.Projects
			*s = was
			continue
		}
		s.Grade = "" // explained nowhere: never equal to a stored result
		s.Why = "无评价说明"
	}
	again.rank()
	n := 0
	for i := range stored {
		if again.standings[i] != stored[i] {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d 个对象的得分、等级或名次与评价说明不符", n)
}
