package city

import (
	"context"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/listing"
)

func (dr *driver) approveBatch(ctx context.Context, tx *db.Tx, b *batchStory) error {
	who, err := dr.clerk(ctx, tx, 1)
	if err != nil {
		return err
	}
	t, err := takeOf(ctx, tx, listing.BatchMachine, b.batch, "")
	if err != nil {
		return err
	}
	_, err = dr.Listing.ApproveIn(ctx, tx, who, t)
	return err
}

// publishBatch is the second person's act; afterwards districts do what repeated
// listing calls for, and an enterprise asks to be taken off the black list.
func (dr *driver) publishBatch(ctx context.Context, tx *db.Tx, b *batchStory) error {
	who, err := dr.clerk(ctx, tx, 2)
	if err != nil {
		return err
	}
	t, err := takeOf(ctx, tx, listing.BatchMachine, b.batch, "")
	if err != nil {
		return err
	}
	t.Seen = true
	out, err := dr.Listing.PublishIn(ctx, tx, who, t)
	if err != nil {
		return err
	}
	dr.say("  %s  公布 %s", tx.Today(), out.Number)
	dr.later(tx.Today().AddDays(18), "list-follow", func(ctx context.Context, tx *db.Tx) error { return dr.followUp(ctx, tx, b) })
	switch b.n {
	case 1:
		dr.later(tx.Today().AddMonths(2).AddDays(6), "list-repair", func(ctx context.Context, tx *db.Tx) error { return dr.repairOne(ctx, tx, b, true) })
	case 5:
		dr.later(dr.opt.Until.AddDays(-3), "list-repair", func(ctx context.Context, tx *db.Tx) error { return dr.repairOne(ctx, tx, b, false) })
	}
	return nil
}

// followUp has the districts report what they did about half of what waits.
func (dr *driver) followUp(ctx context.Context, tx *db.Tx, b *batchStory) error {
	open, err := dr.Listing.Follows(ctx, tx, authz.System("demo"), listing.FollowOpen, 0, 200)
	if err != nil {
		return err
	}
	for i, f := range open {
		if (i+b.n)%2 == 0 {
			continue
		}
		who, err := dr.people.body(ctx, tx, authz.DistrictBureau, authz.Scope{Division: f.Division.Up(code.District)}, 1)
		if err != nil {
			return err
		}
		done := "已约谈企业负责人，企业书面承诺限期整改，社区每周回访。"
		if f.Code == "F2" {
			done = "已会同街道指导业主委员会召开会议，业主决定给企业三个月整改期，到期再表决。"
		}
		t, err := takeOf(ctx, tx, listing.FollowMachine, f.ID, done)
		if err != nil {
			return err
		}
		if _, err := dr.Listing.FollowIn(ctx, tx, who, t); err != nil {
			return err
		}
	}
	return nil
}

// repairOne has the first enterprise that may do so ask to be taken off the
// black list; a second official of the city decides it, or it waits.
func (dr *driver) repairOne(ctx context.Context, tx *db.Tx, b *batchStory, decide bool) error {
	all, err := dr.entriesIn(ctx, tx, b.batch, listing.Listed)
	if err != nil {
		return err
	}
	for _, e := range all {
		why, err := dr.Listing.MayRepair(ctx, tx, e)
		if err != nil {
			return err
		}
		if why != "" {
			continue
		}
		who, err := dr.firmOf(ctx, tx, e)
		if err != nil {
			return err
		}
		file, err := dr.Files.Put(ctx, tx, "整改前后对照.png", scan(len(e.Name)))
		if err != nil {
			return err
		}
		t, err := takeOf(ctx, tx, listing.EntryMachine, e.ID, "问题已全部整改，两个月内没有再发生，社区和业主委员会已签字确认，申请移出黑榜。")
		if err != nil {
			return err
		}
		if _, err := dr.Listing.ApplyRepairIn(ctx, tx, who, t, []db.ID{file.ID}); err != nil || !decide {
			return err
		}
		dr.later(tx.Today().AddDays(5), "list-decide", func(ctx context.Context, tx *db.Tx) error {
			who, err := dr.clerk(ctx, tx, 2)
			if err != nil {
				return err
			}
			t, err := takeOf(ctx, tx, listing.EntryMachine, e.ID, "经现场复查，整改属实，准予移出。")
			if err != nil {
				return err
			}
			_, err = dr.Listing.DecideRepairIn(ctx, tx, who, t, true)
			return err
		})
		return nil
	}
	return nil
}
