package server_test

import (
	"strings"
	"testing"

	"konote/app/apptest"
	"konote/app/civil"
	"konote/app/consent"
	"konote/app/i18n"
	"konote/tenancy"
)

// Where somebody is about to write to a participant it says to what she has not agreed: in
// the form of a contact at the way itself, and on her pages where it is the way that was
// chosen. What was agreed, declined or taken back counts at the next request. The front desk
// sees nothing of consent.
func TestWhereOneWritesItSaysToWhatSheHasNotAgreed(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	own := "/participants/" + c.Own.ID.String()
	b, desk := p.SignIn(t, c.Worker), p.SignIn(t, c.FrontDesk)
	decide := func(kind consent.Kind, basis consent.Basis, years int) {
		t.Helper()
		if err := c.Update(t.Context(), func(tx *tenancy.Tx) error {
			texts, err := consent.Current(t.Context(), tx)
			if err != nil {
				return err
			}
			e := consent.Event{ID: tenancy.NewID(), Participant: c.Own.ID, Purpose: consent.Text, Kind: kind, Basis: basis, By: consent.Herself,
				How: consent.InPerson, HappenedOn: civil.Of(tx.Now().AddDate(years, 0, 0)), RecordedAt: tx.Now(), RecordedBy: c.Worker.ID}
			if kind != consent.Withdrawn {
				e.Text, e.Language = texts[consent.Text].ID, "en"
			}
			return consent.Bulk(t.Context(), tx, []consent.Event{e}, i18n.Toronto())
		}); err != nil {
			t.Fatal(err)
		}
	}
	const text, mail = "No consent to text messages is on record", "No consent to e-mail is on record"
	want := func(when string, lacks bool) {
		t.Helper()
		form := b.Open(own + "/contacts/new")
		if hint := strings.Join(form.Texts(".choice-hint"), " "); strings.Contains(hint, text) != lacks || strings.Contains(hint, mail) {
			t.Errorf("%s, the form of a contact says %q", when, hint)
		}
		for _, path := range []string{own, own + "/contacts", own + "/about"} {
			if page := b.Open(path); page.Has(text) != lacks {
				t.Errorf("%s, %s says so: %t", when, path, page.Has(text))
			}
			if page := desk.Get(path); page.Has("consent") {
				t.Errorf("%s, %s tells the front desk of consent", when, path)
			}
		}
	}
	if page := b.Open(own); page.Has(text) {
		t.Errorf("her page speaks of text messages before she chose them: %s", page.Text())
	}
	b.Open(own+"/edit").Form(`form[action="`+own+`"]`).Set("contact_by", "text").Send()
	want("never asked", true)
	if link := b.Open(own).Link("Record consent"); link != own+"/consent/text" {
		t.Errorf("leads to %q", link)
	}
	decide(consent.Given, consent.Implied, -3)
	want("lapsed", true)
	decide(consent.Given, consent.Express, 0)
	want("agreed", false)
	decide(consent.Withdrawn, "", 0)
	want("taken back", true)
	if page := b.Open(own + "?lang=fr"); !page.Has("Aucun consentement aux textos n’est au dossier") {
		t.Errorf("in French: %s", page.Text())
	}
}
