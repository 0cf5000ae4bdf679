package server_test

import (
	"net/http"
	"net/url"
	"testing"

	"konote/app/apptest"
	"konote/app/civil"
	"konote/app/consent"
	"konote/app/i18n"
	"konote/tenancy"
)

// A mail program posts to the link by itself: without a session, cookies, the token of a page
// or an origin, and as multipart/form-data (RFC 8058).
func TestAMailProgramStopsEmailWithOneClick(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	path, today := "", civil.Date{}
	mayWrite := func() (allowed bool) {
		t.Helper()
		err := c.View(t.Context(), func(tx *tenancy.Tx) (err error) {
			allowed, err = consent.MayWrite(t.Context(), tx, c.Own.ID, consent.Email, today)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return allowed
	}
	agree := func() {
		t.Helper()
		err := c.Update(t.Context(), func(tx *tenancy.Tx) error {
			today = civil.Of(tx.Now().In(i18n.Toronto()))
			texts, err := consent.Current(t.Context(), tx)
			if err != nil {
				return err
			}
			if path, err = consent.StopPath(tx, c.Own.ID); err != nil {
				return err
			}
			return consent.Bulk(t.Context(), tx, []consent.Event{{ID: tenancy.NewID(), Participant: c.Own.ID, Purpose: consent.Email, Kind: consent.Given,
				Text: texts[consent.Email].ID, Language: "en", Basis: consent.Express, By: consent.Herself, How: consent.Phone, HappenedOn: today, RecordedAt: tx.Now()}}, i18n.Toronto())
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range []string{"multipart/form-data; boundary=x", "application/x-www-form-urlencoded"} {
		agree()
		page := p.Visit(t, c).Get(path + "?lang=fr")
		page.WantStatus(http.StatusSeeOther) // to the page in her language
		if p.Visit(t, c).Open(path); !mayWrite() {
			t.Error("opening the link stops e-mail")
		}
		b := p.Visit(t, c)
		b.Send(http.MethodPost, path+"?lang=fr", url.Values{"List-Unsubscribe": {"One-Click"}}, http.Header{"Content-Type": {kind}}).WantStatus(http.StatusOK)
		if mayWrite() {
			t.Errorf("%s: she may still be written to", kind)
		}
	}

	// At another agency's host the link is none.
	agree()
	p.Visit(t, p.Birch).Send(http.MethodPost, path, nil, nil).WantStatus(http.StatusGone)
	if !mayWrite() {
		t.Error("another agency's host stops her e-mail")
	}
}
