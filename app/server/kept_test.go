package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/apptest"
	"konote/app/civil"
	"konote/app/directive"
	"konote/app/grant"
	"konote/app/settings"
	"konote/tenancy"
)

// A long form is kept while it is typed in: its page has what was begun, home names it, and
// saving the form ends the draft.
func TestLongFormsAreKeptWhileTheyAreTyped(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	own, group := c.Own.In(c.Housing), c.Groups[c.Housing]
	taken := tenancy.NewID()
	about := "/participants/" + c.Own.ID.String()
	err := c.Update(t.Context(), func(tx *tenancy.Tx) error {
		if _, err := tx.Exec(t.Context(), `UPDATE agency.programs SET service_model = 'both' WHERE id = $1`, c.Housing); err != nil {
			return err
		}
		began := tx.Now().Add(-48 * time.Hour)
		if err := grant.Bulk(t.Context(), tx, []grant.Grant{{ID: taken, Staff: c.Worker.ID, Participant: c.Own.ID, Through: []uuid.UUID{c.Housing},
			Emergency: true, Why: "A call at night.", CreatedAt: began, ExpiresAt: began.Add(4 * time.Hour)}}); err != nil {
			return err
		}
		if err := settings.Set(t.Context(), tx, operatorBy, settings.AccessTier, 3); err != nil {
			return err
		}
		_, err := directive.Insert(t.Context(), tx, directive.Directive{ID: tenancy.NewID(), Participant: c.Shared.ID, Kind: access.NotesKind, Staff: c.Worker.ID,
			FromOn: civil.Of(tx.Now()), By: directive.Participant, RecordedAt: tx.Now(), RecordedBy: c.Admin.ID})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	browsers := map[*apptest.Staff]*apptest.Browser{}
	for _, try := range []struct {
		name  string
		who   *apptest.Staff
		page  string
		field string
		rest  map[string]string // that the form needs besides
	}{
		{"grant.ask", c.Manager, about + "/access", "why", map[string]string{"reason": c.GrantReason.String()}},
		{"grant.emergency", c.Worker, "/participants/" + c.Shared.ID.String() + "/emergency", "why", nil},
		{"note.addendum", c.Worker, "/notes/" + own.Note.String(), "text", nil},
		{"note.cancel", c.Manager, "/notes/" + own.Note.String() + "/in-error", "reason", nil},
		{"target.status", c.Worker, "/targets/" + own.Target.String() + "/status", "reason", map[string]string{"value": "on_hold"}},
		{"target.judge", c.Worker, "/targets/" + own.Target.String() + "/judgement", "reason", map[string]string{"value": "in_progress"}},
		{"plan_section.edit", c.Worker, "/plan-sections/" + own.Section.String(), "reason", nil},
		{"meeting.in_error", c.Manager, "/meetings/" + own.Meeting.String() + "/in-error", "reason", nil},
		{"contact.cancel", c.Manager, "/contacts/" + own.Contact.String() + "/in-error", "reason", nil},
		{"group.session", c.Worker, "/groups/" + group.ID.String() + "/sessions/new", "text", nil},
		{"group.session_edit", c.Worker, "/sessions/" + group.Session.String() + "/edit", "text", nil},
		{"group.milestone", c.Worker, "/groups/" + group.ID.String() + "/steps/new", "text", map[string]string{"name": "Garden"}},
		{"group.outcome", c.Worker, "/groups/" + group.ID.String() + "/steps/new?kind=outcome", "text", map[string]string{"name": "Harvest"}},
		{"group.step_edit", c.Worker, "/steps/" + group.Step.String() + "/edit", "text", nil},
		{"group.new", c.Manager, "/groups/new", "description", map[string]string{"name": "Walks"}},
		{"group.edit", c.Manager, "/groups/" + group.ID.String() + "/edit", "description", nil},
		{"directive.lift", c.Manager, about + "/directives/" + c.Own.Directive.String() + "/lift", "reason", nil},
		{"plan_template.new", c.Manager, "/plan-templates/new", "s0t0_desc_en", map[string]string{"name_en": "Spring", "name_fr": "Printemps", "s0t0_en": "Plant", "s0t0_fr": "Planter"}},
		{"plan_template.edit", c.Manager, "/plan-templates/" + c.HousingPlan.String(), "s0t0_desc_en", nil},
		{"program.new", c.Admin, "/programs/new", "description_en", map[string]string{"name_en": "Garden", "name_fr": "Jardin"}},
		{"program.edit", c.Manager, "/programs/" + c.Housing.String() + "/edit", "description_en", nil},
		{"grant.review", c.Manager, "/settings/grants/" + taken.String(), "remark", map[string]string{"finding": "proper"}},
		{"watch.mark", c.Manager, "/settings/watch/" + c.Finding.String(), "remark", map[string]string{"verdict": "proper"}},
		{"event.unflag", c.Admin, "/serious-events/flags/" + own.Event.String(), "reason", nil},
		{"event.cancel", c.Manager, "/events/" + own.Event.String() + "/in-error", "reason", nil},
		{"enrolment.change", c.Manager, about + "/enrolments/" + own.ID.String(), "reason", map[string]string{"to": "on_hold"}},
	} {
		b := browsers[try.who]
		if b == nil {
			b = p.SignIn(t, try.who)
			browsers[try.who] = b
		}
		words := "The heron came back to " + try.name
		typed := b.Open(try.page).Form("form[data-draft]").Set(try.field, words).Set("draft_sequence", "1")
		for field, value := range try.rest {
			typed.Set(field, value)
		}
		to := typed.Values.Get("draft_of")
		if !strings.HasPrefix(to, "/drafts/"+try.name+"/") {
			t.Errorf("%s: is kept at %q", try.name, to)
		}
		if answer := b.Post(to, typed.Values); answer.Status != http.StatusOK {
			t.Errorf("%s: saving while typing: %d %s", try.name, answer.Status, answer.Text())
			continue
		}
		if home := b.Open("/"); !strings.Contains(home.Body, to+"/discard") || !strings.Contains(home.Body, `href="`+try.page+`"`) {
			t.Errorf("%s: home does not name it, or does not lead to it: %s", try.name, home.Text())
		}
		again := b.Open(try.page).Form("form[data-draft]")
		if again.Values.Get(try.field) != words {
			t.Errorf("%s: opened again it has %q", try.name, again.Values.Get(try.field))
		}
		for field, value := range try.rest {
			if again.Values.Get(field) != value {
				t.Errorf("%s: opened again, %s is %q, want %q", try.name, field, again.Values.Get(field), value)
			}
		}
		if sent := again.Submit(); sent.Status != http.StatusSeeOther {
			t.Errorf("%s: sent: %d %s", try.name, sent.Status, sent.Text())
		}
		if home := b.Open("/"); strings.Contains(home.Body, to+"/discard") {
			t.Errorf("%s: once it is saved, home still names it", try.name)
		}
	}
}
