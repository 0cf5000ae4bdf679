package directive

import (
	"context"
	"slices"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/web"
	"konote/tenancy"
)

// Menu is what a participant's page offers.
func Menu() []participant.MenuItem {
	return []participant.MenuItem{
		{Label: i18n.DirectiveMenu, Hint: i18n.DirectiveMenuHint, Path: []string{"directives", "new"}, Key: access.ConsentManage},
		{Label: i18n.DirectiveListTitle, Hint: i18n.DirectiveListHint, Path: []string{"directives"}, Key: access.ConsentManage},
		{Label: i18n.GuardMenu, Hint: i18n.GuardMenuHint, Path: []string{"guard"}, Key: access.ConsentManage, Tier: access.RoleBased},
	}
}

// bannerPart is what stands at the top of a participant's page.
type bannerPart struct {
	About     *participant.Reached
	Something bool // part of the record is closed to the reader
	Emergency bool // she may open it in an emergency
	Guarded   bool // whereabouts are kept safe, and the reader may know that
}

// Banner says, once on each page of her record, that part of it is closed to the reader, and
// to those who may know that her whereabouts are kept safe.
func Banner(_ *tenancy.Batch, r *web.Request, _ uuid.UUID) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
	return func(_ context.Context, _ *tenancy.Tx, p *participant.Reached) (templ.Component, error) {
		part := bannerPart{
			About: p, Something: p.Actor().SomethingWithheld(p.ID) && missed(p),
			Emergency: p.Actor().May(access.ParticipantViewClinical), Guarded: p.Guarded && p.May(access.ConsentManage),
		}
		if !part.Something && !part.Guarded {
			return nil, nil
		}
		return bannerView(r.Frame(), part), nil
	}
}

// missed says whether the reader's roles would open what is closed to her: nobody is told
// that something is closed which she could not see anyway.
func missed(p *participant.Reached) bool {
	actor := p.Actor()
	closed := actor.Closed
	actor.Closed, actor.Policy.Tier = nil, access.OpenAccess
	return slices.ContainsFunc(closed, func(c access.Closed) bool {
		return c.Participant == p.ID && slices.ContainsFunc(p.Enrolments, func(e participant.Enrolment) bool { return actor.MayIn(e.Program, reads[c.Kind]) })
	})
}
