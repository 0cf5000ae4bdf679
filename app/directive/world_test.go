package directive_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/apptest"
	"konote/app/audit"
	"konote/app/settings"
	"konote/app/staff"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestEveryStatementIsAcceptedByPostgres(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

var byTests = audit.By{Kind: audit.KindOperator, Operator: "tests"}

// do runs f in a transaction of the agency.
func do(t *testing.T, a *apptest.Agency, f func(*tenancy.Tx) error) {
	t.Helper()
	if err := a.Update(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func setTier(t *testing.T, a *apptest.Agency, tier access.Tier) {
	t.Helper()
	do(t, a, func(tx *tenancy.Tx) error {
		return settings.Set(t.Context(), tx, byTests, settings.AccessTier, int(tier)+1)
	})
}

func role(t *testing.T, a *apptest.Agency, who, in uuid.UUID, role access.Role) {
	t.Helper()
	do(t, a, func(tx *tenancy.Tx) error { return staff.Grant(t.Context(), tx, byTests, who, in, role) })
}

// person is the address of a participant's page, or of one below it.
func person(p *apptest.Participant, below ...string) string {
	return "/participants/" + p.ID.String() + strings.Join(append([]string{""}, below...), "/")
}

// form is what the form of a directive sends.
func form(kind access.Kind, to string, what url.Values) url.Values {
	sent := url.Values{"id": {tenancy.NewID().String()}, "kind": {string(kind)}, "to": {to}, "asked_by": {"participant"}, "from_on": {today}}
	for name, values := range what {
		sent[name] = values
	}
	return sent
}

func wantStatus(t *testing.T, what string, page *apptest.Page, want int) {
	t.Helper()
	if page.Status != want {
		t.Errorf("%s: got %d, want %d: %s", what, page.Status, want, page.Text())
	}
}

func ok(page *apptest.Page) bool { return page.Status == http.StatusOK }
