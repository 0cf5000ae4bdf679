package apptest

import (
	"context"

	"github.com/google/uuid"

	"konote/app/circle"
	"konote/app/civil"
	"konote/app/group"
	"konote/app/i18n"
	"konote/tenancy"
)

// Group is what the people of one program do together: a project with one session, nine
// days ago, at which everybody was who is or was in the program.
type Group struct {
	ID, Session, Step uuid.UUID
	Member            uuid.UUID // of somebody without a record
}

// Circle is everybody of one program and somebody without a record.
type Circle struct {
	ID     uuid.UUID
	Member uuid.UUID // of somebody without a record
}

// fillGroups makes a group and a circle of each program, and a circle of two.
func (a *Agency) fillGroups(ctx context.Context, tx *tenancy.Tx, w *words) error {
	a.Groups, a.Circles = map[uuid.UUID]*Group{}, map[uuid.UUID]*Circle{}
	now := tx.Now()
	met := civil.Of(now.AddDate(0, 0, -9).In(i18n.Toronto()))
	var groups []group.Past
	var circles []circle.Past
	for program, leader := range map[uuid.UUID]*Staff{a.Housing: a.Worker, a.Youth: a.Mixed, a.Shelter: a.Advocate} {
		g := &Group{ID: tenancy.NewID(), Session: tenancy.NewID(), Step: tenancy.NewID(), Member: tenancy.NewID()}
		c := &Circle{ID: tenancy.NewID(), Member: tenancy.NewID()}
		a.Groups[program], a.Circles[program] = g, c
		past := group.Past{
			Group:   group.Group{ID: g.ID, Program: program, Kind: group.Project, Name: w.next(), Description: w.next(), Status: group.Active, CreatedAt: now, CreatedBy: leader.ID},
			Members: []group.Member{{ID: g.Member, Name: w.next(), Role: group.Leader, JoinedOn: met.AddDays(-30)}},
			Steps:   []group.Step{{ID: g.Step, Kind: group.Milestone, Name: w.next(), Text: w.next(), Progress: group.InProgress}},
		}
		session := group.Session{ID: g.Session, HeldOn: met, Facilitator: leader.ID, Mood: group.Solid, Text: w.next(), CreatedAt: now, CreatedBy: leader.ID}
		around := circle.Past{
			Circle:  circle.Circle{ID: c.ID, Program: program, Name: w.next(), Status: circle.Active, CreatedAt: now, CreatedBy: leader.ID},
			Members: []circle.Member{{ID: c.Member, Name: w.next(), Relationship: w.next()}},
		}
		a.own = append(a.own, past.Name, past.Description, past.Members[0].Name, session.Text, around.Name, around.Members[0].Name)
		for _, p := range a.Participants() {
			if e := p.In(program); e != nil {
				e.Highlight, e.Kin = w.next(), w.next()
				m := group.Member{ID: tenancy.NewID(), Participant: p.ID, Role: group.Ordinary, JoinedOn: met.AddDays(-30)}
				past.Members = append(past.Members, m)
				session.Attendance = append(session.Attendance, group.Attended{ID: tenancy.NewID(), Member: m.ID, Present: true, Highlight: e.Highlight})
				around.Members = append(around.Members, circle.Member{ID: tenancy.NewID(), Participant: p.ID, Relationship: e.Kin})
			}
		}
		past.Sessions = []group.Session{session}
		groups, circles = append(groups, past), append(circles, around)
	}
	pair := &Circle{ID: tenancy.NewID(), Member: tenancy.NewID()}
	a.Circles[uuid.Nil] = pair
	circles = append(circles, circle.Past{
		Circle:  circle.Circle{ID: pair.ID, Program: a.Housing, Name: w.next(), Status: circle.Active, CreatedAt: now, CreatedBy: a.Worker.ID},
		Members: []circle.Member{{ID: pair.Member, Name: w.next()}, {ID: tenancy.NewID(), Participant: a.Own.ID}},
	})
	if err := group.Bulk(ctx, tx, groups); err != nil {
		return err
	}
	return circle.Bulk(ctx, tx, circles)
}
