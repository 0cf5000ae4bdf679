package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/demo"
	"konote/app/program"
	"konote/app/session"
	"konote/app/settings"
	"konote/app/staff"
	"konote/keyring"
	"konote/tenancy"
)

// operator is who makes what is measured.
var operator = audit.By{Kind: audit.KindOperator, Operator: "bench", Reference: "bench"}

// An agency full of invented people.
type agency struct {
	*tenancy.Agency // of the platform of the free site
	programs        []uuid.UUID
	workers         []uuid.UUID // one for each client, direct service in every program
	people          []person
}

type person struct {
	id          uuid.UUID
	first, last string
	all         string // preferred and middle names too
}

// agencyOf is the agency of a name, made at the first call.
func (b *bench) agencyOf(ctx context.Context, name string, participants, notes int) (*agency, error) {
	return b.agencyWith(ctx, name, clients, participants, notes)
}

// agencyWith is agencyOf with so many workers.
func (b *bench) agencyWith(ctx context.Context, name string, workers, participants, notes int) (*agency, error) {
	if a := b.made[name]; a != nil {
		return a, nil
	}
	a, err := b.provision(ctx, name, workers)
	if err != nil {
		return nil, err
	}
	if err := demo.Generate(ctx, a.Agency, participants, notes, 1, nil); err != nil {
		return nil, err
	}
	if err := a.readPeople(ctx, participants); err != nil {
		return nil, err
	}
	b.made[name] = a
	return a, b.settle(ctx)
}

// provision makes an agency with two programs and some workers.
func (b *bench) provision(ctx context.Context, name string, workers int) (*agency, error) {
	a := &agency{}
	n := tenancy.NewAgency{Subdomain: name, NameEN: "Bench House", NameFR: "Maison du Banc", Hosts: []string{name + ".localhost"}, Demo: true}
	made, err := tenancy.Provision(ctx, b.owner, b.free.Platform, n, func(ctx context.Context, tx *tenancy.Tx) error {
		return a.fill(ctx, tx, workers)
	})
	a.Agency = made
	return a, err
}

func (a *agency) fill(ctx context.Context, tx *tenancy.Tx, workers int) error {
	if err := settings.Set(ctx, tx, operator, settings.TimeZone, "America/Toronto"); err != nil {
		return err
	}
	for _, name := range []string{"Housing Support", "Youth Connections"} {
		p := program.Program{ID: tenancy.NewID(), NameEN: name, NameFR: name, ServiceModel: program.Both, Status: program.Active}
		if err := program.Insert(ctx, tx, p, uuid.Nil); err != nil {
			return err
		}
		a.programs = append(a.programs, p.ID)
	}
	for i := range workers {
		id, err := staff.Insert(ctx, tx, operator, staff.New{DisplayName: "Amara Okafor", Username: fmt.Sprintf("worker%d", i)})
		if err != nil {
			return err
		}
		a.workers = append(a.workers, id)
		for _, p := range a.programs {
			if err := staff.Grant(ctx, tx, operator, id, p, access.DirectService); err != nil {
				return err
			}
		}
	}
	return nil
}

// The names are opened with the columns of package participant.
var (
	colFirstName     = keyring.Column{Table: "participants", Name: "first_name", Pad: keyring.Identity}
	colPreferredName = keyring.Column{Table: "participants", Name: "preferred_name", Pad: keyring.Identity}
	colMiddleName    = keyring.Column{Table: "participants", Name: "middle_name", Pad: keyring.Identity}
	colLastName      = keyring.Column{Table: "participants", Name: "last_name", Pad: keyring.Identity}
)

func (a *agency) readPeople(ctx context.Context, most int) error {
	return a.View(ctx, func(tx *tenancy.Tx) error {
		rows, err := tx.Query(ctx, sqlPeople, most)
		if err != nil {
			return fmt.Errorf("read people: %w", err)
		}
		o := tx.Box().Opener()
		var p person
		var first, preferred, middle, last keyring.Sealed
		_, err = pgx.ForEachRow(rows, []any{&p.id, &first, &preferred, &middle, &last}, func() error {
			p.first, p.last = o.Open(colFirstName, p.id, first), o.Open(colLastName, p.id, last)
			p.all = strings.Join([]string{p.first, o.Open(colPreferredName, p.id, preferred), o.Open(colMiddleName, p.id, middle), p.last}, " ")
			a.people = append(a.people, p)
			return nil
		})
		if err != nil {
			return fmt.Errorf("read people: %w", err)
		}
		return o.Err()
	})
}

// signedIn is the cookie of a worker's new session.
func (b *bench) signedIn(ctx context.Context, a *agency, worker int) (string, error) {
	s, err := b.free.Sessions.Start(ctx, a.ID, a.workers[worker], time.Now(), session.Password, 0)
	if err != nil {
		return "", err
	}
	return s.Token().Cookie(), nil
}

// browsers are n signed-in workers of an agency, each at a browser.
func (b *bench) browsers(ctx context.Context, s *site, a *agency, n int) ([]*browser, func(), error) {
	var open []*browser
	closeAll := func() {
		for _, browser := range open {
			browser.close()
		}
	}
	for i := range n {
		cookie, err := b.signedIn(ctx, a, i%len(a.workers))
		if err != nil {
			return nil, closeAll, err
		}
		browser, err := s.visit(a, cookie)
		if err != nil {
			return nil, closeAll, err
		}
		open = append(open, browser)
	}
	return open, closeAll, nil
}

func ids(id uuid.UUID) []uuid.UUID { return []uuid.UUID{id} }
