package staff

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/fault"
	"konote/tenancy"
)

// stamps are what forms carry that were opened with a fresh proof.
var stamps = regexp.MustCompile(`name="stamp" value="[^"]*"`)

// A house is an agency with people in three programs.
type house struct {
	*world
	youth, housing, shelter uuid.UUID // shelter is confidential
	ids                     map[string]uuid.UUID
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{world: newWorld(t), ids: map[string]uuid.UUID{}}
	h.youth, h.housing, h.shelter = h.program("Youth", "Jeunesse", false), h.program("Housing", "Logement", false), h.program("Quiet Harbour", "Le Havre", true)
	type roles = map[uuid.UUID]access.Role
	for name, of := range map[string]struct {
		admin bool
		roles roles
	}{
		"ana":     {true, nil},
		"aria":    {true, nil},
		"manager": {false, roles{h.youth: access.ProgramManager}},
		"peer":    {false, roles{h.youth: access.ProgramManager}},
		"chief":   {false, roles{h.youth: access.Executive}},
		"desk":    {false, roles{h.youth: access.FrontDesk}},
		"worker":  {false, roles{h.youth: access.DirectService}},
		"both":    {false, roles{h.youth: access.DirectService, h.shelter: access.DirectService}},
		"other":   {false, roles{h.housing: access.FrontDesk}},
		"boss":    {true, roles{h.youth: access.DirectService}},
	} {
		id := h.staff(New{Username: name, Email: name + "@example.ca", DisplayName: "Person " + name, Admin: of.admin})
		h.ids[name] = id
		h.update(func(tx *tenancy.Tx) error {
			for program, role := range of.roles {
				if err := Grant(t.Context(), tx, operator, id, program, role); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return h
}

func (h *house) as(name string) *browser {
	h.t.Helper()
	b := h.browser("192.0.2.1")
	b.enter(name, goodPassword)
	return b
}

func (h *house) path(name string, more ...string) string {
	return "/staff/" + strings.Join(append([]string{h.ids[name].String()}, more...), "/")
}

func (h *house) roleOf(name string, program uuid.UUID) access.Role {
	h.t.Helper()
	visitor, _, err := Visitor(h.t.Context(), h.agency, h.ids[name])
	if err != nil {
		return ""
	}
	return visitor.Actor.Roles[program]
}

func TestAManagerSeesThoseOfHerProgramsAndNoHintOfOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	manager := h.as("manager")
	page := manager.get("/staff")
	for _, name := range []string{"manager", "peer", "chief", "desk", "worker", "both", "boss"} {
		if !strings.Contains(page.text, "Person "+name+"<") {
			t.Errorf("%s is not in the list", name)
		}
	}
	for _, secret := range []string{"Person other", "Person ana", "Quiet Harbour", "Housing", "Administrator"} {
		if strings.Contains(page.text, secret) {
			t.Errorf("the list tells %q", secret)
		}
	}
	// Who works in a confidential program too looks as anybody else does.
	alike := func(name string) string {
		h.as(name)
		page := manager.get(h.path(name)).text + manager.get(h.path(name, "roles")).text + manager.get(h.path(name, "deactivate")).text
		page = stamps.ReplaceAllString(page, "") // over the address of the form
		return strings.NewReplacer(name, "name", h.ids[name].String(), "id").Replace(page)
	}
	if diff := cmp.Diff(alike("worker"), alike("both")); diff != "" {
		t.Errorf("somebody who works elsewhere too can be told from somebody who does not:\n%s", diff)
	}
	for _, name := range []string{"other", "ana"} {
		if got := manager.get(h.path(name)); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", name, got.StatusCode)
		}
	}
	if page := manager.post("/staff", "q", "wor"); !strings.Contains(page.text, "Person worker") || strings.Contains(page.text, "Person desk") {
		t.Error("searching for a name finds others, or not her")
	}
	if page := manager.post("/staff", "q", "other"); strings.Contains(page.text, "Person other<") {
		t.Error("searching finds somebody whom she may not see")
	}
	for _, name := range []string{"worker", "desk", "chief"} {
		if got := h.as(name).get("/staff"); got.StatusCode != http.StatusForbidden {
			t.Errorf("the list for %s: got %d, want 403", name, got.StatusCode)
		}
	}
	if page := h.as("ana").get("/staff"); !strings.Contains(page.text, "Person other<") || !strings.Contains(page.text, "Quiet Harbour") {
		t.Error("an administrator does not see everybody everywhere")
	}
}

func TestAManagerChangesNobodyAndNothingBeyondHerLimits(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	manager := h.as("manager")
	for _, test := range []struct {
		what, who string
		program   uuid.UUID
		role      access.Role
		want      int
	}{
		{"a manager's role", "worker", h.youth, access.ProgramManager, 403},
		{"an executive's role", "worker", h.youth, access.Executive, 403},
		{"from the front desk to direct service", "desk", h.youth, access.DirectService, 422},
		{"a role where she is nothing", "worker", h.housing, access.FrontDesk, 404},
		{"a role in a confidential program", "worker", h.shelter, access.FrontDesk, 404},
		{"a role in no program", "worker", uuid.New(), access.FrontDesk, 404},
		{"the end of a role elsewhere", "worker", h.housing, "", 404},
		{"the role elsewhere of somebody who works here too", "both", h.shelter, access.FrontDesk, 404},
		{"its end", "both", h.shelter, "", 404},
		{"an administrator who works here", "boss", h.youth, "", 403},
		{"another manager", "peer", h.youth, "", 403},
		{"an executive", "chief", h.youth, access.FrontDesk, 403},
		{"herself", "manager", h.youth, "", 403},
		{"somebody of another program", "other", h.youth, access.FrontDesk, 404},
		{"a role that is none", "worker", h.youth, "owner", 422},
	} {
		before := map[string]access.Role{}
		for name := range h.ids {
			before[name] = h.roleOf(name, h.youth)
		}
		fields := []string{"program", test.program.String(), "role", string(test.role)}
		if test.role == "" {
			fields = append(fields, "end", "yes")
		}
		if got := manager.post(h.path(test.who, "roles"), fields...); got.StatusCode != test.want {
			t.Errorf("%s: got %d, want %d", test.what, got.StatusCode, test.want)
		}
		for name := range h.ids {
			if got := h.roleOf(name, h.youth); got != before[name] {
				t.Errorf("%s: %s is %q now", test.what, name, got)
			}
		}
	}
	for _, act := range []string{"administrator", "deactivate", "reactivate", "sign-out", "reset"} {
		for who, want := range map[string]int{"boss": 403, "peer": 403, "chief": 403, "manager": 403, "other": 404, "ana": 404} {
			if got := manager.post(h.path(who, act), "administrator", "yes"); got.StatusCode != want {
				t.Errorf("%s of %s: got %d, want %d", act, who, got.StatusCode, want)
			}
		}
	}
	for _, act := range []string{"administrator", "reactivate", "reset"} {
		for _, who := range []string{"worker", "both"} {
			if got := manager.post(h.path(who, act), "administrator", "yes"); got.StatusCode != http.StatusForbidden {
				t.Errorf("%s of %s: got %d, want 403", act, who, got.StatusCode)
			}
		}
	}
	if got := manager.post(h.path("worker"), "version", "1", "name", "X", "email", "mine@example.ca", "language", "en"); got.StatusCode != http.StatusForbidden {
		t.Errorf("the address of her worker: got %d, want 403", got.StatusCode)
	}

	// Nor by a way around: out of the program, and in again as something else.
	if got := manager.post(h.path("worker", "roles"), "program", h.youth.String(), "role", "front_desk"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("what she may do: got %d, want 303", got.StatusCode)
	}
	if got := manager.post(h.path("worker", "roles"), "program", h.youth.String(), "role", "direct_service"); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("lifted again: got %d, want 422", got.StatusCode)
	}
	worker := h.as("worker")
	if got := manager.post(h.path("worker", "deactivate")); got.StatusCode != http.StatusSeeOther {
		t.Errorf("closing her worker's account: got %d, want 303", got.StatusCode)
	}
	if got := worker.get("/account"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("the worker's session: got %d, want the way to sign-in", got.StatusCode)
	}
}

// What a manager does counts in her programs, also for somebody who works in one that she
// does not know of, and she cannot tell.
func TestAManagerEndsTheWorkInHerProgramsAndNoOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	manager := h.as("manager")
	if got := manager.post(h.path("both", "roles"), "program", h.youth.String(), "role", "front_desk"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("another role in her program: got %d, want 303", got.StatusCode)
	}
	if h.roleOf("both", h.youth) != access.FrontDesk || h.roleOf("both", h.shelter) != access.DirectService {
		t.Error("the roles are not as they were set")
	}
	for _, who := range []string{"worker", "both"} {
		theirs := h.as(who)
		got := manager.post(h.path(who, "deactivate"))
		if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/staff" {
			t.Errorf("%s: got %d to %q, want 303 to the list", who, got.StatusCode, got.Header.Get("Location"))
		}
		if page := manager.get("/staff"); !strings.Contains(page.text, "no longer works in your programs") || strings.Contains(page.text, "Person "+who) {
			t.Errorf("%s: the list does not say what was done, or still shows her", who)
		}
		if got := manager.get(h.path(who)); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", who, got.StatusCode)
		}
		if got := theirs.get("/account"); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%s is still signed in: got %d", who, got.StatusCode)
		}
		if h.roleOf(who, h.youth) != "" {
			t.Errorf("%s still works in the program", who)
		}
	}
	if h.roleOf("both", h.shelter) != access.DirectService {
		t.Error("the role in the confidential program ended too")
	}
	if _, _, err := Visitor(t.Context(), h.agency, h.ids["worker"]); fault.KindOf(err) != fault.SignedOut {
		t.Errorf("an account without work: got %v, want it closed", err)
	}
	if page := h.as("both").get("/account"); !strings.Contains(page.text, "Quiet Harbour") {
		t.Error("she cannot go on with her other work")
	}
	// The front desk of a program that is not hers says nothing about hers.
	h.update(func(tx *tenancy.Tx) error {
		return errors.Join(Grant(t.Context(), tx, operator, h.ids["other"], h.shelter, access.FrontDesk),
			Grant(t.Context(), tx, operator, h.ids["other"], h.youth, access.DirectService))
	})
	if got := manager.post(h.path("other", "roles"), "program", h.youth.String(), "role", "direct_service"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("a role that she may give: got %d, want 303", got.StatusCode)
	}
}

func TestARoleThatWasNotChosenEndsNone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	manager := h.as("manager")
	for _, test := range []struct {
		what, who, program, role string
		field, says, kept        string
	}{
		{"no role", "worker", h.youth.String(), "", "role", "Choose a role", h.youth.String()},
		{"no program", "worker", "", "front_desk", "program", "Choose a program", "front_desk"},
		{"neither", "worker", "", "", "program", "Choose a role", ""},
		{"a role that she may not be given", "desk", h.youth.String(), "direct_service", "role", "front desk", h.youth.String()},
	} {
		before := h.roleOf(test.who, h.youth)
		got := manager.post(h.path(test.who, "roles"), "program", test.program, "role", test.role)
		if got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d, want 422", test.what, got.StatusCode)
		}
		for _, want := range []string{`href="#` + test.field + `"`, test.says, `<option value="` + test.kept + `" selected`} {
			if !strings.Contains(got.text, want) {
				t.Errorf("%s: the page lacks %q", test.what, want)
			}
		}
		if now := h.roleOf(test.who, h.youth); now != before || now == "" {
			t.Errorf("%s: the role is %q, was %q", test.what, now, before)
		}
	}
	if got := h.entries("access.refused"); len(got) != 1 || got[0].Outcome != "refused" || got[0].Staff != h.ids["manager"] || got[0].Subject != h.ids["desk"] {
		t.Errorf("refusals in the audit log: got %+v, want that of the role that she may not give", got)
	}
	if page := manager.get(h.path("desk", "roles")); strings.Contains(page.text, `value="direct_service"`) {
		t.Error("a manager is offered what she will be refused")
	}
	for who, b := range map[string]*browser{"worker": manager, "desk": h.as("ana")} {
		if page := b.get(h.path(who, "roles")); !strings.Contains(page.text, `value="direct_service"`) {
			t.Errorf("%s: the role of direct service is not offered", who)
		}
	}
}

func TestAManagerWhoHasJustLostHerRoleChangesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	// As if her request had begun just before: powers from then, rights from now.
	then := Powers{Staff: h.ids["manager"], Programs: []uuid.UUID{h.youth}}
	h.update(func(tx *tenancy.Tx) error { return Remove(t.Context(), tx, operator, h.ids["manager"], h.youth) })
	err := h.agency.Update(t.Context(), func(tx *tenancy.Tx) error {
		return setRole(t.Context(), tx, operator, then, h.ids["worker"], h.youth, access.FrontDesk)
	})
	if err == nil || h.roleOf("worker", h.youth) != access.DirectService {
		t.Errorf("got %v, want a refusal", err)
	}
}

func TestNobodyChangesHerselfAndOneAdministratorStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ana := h.as("ana")
	for _, act := range []string{"administrator", "deactivate", "reset", "sign-out"} {
		if got := ana.post(h.path("ana", act), "administrator", "no"); got.StatusCode != http.StatusForbidden {
			t.Errorf("%s of herself: got %d, want 403", act, got.StatusCode)
		}
	}
	if got := ana.post(h.path("ana", "roles"), "program", h.youth.String(), "role", "direct_service"); got.StatusCode != http.StatusForbidden {
		t.Errorf("a role for herself: got %d, want 403", got.StatusCode)
	}
	if got := ana.post(h.path("boss", "administrator"), "administrator", "no"); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("ending an administrator: got %d, want 303", got.StatusCode)
	}

	// Two who end each other at the same moment: one of them stays.
	aria := h.as("aria")
	var wg sync.WaitGroup
	for b, other := range map[*browser]string{ana: "aria", aria: "ana"} {
		wg.Go(func() { b.post(h.path(other, "administrator"), "administrator", "no") })
	}
	wg.Wait()
	admins := 0
	h.view(func(tx *tenancy.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM agency.staff WHERE is_admin AND status = 'active'`).Scan(&admins)
	})
	if admins != 1 {
		t.Errorf("%d administrators are left, want 1", admins)
	}
	last := h.ids["ana"]
	if _, _, err := Visitor(t.Context(), h.agency, last); err == nil {
		visitor, _, _ := Visitor(t.Context(), h.agency, last)
		if !visitor.Actor.Admin {
			last = h.ids["aria"]
		}
	}
	if err := Deactivate(t.Context(), h.agency, h.sessions, operator, last); err == nil {
		t.Error("an operator closes the last administrator's account")
	}
}

func TestAnAdministratorSetsAnAccountUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ana := h.as("ana")
	ana.get(h.path("other", "edit"))
	if got := ana.post(h.path("other"), "version", "1", "name", "Person Renamed", "email", "renamed@example.ca", "username", "", "language", "fr"); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("details: got %d, want 303\n%s", got.StatusCode, got.text)
	}
	if got := ana.post(h.path("other"), "version", "1", "name", "Late", "email", "late@example.ca", "language", "fr"); got.StatusCode != http.StatusConflict {
		t.Errorf("from an old version: got %d, want 409", got.StatusCode)
	}
	if got := ana.post(h.path("other"), "version", "2", "name", "Taken", "email", "DESK@example.ca", "language", "fr"); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.text, `href="#email"`) {
		t.Errorf("somebody else's address: got %d, want 422 at the address", got.StatusCode)
	}
	if got := ana.post(h.path("other"), "version", "2", "name", "Taken", "email", "free@example.ca", "username", "desk", "language", "fr"); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.text, `href="#username"`) {
		t.Errorf("somebody else's user name: got %d, want 422 at the user name", got.StatusCode)
	}
	for _, test := range []struct {
		act    string
		fields []string
	}{
		{"roles", []string{"program", h.shelter.String(), "role", "program_manager"}},
		{"roles", []string{"program", h.housing.String(), "end", "yes"}},
		{"administrator", []string{"administrator", "yes"}},
		{"deactivate", nil}, {"reactivate", nil}, {"sign-out", nil}, {"reset", nil},
	} {
		if got := ana.post(h.path("other", test.act), test.fields...); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%s %v: got %d, want 303", test.act, test.fields, got.StatusCode)
		}
	}
	if h.roleOf("other", h.shelter) != access.ProgramManager || h.roleOf("other", h.housing) != "" {
		t.Error("the roles are not as they were set")
	}
	for action, want := range map[string]int{"staff.update": 1, "staff.administrator": 1, "staff.deactivate": 1, "staff.reactivate": 1, "staff.end_sessions": 1, "staff.reset_ask": 1} {
		if got := h.entries(action); len(got) != want || got[0].Staff != h.ids["ana"] || got[0].Subject != h.ids["other"] {
			t.Errorf("audit of %s: got %+v", action, got)
		}
	}
	if entries := h.entries("staff.role_grant"); !entries[len(entries)-1].Secret {
		t.Error("the record of a role in a confidential program does not say so")
	}
}

func TestOneSeesAndEndsOnesOtherSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	here, there := h.as("worker"), h.as("worker")
	page := here.get("/account")
	if strings.Count(page.text, "Since ") != 2 || strings.Count(page.text, "This one") != 1 || strings.Count(page.text, "Firefox on Windows") != 2 {
		t.Errorf("the account's page does not list two sessions, one of them this:\n%s", page.text)
	}
	if page := h.as("ana").get(h.path("worker")); strings.Count(page.text, "Firefox on Windows") != 2 {
		t.Error("an administrator does not see on which devices somebody is signed in")
	}
	h.as("peer")
	if page := h.as("manager").get(h.path("peer")); strings.Contains(page.text, "Firefox on Windows") {
		t.Error("a manager sees the devices of somebody whom she may not change")
	}
	if got := here.post("/account/end-others"); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("got %d, want 303", got.StatusCode)
	}
	if got := here.get("/account"); got.StatusCode != http.StatusOK || strings.Count(got.text, "Since ") != 1 {
		t.Errorf("here: got %d, want to stay alone", got.StatusCode)
	}
	if got := there.get("/account"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("there: got %d, want the way to sign-in", got.StatusCode)
	}
}
