package settings_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/session"
	"konote/app/settings"
	"konote/app/web"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

// desk is an administrator at the page of access.
type desk struct {
	t      *testing.T
	agency *tenancy.Agency
	h      *settings.Handlers
}

// ask sends the form as somebody who has the settings as they were at begin.
func (d desk) ask(handler web.Handler, begin web.AgencySettings, form url.Values) (web.Response, string) {
	d.t.Helper()
	r := web.NewRequest(d.t.Context(), "POST", "/settings/access", form)
	r.Agency, r.Session = d.agency, &session.Session{Staff: uuid.New(), Agency: d.agency.ID}
	r.Visitor.Actor = access.Actor{Staff: r.Session.Staff, Admin: true, Policy: begin.Access}
	response, err := handler(r)
	if err != nil {
		d.t.Fatal(err)
	}
	var out bytes.Buffer
	if response.Body != nil {
		if err := response.Body.Render(d.t.Context(), &out); err != nil {
			d.t.Fatal(err)
		}
	}
	return response, out.String()
}

// form is the page's form as it opens, with changes.
func (d desk) form(begin web.AgencySettings, changes ...string) url.Values {
	d.t.Helper()
	_, page := d.ask(d.h.Access, begin, nil)
	_, rest, _ := strings.Cut(page, `name="was" value="`)
	was, _, _ := strings.Cut(rest, `"`)
	form := url.Values{"was": {was}, "tier": {"1"}, "days": {"30"}}
	for i := 0; i < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return form
}

func newDesk(t *testing.T) desk {
	t.Helper()
	return desk{t, tenancytest.New(t).Agency(t), &settings.Handlers{}}
}

func TestTheAgencyDecidesHowStrictlyRecordsAreGuarded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	begin := load(t, d.agency)
	response, _ := d.ask(d.h.SaveAccess, begin, d.form(begin, "tier", "3", "days", "14", "apart", "yes", "consent_first", "yes"))
	if response.Status != 303 {
		t.Fatalf("got %d, want 303", response.Status)
	}
	want := access.Policy{Tier: access.Safeguarded, Apart: true, ConsentFirst: true, GrantDays: 14}
	if diff := diff(web.AgencySettings{Access: want}, web.AgencySettings{Access: load(t, d.agency).Access}); diff != "" {
		t.Error(diff)
	}
	for _, wrong := range [][]string{{"tier", ""}, {"tier", "4"}, {"tier", "x"}, {"days", "31"}, {"days", "2"}} {
		if response, _ := d.ask(d.h.SaveAccess, begin, d.form(begin, wrong...)); response.Status != 422 {
			t.Errorf("%v: got %d, want 422", wrong, response.Status)
		}
	}
}

func TestGoingDownATierIsConfirmed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if err := set(t, d.agency, settings.AccessTier, 3); err != nil {
		t.Fatal(err)
	}
	begin := load(t, d.agency)
	form := d.form(begin, "tier", "2")
	response, page := d.ask(d.h.SaveAccess, begin, form)
	if response.Status != 422 || !strings.Contains(page, `name="sure"`) || !strings.Contains(page, "opens at once") {
		t.Errorf("got %d, want 422 with what follows: %s", response.Status, page)
	}
	if load(t, d.agency).Access.Tier != access.Safeguarded {
		t.Error("it went down unconfirmed")
	}
	form.Set("sure", "yes")
	if response, _ := d.ask(d.h.SaveAccess, begin, form); response.Status != 303 || load(t, d.agency).Access.Tier != access.RoleBased {
		t.Errorf("confirmed: got %d and tier %d", response.Status, load(t, d.agency).Access.Tier)
	}
}

func TestAChangeThatComesTooLateIsShownBesideWhatIsThereNow(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	begin := load(t, d.agency)
	first, second := d.form(begin, "tier", "2"), d.form(begin, "apart", "yes")
	if response, _ := d.ask(d.h.SaveAccess, begin, first); response.Status != 303 {
		t.Fatalf("got %d, want 303", response.Status)
	}
	response, page := d.ask(d.h.SaveAccess, begin, second)
	if response.Status != 409 || !strings.Contains(page, "meanwhile") || load(t, d.agency).Access.Apart {
		t.Errorf("got %d, want 409 and nothing saved", response.Status)
	}
	// The same form twice is no conflict.
	if response, _ := d.ask(d.h.SaveAccess, begin, first); response.Status != 303 {
		t.Errorf("sent twice: got %d, want 303", response.Status)
	}
}

func TestOnlyPagesThatSomebodyMayOpenAreListed(t *testing.T) {
	t.Parallel()
	groups := []settings.Group{{Links: []settings.Link{
		{May: func(a access.Actor) bool { return a.Admin }}, {May: func(access.Actor) bool { return false }},
	}}, {Links: []settings.Link{{May: func(access.Actor) bool { return false }}}}}
	if open := settings.Open(groups, access.Actor{Admin: true}); len(open) != 1 || len(open[0].Links) != 1 {
		t.Errorf("got %v, want one group with one page", open)
	}
	if open := settings.Open(groups, access.Actor{}); len(open) != 0 {
		t.Errorf("got %v, want none", open)
	}
	if len(groups[0].Links) != 2 {
		t.Error("the table was changed")
	}
}
