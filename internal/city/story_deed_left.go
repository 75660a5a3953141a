package city

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"time"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/deed"
)

// A leftWork is a deed of the last weeks that waits on somebody's desk.
type leftWork struct {
	place *Project
	lead  authz.Role
	far   int
	ago   int
}

// leftWorks lie on the desks of those who can sign in, in every state.
func (dr *driver) leftWorks() (list []leftWork) {
	districts := dr.signingDistricts()
	for i, far := range []int{onlyCollected, suspendAsked, onlyScheduled, onlyBegun, onlyAccepted, suspendSigned, onlyDone, onlyVerified, onlyCollected, onlyBegun, onlyDone, onlyAccepted} {
		d := districts[i%len(districts)]
		at := dr.first(func(p *Project) bool { return p.Division.Up(code.District) == d })
		if at < 0 {
			continue
		}
		ago := map[int]int{onlyCollected: 3, onlyAccepted: 4, onlyScheduled: 6, onlyBegun: 24, suspendAsked: 14, suspendSigned: 16, onlyDone: 14, onlyVerified: 17}[far]
		list = append(list, leftWork{&dr.plan.Projects[at], authz.DistrictBureau, far, ago + i/8})
	}
	street := &dr.plan.Projects[dr.homes()[0]] // where the street that can sign in is
	return append(list,
		leftWork{street, authz.Subdistrict, onlyAccepted, 5},
		leftWork{street, authz.Subdistrict, onlyBegun, 26},
	)
}

// deedMonths opens and reports the districts' months; a few districts with people
// who sign in still owe the last one.
func (dr *driver) deedMonths(ctx context.Context, tx *db.Tx, today day.Date) error {
	if today.Day() != 1 {
		return nil
	}
	if _, err := dr.Deeds.AdvanceIn(ctx, tx); err != nil {
		return err
	}
	month := deed.MonthOf(today.AddDays(-1))
	last := today.AddMonths(1) > dr.opt.Until
	who, err := dr.people.actor(ctx, tx, "city1")
	if err != nil {
		return err
	}
	report, err := dr.Deeds.Report(ctx, tx, who, month)
	if err != nil {
		return err
	}
	signing := dr.signingDistricts()
	for i, l := range report.Lines {
		if l.Case.ID == 0 || last && (l.District == signing[0] || l.District == signing[1] || l.District == signing[2]) {
			continue
		}
		dr.later(today.AddDays(1+i%4), "deed-month", func(ctx context.Context, tx *db.Tx) error {
			who, err := dr.people.body(ctx, tx, authz.DistrictBureau, authz.Scope{Division: l.District}, 1)
			if err != nil {
				return err
			}
			return dr.Deeds.FreezeIn(ctx, tx, who, deed.Take{Deed: l.Case.ID, Version: l.Case.Version})
		})
	}
	dr.later(today.AddDays(8), "deed-published", func(ctx context.Context, tx *db.Tx) error {
		again, err := dr.Deeds.Report(ctx, tx, who, month)
		if err != nil {
			return err
		}
		p := deed.Published{Matters: again.Sum.Matters, People: again.Sum.People, Source: "市级专报"}
		if month.First().Month() == time.May { // a report that says something else
			p.People += 60
		}
		return dr.Deeds.PublishedIn(ctx, tx, who, month, p)
	})
	return nil
}

// pictures are a kind's two views of one place, before and after. Deeds of one kind
// share them: a demo city has no camera.
func (dr *driver) pictures(ctx context.Context, tx *db.Tx, kind string) ([2]db.ID, error) {
	if pair, ok := dr.works.pictures[kind]; ok {
		return pair, nil
	}
	var pair [2]db.ID
	for i, name := range []string{"办理前.png", "办理后.png"} {
		file, err := dr.Files.Put(ctx, tx, name, view(len(dr.works.pictures), i == 1))
		if err != nil {
			return pair, err
		}
		pair[i] = file.ID
	}
	dr.works.pictures[kind] = pair
	return pair, nil
}

// view is a drawn house front: broken and grey, or mended.
func view(n int, mended bool) *bytes.Buffer {
	pal := color.Palette{color.RGBA{203, 216, 226, 255}, color.RGBA{150, 140, 130, 255}, color.RGBA{84, 92, 100, 255}, color.RGBA{60, 56, 52, 255}, color.RGBA{196, 108, 80, 255}, color.RGBA{250, 226, 150, 255}, color.RGBA{96, 150, 92, 255}}
	img := image.NewPaletted(image.Rect(0, 0, 480, 300), pal)
	box := func(x, y, w, h int, c uint8) {
		for i := range w * h {
			img.SetColorIndex(x+i%w, y+i/w, c)
		}
	}
	wall, pane, ground := uint8(1), uint8(2), uint8(2)
	if mended {
		wall, pane, ground = 4, 5, 6
	}
	box(0, 250, 480, 50, ground)
	box(60, 40, 360, 210, wall)
	for row := range 3 {
		for c := range 6 {
			box(80+c*56, 60+row*60, 34, 38, pane)
		}
	}
	box(200+n%4*20, 190, 48, 60, 3)
	if !mended {
		for i := range 150 { // a crack down the wall
			box(120+n*17%200+i/3+(i*i)%7, 50+i, 4, 2, 3)
		}
		box(300, 262, 120, 14, 3)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // a picture in memory
	}
	return &b
}
