package demo

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/staff"
	"konote/tenancy"
)

// An opened is an act that the audit log is to tell of.
type opened struct {
	who uuid.UUID
	at  time.Time
	audit.Event
}

// looked invents two weeks of the audit log: ordinary days of work, and on the last of them
// a few things that are worth a look.
func (p *past) looked(ctx context.Context, tx *tenancy.Tx) error {
	colleagues, err := staff.Colleagues(ctx, tx)
	if err != nil {
		return err
	}
	names := map[uuid.UUID]string{}
	for _, c := range colleagues {
		names[c.ID] = c.Name
	}
	at := map[uuid.UUID][]stay{} // by program
	for _, s := range p.stays() {
		at[s.Program] = append(at[s.Program], s)
	}
	var acts []opened
	for _, t := range p.teams {
		if len(at[t.Program]) == 0 || len(t.Workers) == 0 {
			continue
		}
		for day := 14; day > 0; day-- {
			if midday := p.today.AddDate(0, 0, -day); midday.Weekday() != time.Saturday && midday.Weekday() != time.Sunday {
				acts = append(acts, p.workday(t, at[t.Program], midday)...)
			}
		}
	}
	acts = append(acts, p.oddities(at, names)...)
	slices.SortStableFunc(acts, func(a, b opened) int { return a.at.Compare(b.at) })
	for _, act := range acts {
		by := audit.By{Kind: audit.KindStaff, Staff: act.who, Reference: "demo", IP: "192.0.2.20"}
		if err := audit.RecordPast(tx, by, act.Event, act.at); err != nil {
			return err
		}
	}
	return nil
}

// workday is what a team opens on one day.
func (p *past) workday(t team, stays []stay, midday time.Time) (acts []opened) {
	for _, worker := range t.Workers {
		when := midday.Add(-time.Duration(150+p.random.IntN(30)) * time.Minute)
		for range 3 + p.random.IntN(3) {
			s := pick(p.random, stays)
			acts = append(acts, p.act(worker, s, when, "participant.view", access.DirectService))
			if len(s.notes) > 0 {
				acts = append(acts, p.act(worker, s, when.Add(2*time.Minute), "note.view", access.DirectService))
			}
			if p.random.IntN(3) == 0 {
				acts = append(acts, p.act(worker, s, when.Add(11*time.Minute), "note.create", access.DirectService))
			}
			when = when.Add(time.Duration(35+p.random.IntN(50)) * time.Minute)
		}
	}
	return acts
}

// oddities are things that happened yesterday.
func (p *past) oddities(at map[uuid.UUID][]stay, names map[uuid.UUID]string) (acts []opened) {
	yesterday := p.today.AddDate(0, 0, -1)
	for i, t := range p.teams {
		stays := at[t.Program]
		if len(stays) == 0 || len(t.Workers) == 0 {
			continue
		}
		worker := t.Workers[len(t.Workers)-1]
		switch i {
		case 0: // a handover, perhaps: one record after the other
			for n, s := range stays[:min(len(stays), 34)] {
				acts = append(acts, p.act(worker, s, yesterday.Add(2*time.Hour+time.Duration(n)*time.Minute), "participant.view", access.DirectService))
			}
		case 1: // late in the evening
			acts = append(acts, p.act(worker, stays[0], yesterday.Add(11*time.Hour+12*time.Minute), "participant.view", access.DirectService),
				p.act(worker, stays[0], yesterday.Add(11*time.Hour+15*time.Minute), "note.view", access.DirectService))
		}
		if len(t.Desk) > 0 && i == 2 { // an old bookmark
			for n := range 6 {
				refused := p.act(t.Desk[0], stays[n%len(stays)], yesterday.Add(-3*time.Hour+time.Duration(n)*time.Minute), "access.refused", access.FrontDesk)
				refused.Outcome = audit.Refused
				acts = append(acts, refused)
			}
		}
		for _, s := range stays { // somebody of the same name
			if shares(names[worker], s.LastName) {
				acts = append(acts, p.act(worker, s, yesterday.Add(90*time.Minute), "participant.view", access.DirectService))
				break
			}
		}
		if len(t.Managers) > 0 && i == 1 {
			acts = append(acts, opened{t.Managers[0], yesterday.Add(4 * time.Hour), audit.Event{Action: "group.export", Program: t.Program, Role: access.ProgramManager}})
		}
	}
	return acts
}

func (p *past) act(who uuid.UUID, s stay, at time.Time, action audit.Action, role access.Role) opened {
	e := audit.Event{Action: action, Role: role, Program: s.Program, Subject: s.ID, Participants: []uuid.UUID{s.ID}, Confidential: s.Confidential}
	if action == "note.view" && len(s.notes) > 0 {
		e.Subject = s.notes[0].ID
	}
	return opened{who, at, e}
}

// shares says whether a participant's family name is part of what a member of staff is
// called.
func shares(name, last string) bool {
	words := strings.Fields(strings.ReplaceAll(name, "-", " "))
	return len(words) > 1 && slices.Contains(words[1:], last)
}
