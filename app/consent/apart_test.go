package consent

import (
	"net/http"
	"strings"
	"testing"

	"konote/app/access"
	"konote/tenancy"
)

// The words of somebody who works in a confidential program tell of it as her name does. What
// the participant has restricted binds everybody.
func TestAReasonIsReadByThoseWhoMayKnowWhoWroteIt(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	colleague := m.person("Ash", m.shelter, access.DirectService)
	for _, answer := range []Kind{Given, Withdrawn} {
		response, err := m.send(m.advocate, Sharing, answer, m.form(Sharing, answer, "limits", "damson", "reason", "quince"))
		if err != nil || response.Status != http.StatusSeeOther {
			t.Fatalf("%s: status %d, %v", answer, response.Status, err)
		}
	}
	m.record(Email, Given)
	m.record(Email, Withdrawn, "reason", "apple")

	other, own := m.tab(m.worker), m.tab(colleague)
	for _, word := range []string{"quince", "Noa"} {
		if strings.Contains(other, word) {
			t.Errorf("another program reads %q", word)
		}
		if !strings.Contains(own, word) {
			t.Errorf("her own program does not read %q", word)
		}
	}
	if n := strings.Count(other, "Reason:"); n != 1 {
		t.Errorf("got %d reasons on the page of another program, want its own alone", n)
	}
	for _, word := range []string{"damson", "apple"} {
		if !strings.Contains(other, word) {
			t.Errorf("another program does not read %q", word)
		}
	}
	if !strings.Contains(other, "Recorded by") || strings.Contains(other, "Explained by") {
		t.Error("a withdrawal is said to be explained by somebody")
	}
}

func TestAnAgencyWithoutTextsGetsTheFirstOnes(t *testing.T) {
	t.Parallel()
	m := newWorldWithoutTexts(t)
	response, err := m.handlers.Form(m.request(m.worker, http.MethodGet, nil, "participant", m.lea.String(), "purpose", string(Service)))
	if err != nil || !strings.Contains(m.text(response), "Ce que nous consignons") {
		t.Fatalf("the form shows no text: %v", err)
	}
	m.record(Service, Given)
	if got := m.reach(m.worker).Consent; got != access.ConsentGiven {
		t.Errorf("got %s", got)
	}
	if n := m.count(`SELECT count(*) FROM agency.consent_texts`); n != len(Purposes) {
		t.Errorf("got %d texts, want %d: one each", n, len(Purposes))
	}

	// Settings fill them too, and what an agency has written stays.
	m = newWorldWithoutTexts(t)
	own := Words{ID: tenancy.NewID(), Purpose: Text, Version: 1, EN: "Ours.", FR: "Le nôtre.", CreatedAt: noon}
	m.update(func(tx *tenancy.Tx) error {
		_, err := insertText(t.Context(), tx, own, m.worker.Staff)
		return err
	})
	admin := access.Actor{Staff: m.worker.Staff, Admin: true}
	if response, err = m.handlers.Text(m.request(admin, http.MethodGet, nil, "purpose", string(Service))); err != nil || !strings.Contains(m.text(response), "What we write down") {
		t.Errorf("settings show no text: %v", err)
	}
	if response, err = m.handlers.Texts(m.request(admin, http.MethodGet, nil)); err != nil || !strings.Contains(m.text(response), "Version 1") {
		t.Errorf("settings list no version: %v", err)
	}
	m.update(func(tx *tenancy.Tx) error {
		texts, err := Current(t.Context(), tx)
		if got := texts[Text]; got.ID != own.ID || got.EN != own.EN {
			t.Errorf("got %+v, want what the agency has written", got)
		}
		return err
	})
}
