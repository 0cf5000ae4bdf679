package program_test

import (
	"bytes"
	"net/url"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/program"
	"konote/app/session"
	"konote/app/staff"
	"konote/app/web"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

// A world is an agency with two programs, one of them confidential.
type world struct {
	t           *testing.T
	w           *tenancytest.World
	agency      *tenancy.Agency
	open, quiet uuid.UUID
	handlers    *program.Handlers
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := tenancytest.New(t)
	m := &world{t: t, w: w, agency: w.Agency(t), handlers: &program.Handlers{}}
	m.open, m.quiet = m.program("Youth Hub", "Carrefour jeunesse", false), m.program("Safe Harbour", "Havre", true)
	return m
}

func (m *world) program(en, fr string, confidential bool) uuid.UUID {
	m.t.Helper()
	p := program.Program{ID: tenancy.NewID(), NameEN: en, NameFR: fr, ServiceModel: program.Both, Status: program.Active, Confidential: confidential}
	m.update(func(tx *tenancy.Tx) error { return program.Insert(m.t.Context(), tx, p, uuid.Nil) })
	return p.ID
}

func (m *world) update(f func(*tenancy.Tx) error) {
	m.t.Helper()
	if err := m.agency.Update(m.t.Context(), f); err != nil {
		m.t.Fatal(err)
	}
}

func (m *world) load(id uuid.UUID) (p program.Program) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) (err error) {
		p, err = program.ByID(m.t.Context(), tx, id)
		return err
	})
	return p
}

// somebody is a member of staff with a role in a program, or an administrator.
func (m *world) somebody(admin bool, roles map[uuid.UUID]access.Role) access.Actor {
	m.t.Helper()
	actor := access.Actor{Admin: admin, Roles: roles}
	m.update(func(tx *tenancy.Tx) (err error) {
		actor.Staff, err = staff.Insert(m.t.Context(), tx, audit.By{Kind: audit.KindSystem},
			staff.New{DisplayName: "Sam Ouellet", Username: "s" + uuid.NewString(), Language: "en", Admin: admin})
		return err
	})
	return actor
}

// request makes one by hand. params are pairs.
func (m *world) request(by access.Actor, method, address string, form url.Values, params ...string) *web.Request {
	m.t.Helper()
	r := web.NewRequest(m.t.Context(), method, address, form)
	r.Agency, r.Visitor, r.Session = m.agency, web.Visitor{Actor: by}, &session.Session{Staff: by.Staff, Agency: m.agency.ID}
	for i := 0; i < len(params); i += 2 {
		r.Params[params[i]] = params[i+1]
	}
	return r
}

// text is a page as it is sent.
func (m *world) text(response web.Response) string {
	m.t.Helper()
	var out bytes.Buffer
	if err := response.Body.Render(m.t.Context(), &out); err != nil {
		m.t.Fatal(err)
	}
	return out.String()
}

// form is a complete program as the page sends it.
func form(change func(url.Values)) url.Values {
	values := url.Values{
		"name_en": {"Night Kitchen"}, "name_fr": {"Cuisine de nuit"}, "description_en": {"Supper, together."},
		"description_fr": {"Souper ensemble."}, "service_model": {"group"}, "version": {"1"},
	}
	if change != nil {
		change(values)
	}
	return values
}
