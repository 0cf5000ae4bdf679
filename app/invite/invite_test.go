package invite_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/apptest"
	"konote/app/audit"
	"konote/app/staff"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestEveryStatementIsAccepted(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

const chosen = "quatre tuiles molles bleues"

var links = staff.LinksOf("invitations")

// tokenOf is the token that the mail of an invitation holds.
func tokenOf(t *testing.T, a *apptest.Agency, id uuid.UUID) (token string) {
	t.Helper()
	must(t, a.View(t.Context(), func(tx *tenancy.Tx) (err error) {
		token, _, err = links.Make(tx.Box(), id)
		return err
	}))
	return token
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// exec changes the agency's rows behind the features' back.
func exec(t *testing.T, a *apptest.Agency, sql string, args ...any) {
	t.Helper()
	must(t, a.Update(t.Context(), func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), sql, args...)
		return err
	}))
}

// behind changes what the agency itself may not change.
func behind(t *testing.T, p *apptest.Platform, sql string, args ...any) {
	t.Helper()
	db, err := pgx.Connect(t.Context(), p.World.SuperuserURL())
	must(t, err)
	defer db.Close(t.Context())
	_, err = db.Exec(t.Context(), sql, args...)
	must(t, err)
}

// invite sends the form, and returns the id of the invitation and the answer.
func invite(t *testing.T, b *apptest.Browser, values url.Values) (uuid.UUID, *apptest.Page) {
	t.Helper()
	id := tenancy.NewID()
	sent := url.Values{"id": {id.String()}, "name": {"Robin Côté"}, "email": {"robin@new.example"}, "language": {"fr"}, "days": {"7"}}
	for name, value := range values {
		sent[name] = value
	}
	return id, b.Post("/staff/invitations", sent)
}

// accept follows a link in a new browser and sends the form.
func accept(t *testing.T, p *apptest.Platform, a *apptest.Agency, token string) (*apptest.Browser, *apptest.Page) {
	t.Helper()
	b := p.Visit(t, a)
	b.Get("/sign-in")
	if page := b.Send(http.MethodGet, "/invitation/"+token, nil, nil); page.Status != http.StatusSeeOther || page.Location != "/invitation" {
		t.Fatalf("the link leads to %d %q", page.Status, page.Location)
	}
	page := b.Get("/invitation")
	id := ""
	if page.Status == http.StatusOK {
		id = page.Values(`form[action="/invitation"] input[name="id"]`, "value")[0]
	}
	return b, b.Post("/invitation", url.Values{"id": {id}, "new_password": {chosen}})
}

// account finds who has an address, with her roles.
func account(t *testing.T, a *apptest.Agency, email string) (id uuid.UUID, admin bool, roles map[uuid.UUID]access.Role) {
	t.Helper()
	must(t, a.View(t.Context(), func(tx *tenancy.Tx) (err error) {
		id, err = staff.ByLogin(t.Context(), tx, email)
		return err
	}))
	if id == uuid.Nil {
		return id, false, nil
	}
	visitor, _, err := staff.Visitor(t.Context(), a.Agency, id)
	must(t, err)
	return id, visitor.Actor.Admin, visitor.Actor.Roles
}

func role(program uuid.UUID) string { return "role-" + program.String() }

func TestAnInvitationBecomesAnAccountOnce(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	manager := p.SignIn(t, c.Manager)
	manager.Open("/staff/invitations/new")
	id, page := invite(t, manager, url.Values{role(c.Housing): {"direct_service"}})
	page.WantStatus(http.StatusSeeOther)
	if page := manager.Get("/staff/invitations"); !page.Has("Robin Côté") || !page.Has("Waiting") {
		t.Errorf("the list does not show the invitation: %s", page.Text())
	}

	token := tokenOf(t, c, id)
	b := p.Visit(t, c)
	b.Get("/sign-in")
	followed := b.Send(http.MethodGet, "/invitation/"+token, nil, nil)
	if got := followed.Header.Get("Referrer-Policy"); got != "no-referrer" {
		t.Errorf("Referrer-Policy: got %q, want no-referrer", got)
	}
	page = b.Get("/invitation")
	page.WantStatus(http.StatusOK)
	if !page.Has("r•••@new.example") || page.Has("robin@new.example") || strings.Contains(page.Body, token) {
		t.Errorf("the page shows the address unmasked, or the token: %s", page.Text())
	}
	idField := page.Values(`form[action="/invitation"] input[name="id"]`, "value")[0]
	if page := b.Post("/invitation", url.Values{"id": {idField}, "new_password": {"short"}}); page.Status != http.StatusUnprocessableEntity {
		t.Errorf("a short password: got %d, want 422", page.Status)
	}
	if page := b.Post("/invitation", url.Values{"id": {idField}, "new_password": {"RobinCote2026"}}); page.Status != http.StatusUnprocessableEntity {
		t.Errorf("her own name as a password: got %d, want 422", page.Status)
	}
	page = b.Post("/invitation", url.Values{"id": {idField}, "new_password": {chosen}, "email": {"evil@new.example"}, "administrator": {"yes"}})
	page.WantStatus(http.StatusSeeOther)
	if page := b.Get("/account"); page.Status != http.StatusOK || !page.Has("robin@new.example") {
		t.Errorf("not signed in with the address of the invitation: %d %s", page.Status, page.Text())
	}
	person, admin, roles := account(t, c, "robin@new.example")
	if admin || len(roles) != 1 || roles[c.Housing] != access.DirectService {
		t.Errorf("the account: admin %v, roles %v; want direct service in Housing", admin, roles)
	}
	if other, _, _ := account(t, c, "evil@new.example"); other != uuid.Nil {
		t.Error("the form chose the address")
	}

	if _, page := accept(t, p, c, token); page.Status != http.StatusGone {
		t.Errorf("the link again: got %d, want 410", page.Status)
	}
	p.Drain(t)
	if p.Log.String() == "" || strings.Contains(p.Log.String(), token) {
		t.Error("the log is empty or holds the token")
	}
	if person == uuid.Nil {
		t.Error("no account")
	}
}

func TestEveryLinkThatIsNotGoodHasTheSameAnswer(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	manager := p.SignIn(t, c.Manager)
	manager.Open("/staff/invitations/new")
	made := func(email string) uuid.UUID {
		id, page := invite(t, manager, url.Values{role(c.Housing): {"front_desk"}, "email": {email}})
		page.WantStatus(http.StatusSeeOther)
		return id
	}
	revoked, over, replaced, taken := made("a@new.example"), made("b@new.example"), made("C@new.example"), made("d@new.example")
	manager.Post("/staff/invitations/"+revoked.String()+"/revoke", nil).WantStatus(http.StatusSeeOther)
	behind(t, p, `UPDATE `+c.Role()+`.invitations SET created_at = created_at - interval '8 days', expires_at = expires_at - interval '8 days' WHERE id = $1`, over)
	newer := made(" c@NEW.example ")
	must(t, c.Update(t.Context(), func(tx *tenancy.Tx) error {
		_, err := staff.Insert(t.Context(), tx, audit.By{Kind: audit.KindOperator, Operator: "tests"}, staff.New{DisplayName: "D", Email: "d@new.example"})
		return err
	}))

	var texts []string
	for what, token := range map[string]string{
		"revoked": tokenOf(t, c, revoked), "expired": tokenOf(t, c, over), "replaced": tokenOf(t, c, replaced), "address taken": tokenOf(t, c, taken),
		"unknown": strings.Repeat("A", 43), "too short": "x", "of another agency": tokenOf(t, p.Birch, p.Birch.Invitation),
		"made with another agency's key": tokenOf(t, p.Birch, c.Invitation), "the id": c.Invitation.String(),
	} {
		_, page := accept(t, p, c, token)
		if page.Status != http.StatusGone {
			t.Errorf("%s: got %d, want 410", what, page.Status)
		}
		texts = append(texts, page.Text())
	}
	for _, text := range texts {
		if text != texts[0] {
			t.Errorf("the answers differ: %q and %q", text, texts[0])
		}
	}
	if _, page := accept(t, p, c, tokenOf(t, c, newer)); page.Status != http.StatusSeeOther {
		t.Errorf("the newer one: got %d, want 303", page.Status)
	}
}

func TestOfManyWhoAcceptAtOnceOneGetsTheAccount(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	token := tokenOf(t, p.Cedar, p.Cedar.Invitation)
	var wg sync.WaitGroup
	var mu sync.Mutex
	answers := map[int]int{}
	type try struct {
		b  *apptest.Browser
		id string
	}
	var tries []try
	for range 5 {
		b := p.Visit(t, p.Cedar)
		b.Get("/sign-in")
		b.Get("/invitation/" + token)
		tries = append(tries, try{b, b.Get("/invitation").Values(`form[action="/invitation"] input[name="id"]`, "value")[0]})
	}
	for _, one := range tries {
		wg.Go(func() {
			page := one.b.Post("/invitation", url.Values{"id": {one.id}, "new_password": {chosen}})
			mu.Lock()
			defer mu.Unlock()
			answers[page.Status]++
		})
	}
	wg.Wait()
	if answers[http.StatusSeeOther] != 1 || answers[http.StatusGone] != 4 {
		t.Errorf("got %v, want one 303 and four 410", answers)
	}
}

func TestAnInviterGivesWhatSheStillMayGive(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	admin := p.SignIn(t, c.Admin)
	admin.Open("/staff/invitations/new")
	manager := p.SignIn(t, c.Manager)
	manager.Open("/staff/invitations/new")
	byManager, page := invite(t, manager, url.Values{role(c.Housing): {"direct_service"}, "email": {"one@new.example"}})
	page.WantStatus(http.StatusSeeOther)
	byAdmin, page := invite(t, admin, url.Values{role(c.Housing): {"program_manager"}, role(c.Youth): {"front_desk"}, "administrator": {"yes"}, "email": {"two@new.example"}})
	page.WantStatus(http.StatusSeeOther)
	// The manager loses her program; the administrator becomes manager in Youth and no more.
	exec(t, c, `UPDATE agency.program_roles SET status = 'removed' WHERE staff_id = $1`, c.Manager.ID)
	exec(t, c, `UPDATE agency.staff SET is_admin = false WHERE id = $1`, c.Admin.ID)
	exec(t, c, `INSERT INTO agency.program_roles (staff_id, program_id, role) VALUES ($1, $2, 'program_manager')`, c.Admin.ID, c.Youth)

	if _, page := accept(t, p, c, tokenOf(t, c, byManager)); page.Status != http.StatusGone {
		t.Errorf("of a manager without a program: got %d, want 410", page.Status)
	}
	if _, page := accept(t, p, c, tokenOf(t, c, byAdmin)); page.Status != http.StatusSeeOther {
		t.Errorf("of one who may still give something: got %d, want 303", page.Status)
	}
	_, isAdmin, roles := account(t, c, "two@new.example")
	if isAdmin || len(roles) != 1 || roles[c.Youth] != access.FrontDesk {
		t.Errorf("got admin %v and %v, want the front desk of Youth alone", isAdmin, roles)
	}

	exec(t, c, `UPDATE agency.staff SET status = 'deactivated' WHERE id = $1`, c.Admin.ID)
	if _, page := accept(t, p, c, tokenOf(t, c, c.AdminInvitation)); page.Status != http.StatusGone {
		t.Errorf("of an inviter whose account is closed: got %d, want 410", page.Status)
	}
}

func TestAManagerInvitesWithinHerLimits(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	manager := p.SignIn(t, c.Manager)
	page := manager.Open("/staff/invitations/new")
	for _, words := range []string{"Youth", "Shelter", "Executive", "Administrator"} {
		if page.Has(words) {
			t.Errorf("the form offers %q", words)
		}
	}
	for what, test := range map[string]struct {
		values url.Values
		want   int
	}{
		"a manager":                  {url.Values{role(c.Housing): {"program_manager"}}, 403},
		"an executive":               {url.Values{role(c.Housing): {"executive"}}, 403},
		"an administrator":           {url.Values{"administrator": {"yes"}}, 403},
		"a role and an admin":        {url.Values{role(c.Housing): {"front_desk"}, "administrator": {"yes"}}, 403},
		"a program of others":        {url.Values{role(c.Youth): {"front_desk"}}, 404},
		"a confidential program":     {url.Values{role(c.Housing): {"front_desk"}, role(c.Shelter): {"front_desk"}}, 404},
		"another agency's program":   {url.Values{role(p.Birch.Housing): {"front_desk"}}, 404},
		"a program that is none":     {url.Values{role(tenancy.NewID()): {"front_desk"}}, 404},
		"a role that is none":        {url.Values{role(c.Housing): {"owner"}}, 404},
		"no role":                    {nil, 422},
		"31 days":                    {url.Values{role(c.Housing): {"front_desk"}, "days": {"31"}}, 422},
		"a colleague's address":      {url.Values{role(c.Housing): {"front_desk"}, "email": {strings.ToUpper(c.Worker.Email)}}, 422},
		"two addresses":              {url.Values{role(c.Housing): {"front_desk"}, "email": {"a@new.example,b@new.example"}}, 422},
		"a header in the address":    {url.Values{role(c.Housing): {"front_desk"}, "email": {"a@new.example\r\nBcc: x@evil.example"}}, 422},
		"a control sign in the name": {url.Values{role(c.Housing): {"front_desk"}, "name": {"Robin\x07"}}, 422},
	} {
		if _, page := invite(t, manager, test.values); page.Status != test.want {
			t.Errorf("%s: got %d, want %d", what, page.Status, test.want)
		}
	}
	manager.Post("/staff/invitations/"+c.AdminInvitation.String()+"/revoke", nil).WantStatus(http.StatusNotFound)
	manager.Post("/staff/invitations/"+c.AdminInvitation.String()+"/again", nil).WantStatus(http.StatusNotFound)
	if page := manager.Get("/staff/invitations"); strings.Count(page.Body, "/revoke") != 1 {
		t.Errorf("the manager sees other invitations than her own: %s", page.Text())
	}
	var count int
	must(t, c.View(t.Context(), func(tx *tenancy.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM agency.invitations`).Scan(&count)
	}))
	if count != 2 {
		t.Errorf("there are %d invitations, want the 2 that were there", count)
	}
}

// An invitation that a manager could not have made is not hers to replace, and she is told the
// same as of somebody who has an account: neither whether there is one nor where.
func TestAManagerReplacesNoInvitationButHerOwn(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	manager, admin := p.SignIn(t, c.Manager), p.SignIn(t, c.Admin)
	manager.Open("/")
	admin.Open("/")
	hers := url.Values{role(c.Housing): {"front_desk"}}
	told := func(email string) string {
		t.Helper()
		hers.Set("email", email)
		_, page := invite(t, manager, hers)
		page.WantStatus(http.StatusUnprocessableEntity)
		return strings.ReplaceAll(strings.Join(page.Texts("#page-errors li"), " "), email, "")
	}
	account := told(c.Advocate.Email)
	if !strings.Contains(account, "An administrator can see which") {
		t.Errorf("she is not told what to do: %q", account)
	}
	for what, theirs := range map[string]url.Values{
		"in a confidential program": {role(c.Shelter): {"direct_service"}},
		"of an administrator":       {"administrator": {"yes"}},
		"in hers and another":       {role(c.Housing): {"front_desk"}, role(c.Youth): {"front_desk"}},
		"as a manager":              {role(c.Housing): {"program_manager"}},
	} {
		id, page := invite(t, admin, theirs)
		page.WantStatus(http.StatusSeeOther)
		if got := told("Robin@New.example"); got != account {
			t.Errorf("an invitation %s is told from an account: %q, not %q", what, got, account)
		}
		var open bool
		must(t, c.View(t.Context(), func(tx *tenancy.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT revoked_at IS NULL FROM agency.invitations WHERE id = $1`, id).Scan(&open)
		}))
		if !open {
			t.Errorf("an invitation %s was replaced", what)
		}
	}
	id, page := invite(t, admin, url.Values{role(c.Youth): {"front_desk"}})
	page.WantStatus(http.StatusSeeOther)
	behind(t, p, `UPDATE `+c.Role()+`.invitations SET created_at = now() - interval '8 days', expires_at = now() - interval '1 day' WHERE id = $1`, id)
	hers.Set("email", "robin@new.example")
	if _, page := invite(t, manager, hers); page.Status != http.StatusSeeOther {
		t.Errorf("one that is over stands in the way: %d %s", page.Status, page.Text())
	}
	if _, page := invite(t, manager, hers); page.Status != http.StatusSeeOther {
		t.Errorf("her own cannot be replaced: %d %s", page.Status, page.Text())
	}
}

func TestAFormThatIsSentTwiceInvitesOnceAndANewLinkEndsTheOldOne(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	manager := p.SignIn(t, c.Manager)
	manager.Open("/staff/invitations/new")
	id := tenancy.NewID()
	for range 2 {
		_, page := invite(t, manager, url.Values{"id": {id.String()}, role(c.Housing): {"front_desk"}})
		page.WantStatus(http.StatusSeeOther)
	}
	// An id of somebody else's invitation changes nothing there.
	_, page := invite(t, manager, url.Values{"id": {c.AdminInvitation.String()}, role(c.Housing): {"front_desk"}, "email": {"other@new.example"}})
	page.WantStatus(http.StatusSeeOther)
	manager.Open("/staff/invitations/" + id.String() + "/again").Form("form.form").Submit().WantStatus(http.StatusSeeOther)
	if _, page := accept(t, p, c, tokenOf(t, c, id)); page.Status != http.StatusGone {
		t.Errorf("the old link: got %d, want 410", page.Status)
	}
	var open, all int
	must(t, c.View(t.Context(), func(tx *tenancy.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE revoked_at IS NULL), count(*) FROM agency.invitations`).Scan(&open, &all)
	}))
	if open != 3 || all != 4 {
		t.Errorf("got %d open of %d, want 3 of 4", open, all)
	}
}

func TestThePageOfOneLinkDoesNotAcceptAnother(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	b := p.Visit(t, c)
	b.Get("/sign-in")
	b.Get("/invitation/" + tokenOf(t, c, c.Invitation))
	first := b.Get("/invitation").Values(`form[action="/invitation"] input[name="id"]`, "value")[0]
	b.Get("/invitation/" + tokenOf(t, c, c.AdminInvitation))
	b.Post("/invitation", url.Values{"id": {first}, "new_password": {chosen}}).WantStatus(http.StatusGone)
	if page := b.Send(http.MethodPost, "/invitation", url.Values{"id": {c.AdminInvitation.String()}, "new_password": {chosen}}, nil); page.Status != http.StatusForbidden && page.Status != http.StatusGone {
		t.Errorf("without a token of a form: got %d", page.Status)
	}
}

func TestNobodyGuessesLinksAtWill(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	b := p.Visit(t, p.Cedar)
	b.Get("/sign-in")
	last := 0
	for i := range 70 {
		last = b.Post("/invitation", url.Values{"id": {strconv.Itoa(i)}, "new_password": {chosen}}).Status
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("after 70 tries: got %d, want 429", last)
	}
}
