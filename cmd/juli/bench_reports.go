package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"slices"
	"sync"
	"time"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/once"
	"juli/internal/resident"
)

const (
	reportCount   = 1000
	reportClients = 50
	reportGoal    = 1000 // ms at the 99th percentile
)

// reports measures 1,000 submissions with a photo from 50 clients at once, each
// sent twice under one key: none lost, none doubled, and how long one waits.
func (b *bench) reports(ctx context.Context) ([]ratio, error) {
	if b.firms == 0 {
		if err := b.grow(ctx, 20, 100, 1000); err != nil {
			return nil, err
		}
	}
	var projects []code.ProjectCode
	err := b.DB.Read(ctx, func(tx *db.Tx) (err error) {
		projects, err = db.All(ctx, tx, func(row db.Scanner) (c code.ProjectCode, err error) { return c, row.Scan(&c) }, `SELECT code FROM project ORDER BY code LIMIT 100`)
		return err
	})
	if err != nil {
		return nil, err
	}
	shot, err := benchPhoto()
	if err != nil {
		return nil, err
	}
	before, err := b.countReports(ctx)
	if err != nil {
		return nil, err
	}
	b.tell("%d 件诉求各带一张照片（%d KB），%d 个客户端同时提交，每件重发一次……", reportCount, len(shot)>>10, reportClients)
	var mu sync.Mutex
	var took []time.Duration
	var wrong error
	var clients sync.WaitGroup
	for c := range reportClients {
		clients.Go(func() {
			for i := c; i < reportCount; i += reportClients {
				start := time.Now()
				first, err := b.submit(ctx, projects[i%len(projects)], i, shot)
				waited := time.Since(start)
				second, again := b.submit(ctx, projects[i%len(projects)], i, shot)
				if err = errors.Join(err, again); err == nil && first != second {
					err = fault.New(fault.Internal, "bench.reports", "重发得到另一个编号。")
				}
				mu.Lock()
				took, wrong = append(took, waited), errors.Join(wrong, err)
				mu.Unlock()
			}
		})
	}
	clients.Wait()
	if wrong != nil {
		return nil, wrong
	}
	after, err := b.countReports(ctx)
	if err != nil {
		return nil, err
	}
	if after-before != reportCount {
		return nil, fmt.Errorf("%d reports of %d are there", after-before, reportCount)
	}
	slices.Sort(took)
	ms := func(i int) float64 { return float64(took[i].Microseconds()) / 1000 }
	return []ratio{
		ratio{Key: "report_p50", Name: "提交诉求（50 个客户端，中位数）", Cost: ms(reportCount / 2), Unit: "ms", Of: "cost"}.judged(),
		ratio{Key: "report_p99", Name: "提交诉求（50 个客户端，第 99 百分位）", Cost: ms(reportCount*99/100 - 1), Unit: "ms", Goal: reportGoal, Of: "cost"}.judged(),
	}, nil
}

// submit lays the photo aside and hands the report in, once for its key.
func (b *bench) submit(ctx context.Context, project code.ProjectCode, i int, shot []byte) (number string, err error) {
	up, err := b.Files.Park(ctx, "门.jpg", bytes.NewReader(shot))
	if err != nil {
		return "", err
	}
	defer up.Close()
	err = b.DB.Write(ctx, func(tx *db.Tx) error {
		_, kept, _, err := once.Do(ctx, tx, "bench", fmt.Sprintf("report-%08d", i), nil, func() (int, []byte, error) {
			f, err := up.Keep(ctx, tx)
			if err != nil {
				return 0, nil, err
			}
			out, err := b.Reports.SubmitIn(ctx, tx, authz.Anonymous, resident.Submission{
				Channel: resident.Web, Topic: "door", Project: project, Body: "单元门关不上，请尽快修理。", Phone: fmt.Sprintf("139%08d", i), Files: []db.ID{f.ID},
			})
			return 200, []byte(out.Number), err
		})
		number = string(kept)
		return err
	})
	return number, err
}

func (b *bench) countReports(ctx context.Context) (n int64, err error) {
	err = b.DB.Read(ctx, func(tx *db.Tx) (err error) {
		n, err = db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM resident_report`)
		return err
	})
	return n, err
}

// benchPhoto is a picture with the size of a telephone's, sent small.
func benchPhoto() ([]byte, error) {
	p := image.NewRGBA(image.Rect(0, 0, 1600, 1200))
	for y := range 1200 {
		for x := range 1600 {
			p.SetRGBA(x, y, color.RGBA{uint8(x * y), uint8(x ^ y), uint8(x + y), 255})
		}
	}
	var out bytes.Buffer
	err := jpeg.Encode(&out, p, &jpeg.Options{Quality: 60})
	return out.Bytes(), err
}
