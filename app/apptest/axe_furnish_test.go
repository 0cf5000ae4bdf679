package apptest

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/consent"
	"konote/app/factor"
	"konote/app/note"
	"konote/app/program"
	"konote/app/settings"
	"konote/app/sso"
	"konote/app/staff"
	"konote/tenancy"
)

// appSecrets are of the apps that show codes to somebody who has two, one for each
// language: a code counts once.
var appSecrets = map[string]string{"en": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "fr": "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"}

// furniture is what pages are found by: paths of links in mails, and a note with a follow-up.
type furniture struct {
	reset, invitation, connect, stop, mail string
	planned                                uuid.UUID
}

// furnish makes what the pages have to show besides the fixture.
func furnish(t *testing.T, p *Platform) (made furniture) {
	t.Helper()
	c, f := p.Cedar, p.Birch
	worker := p.SignIn(t, c.Worker)
	worker.Open("/participants/" + c.Own.ID.String()) // the home pages have something to show
	recommend := "/alerts/" + c.Twin.In(c.Housing).Alert.String() + "/recommend"
	worker.Open(recommend).Form("form[action="+recommend+"]").Set("text", "It is over.").Send()
	end := "/staff/" + f.Nobody.ID.String() + "/deactivate"
	p.SignIn(t, f.Admin).Open(end).Form("form[action=" + end + "]").Send()
	admin := p.SignIn(t, c.Admin)
	for _, path := range []string{"/staff/" + c.Worker.ID.String() + "/reset", "/staff/invitations/" + c.Invitation.String() + "/again"} {
		admin.Open(path).Form("form[action=" + path + "]").Send()
	}
	housing := "/programs/" + c.Housing.String()
	admin.Open(housing+"/edit").Form("form[action="+housing+"]").Set("service_model", string(program.Both)).Send()
	err := c.Update(t.Context(), func(tx *tenancy.Tx) error {
		var measured []note.Note
		for i := range 2 {
			n := c.Own.Enrolments[0].note(c.Own.ID, c.Worker.ID, tx.Now().AddDate(0, 0, -14*i))
			n.ID, n.Goals[0].Values = tenancy.NewID(), []note.Value{{Metric: c.Metrics[uuid.Nil], Number: new(float64(20 - i))}}
			n.FollowUpOn = civil.Of(tx.Now()).AddDays(2)
			made.planned = n.ID
			measured = append(measured, n)
		}
		var err error
		if made.stop, err = consent.StopPath(tx, c.Own.ID); err != nil {
			return err
		}
		if err := note.Bulk(t.Context(), tx, measured); err != nil {
			return err
		}
		return staff.Grant(t.Context(), tx, byTests, c.Manager.ID, c.Youth, access.ProgramManager)
	})
	if err != nil {
		t.Fatal(err)
	}
	p.elsewhere(t)
	links := p.SignIn(t, f.Admin)
	links.Open("/settings/sso")
	links.Post("/settings/sso/unlinked", url.Values{"person": {f.Worker.ID.String()}})
	p.Drain(t)
	if err := p.Server.Jobs.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Server.Jobs.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	found := p.mailed(t, "/reset/", "/invitation/", "/connect/")
	made.reset, made.invitation, made.connect = found[0], found[1], found[2]
	for _, m := range p.Server.Mailbox.Messages() {
		if strings.Contains(m.Header.Get("Message-Id"), p.Cedar.Agency.ID.String()) {
			made.mail = "/demo/mail/" + strconv.Itoa(m.Number)
		}
	}
	return made
}

// elsewhere has Birch guard its records, and its people prove two things or sign in at a
// provider.
func (p *Platform) elsewhere(t *testing.T) {
	t.Helper()
	err := p.Birch.Update(t.Context(), func(tx *tenancy.Tx) error {
		for language, secret := range appSecrets {
			if err := factor.Invent(t.Context(), tx, p.Birch.Advocate.ID, language, secret); err != nil {
				return err
			}
		}
		provider := sso.Provider{ID: tenancy.NewID(), Issuer: "https://id.example", ClientID: "konote", NameEN: "Work ID", NameFR: "ID du travail",
			Provisioning: sso.Linked, SecondFactor: sso.Stated, GroupClaim: "groups"}
		if err := sso.Insert(t.Context(), tx, provider, uuid.Nil); err != nil {
			return err
		}
		if err := sso.SetStatus(t.Context(), tx, provider.ID, sso.Off, sso.Active, uuid.Nil); err != nil {
			return err
		}
		if _, err := sso.Link(t.Context(), tx, provider.ID, p.Birch.Admin.ID, "admin", sso.ByConnecting); err != nil {
			return err
		}
		return settings.Set(t.Context(), tx, byTests, settings.AccessTier, 3)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// mailed are the paths of the links in mails, once there is one like each.
func (p *Platform) mailed(t *testing.T, like ...string) []string {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		var found []string
		for _, like := range like {
			for _, m := range p.Server.Mailbox.Messages() {
				if _, link, has := strings.Cut(m.Text, like); has {
					link, _, _ = strings.Cut(strings.Fields(link)[0], "?") // the language of the mail
					found = append(found, like+link)
				}
			}
		}
		if len(found) == len(like) {
			return found
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("no mails have links like %s", like)
		}
	}
}
