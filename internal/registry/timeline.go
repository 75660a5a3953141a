package registry

import (
	"context"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
)

// versionsMax is how many states a timeline shows, the newest.
const versionsMax = 200

// An Event is one change in a subject's timeline: who, when, why, and what
// differs from the state before. Version 1 is the entry into the register.
type Event struct {
	Version int64
	Change
	Differences []Difference
}

// EnterpriseTimeline shows every state of an enterprise as changes, newest
// first. Personal data is masked; without RegistryRead at its place those
// changes are left out, and so are the persons who acted.
func (s *Service) EnterpriseTimeline(ctx context.Context, tx *db.Tx, who authz.Actor, uscc code.USCC) ([]Event, error) {
	states, err := db.All(ctx, tx, s.scanEnterprise, `
		SELECT `+enterpriseCols+` FROM enterprise WHERE uscc = $1
		UNION ALL SELECT `+enterpriseCols+` FROM enterprise_version WHERE uscc = $1
		ORDER BY version DESC LIMIT $2`, string(uscc), versionsMax)
	if err != nil {
		return nil, err
	}
	if len(states) == 0 {
		return nil, noEnterprise()
	}
	inside := authz.May(who, authz.RegistryRead, placeOf(states[0]))
	events := timeline(enterpriseFields, states, func(e *Enterprise) (int64, Change) { return e.Version, e.Change })
	return forReader(events, inside), nil
}

// ProjectTimeline shows every state of a project as changes, newest first.
func (s *Service) ProjectTimeline(ctx context.Context, tx *db.Tx, who authz.Actor, c code.ProjectCode) ([]Event, error) {
	states, err := db.All(ctx, tx, scanProject, `
		SELECT `+projectCols+` FROM project WHERE code = $1
		UNION ALL SELECT `+projectCols+` FROM project_version WHERE code = $1
		ORDER BY version DESC LIMIT $2`, string(c), versionsMax)
	if err != nil {
		return nil, err
	}
	if len(states) == 0 {
		return nil, noProject()
	}
	inside := authz.May(who, authz.RegistryRead, placeOfProject(states[0]))
	events := timeline(projectFields, states, func(p *Project) (int64, Change) { return p.Version, p.Change })
	return forReader(events, inside), nil
}

// timeline turns states, newest first, into changes.
func timeline[T any](fields []field[T], states []T, meta func(*T) (int64, Change)) []Event {
	events := make([]Event, 0, len(states))
	for i := range states {
		var before T
		if i+1 < len(states) {
			before = states[i+1]
		}
		version, change := meta(&states[i])
		e := Event{Version: version, Change: change}
		if version > 1 && i+1 < len(states) {
			e.Differences = differences(fields, &before, &states[i])
		}
		events = append(events, e)
	}
	return events
}

// forReader masks personal data, and hides what is not for the public.
func forReader(events []Event, inside bool) []Event {
	for i := range events {
		if !inside {
			events[i].By, events[i].Reason = 0, ""
		}
		kept := events[i].Differences[:0]
		for _, d := range events[i].Differences {
			if d.Private || d.Key == "party_members" {
				if !inside {
					continue
				}
			}
			if d.Private {
				d.Before, d.After = maskText(d.Key, d.Before), maskText(d.Key, d.After)
			}
			kept = append(kept, d)
		}
		events[i].Differences = kept
	}
	return events
}

// EnterpriseAt is an enterprise as it stood at a version.
func (s *Service) EnterpriseAt(ctx context.Context, tx *db.Tx, who authz.Actor, uscc code.USCC, version int64) (Enterprise, error) {
	e, ok, err := db.One(ctx, tx, s.scanEnterprise, `
		SELECT `+enterpriseCols+` FROM enterprise WHERE uscc = $1 AND version = $2
		UNION ALL SELECT `+enterpriseCols+` FROM enterprise_version WHERE uscc = $1 AND version = $2`, string(uscc), version)
	if err == nil && !ok {
		err = noEnterprise()
	}
	if err != nil {
		return Enterprise{}, err
	}
	if err := authz.Require(who, authz.RegistryRead, placeOf(e)); err != nil {
		return Enterprise{}, err
	}
	return e.Masked(), nil
}

// ProjectAt is a project as it stood at a version.
func ProjectAt(ctx context.Context, tx *db.Tx, who authz.Actor, c code.ProjectCode, version int64) (Project, error) {
	p, ok, err := db.One(ctx, tx, scanProject, `
		SELECT `+projectCols+` FROM project WHERE code = $1 AND version = $2
		UNION ALL SELECT `+projectCols+` FROM project_version WHERE code = $1 AND version = $2`, string(c), version)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "registry.no-project", "没有找到这个项目。")
	}
	if err != nil {
		return Project{}, err
	}
	return p, authz.Require(who, authz.RegistryRead, placeOfProject(p))
}
