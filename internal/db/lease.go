package db

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"juli/internal/fault"
)

const (
	leaseFor   = 10 * time.Minute // of a node number
	leaseRenew = 3 * time.Minute
	nodes      = 1 << idNodeBits
)

// release ends the lease, so that programs that come and go don't use the node
// numbers up. What is left unreleased by a kill lapses by itself.
func (d *DB) release() {
	d.leaseMu.Lock()
	defer d.leaseMu.Unlock()
	if d.leased.IsZero() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := d.writeOnce(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, `UPDATE node_lease SET until_ms = $1 WHERE holder = $2`, time.Now().UnixMilli()-1, d.holder)
		return err
	})
	if err != nil {
		slog.Debug("node number not released", "err", err)
	}
	d.leased = time.Time{}
}

// lease keeps a node number for this process, so that two copies of the program
// never make the same id.
func (d *DB) lease(ctx context.Context) error {
	d.leaseMu.Lock()
	defer d.leaseMu.Unlock()
	now := time.Now()
	if now.Sub(d.leased) < leaseRenew {
		return nil
	}
	err := d.writeOnce(ctx, func(tx *Tx) error {
		until := now.Add(leaseFor).UnixMilli()
		n, err := tx.Exec(ctx, `UPDATE node_lease SET until_ms = $1 WHERE holder = $2`, until, d.holder)
		if err != nil || n == 1 {
			return err
		}
		if err := tx.Lock(ctx, "node", 0); err != nil {
			return err
		}
		newest, err := Value[int64](ctx, tx, `SELECT COALESCE((SELECT node FROM node_lease ORDER BY until_ms DESC, node DESC LIMIT 1), -1)`)
		if err != nil {
			return err
		}
		for i := int64(1); i <= nodes; i++ {
			node := (newest + i) % nodes
			n, err := tx.Exec(ctx, `
				INSERT INTO node_lease (node, holder, until_ms) VALUES ($1, $2, $3)
				ON CONFLICT (node) DO UPDATE SET holder = excluded.holder, until_ms = excluded.until_ms
				WHERE node_lease.until_ms < $4`, node, d.holder, until, now.UnixMilli())
			if err != nil {
				return err
			}
			if n == 1 {
				d.ids.mu.Lock()
				d.ids.node = node
				d.ids.mu.Unlock()
				return nil
			}
		}
		return fault.New(fault.Unavailable, "db.nodes", "同时运行的程序副本过多。")
	})
	if err != nil {
		if d.Engine() == "sqlite" && fault.Is(err, "db.nested") {
			return err
		}
		return fmt.Errorf("lease a node number: %w", err)
	}
	d.leased = now
	slog.Debug("node number leased", "node", d.ids.node)
	return nil
}
