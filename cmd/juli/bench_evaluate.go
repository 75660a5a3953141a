package main

import (
	"context"
	"errors"
	"fmt"

	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
)

// evaluations measures a city's evaluation with its results stored against a
// bare read of the same rows, and its growth from one city to ten.
func (b *bench) evaluations(ctx context.Context, rows int) ([]ratio, error) {
	if err := b.grow(ctx, benchFirms, benchHomes, rows/benchTimes); err != nil {
		return nil, err
	}
	small, smallBare, err := b.evaluation(ctx, rows/benchTimes)
	if err != nil {
		return nil, err
	}
	if err := b.grow(ctx, benchFirms*benchTimes, benchHomes*benchTimes, rows); err != nil {
		return nil, err
	}
	large, largeBare, err := b.evaluation(ctx, rows)
	if err != nil {
		return nil, err
	}
	return []ratio{
		large.against(largeBare, ratio{Key: "evaluate", Name: fmt.Sprintf("全市评价并存储 %d 条 / 裸读", rows), Goal: 2.5}),
		small.against(smallBare, ratio{Key: "evaluate_small", Name: fmt.Sprintf("全市评价并存储 %d 条 / 裸读", rows/benchTimes)}),
		large.against(small, ratio{Key: "evaluate_growth", Name: "十倍城市 / 一倍城市", Goal: 11}),
	}, nil
}

// evaluation measures one size. Both sides see the rows after one run of each,
// so that neither pays for a cold file.
func (b *bench) evaluation(ctx context.Context, want int) (cost, bare spent, err error) {
	b.tell("评价 %d 条，每种 %d 次……", want, benchRounds)
	ours := func() error {
		e, err := b.Evaluations.Evaluate(ctx, b.who, credit.Request{Book: b.book, Purpose: credit.ForTrial, AsOf: benchDay, Known: benchDay})
		if err == nil && e.Records < int64(want)*9/10 {
			err = fault.New(fault.Internal, "bench.rows", "评价只看到 %d 条。", e.Records)
		}
		b.last = e.ID
		return err
	}
	read := func() error {
		return b.DB.Read(ctx, func(tx *db.Tx) error {
			n, err := credit.ReadBare(ctx, tx)
			if err == nil && n != int64(want) {
				err = fault.New(fault.Internal, "bench.rows", "裸读只有 %d 条。", n)
			}
			return err
		})
	}
	if err := errors.Join(ours(), read()); err != nil {
		return spent{}, spent{}, err
	}
	return duel(benchRounds, ours, read)
}
