package find

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/session"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

const actionSearch audit.Action = "participant.search"

// Handlers answer the routes of finding people.
type Handlers struct {
	Finder   *Finder
	Sessions *session.Store
}

// page is what a search shows.
type page struct {
	Query     string
	Result    Result
	Visitor   web.Visitor
	Today     civil.Date
	MayCreate bool
}

// Ask takes a question. What is asked is a name, and a name stands in no address, which
// logs and histories keep: it is sent as a form and moves into the session, sealed.
func (h *Handlers) Ask(r *web.Request) (web.Response, error) {
	if err := h.Sessions.SetQuery(r.Context(), r.Session, r.Value("q")); err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("find")), nil
}

// Page shows who was found, the first fifty.
func (h *Handlers) Page(r *web.Request) (web.Response, error) {
	p := page{Query: r.Session.Query, Visitor: r.Visitor, MayCreate: r.Actor().May(access.ParticipantCreate)}
	var err error
	if p.Result, p.Today, err = h.search(r, p.Query, Most); err != nil {
		return web.Response{}, err
	}
	r.Frame().Searched = p.Query
	return web.Page(i18n.FindTitle, pageView(r.Frame(), p)), nil
}

// Suggest shows the first of them below the search field, while somebody types.
func (h *Handlers) Suggest(r *web.Request) (web.Response, error) {
	q := r.Value("q")
	if q == "" {
		return web.Empty(), nil
	}
	result, today, err := h.search(r, q, Suggestions)
	if err != nil {
		return web.Response{}, err
	}
	items := make([]view.Item, len(result.Hits))
	for i, hit := range result.Hits {
		items[i] = suggestion(r, hit, today)
	}
	return web.Fragment(view.Suggestions(r.Frame(), items)), nil
}

// search finds people and records who was shown to whom; what was typed goes under the
// seal. An answer without people shows nobody, so it is no act.
func (h *Handlers) search(r *web.Request, q string, limit int) (result Result, today civil.Date, err error) {
	if q == "" {
		return result, today, nil
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		today = civil.Of(tx.Now().In(r.P.Zone()))
		if result, err = h.Finder.Search(r.Context(), tx, r.Actor(), q, limit); err != nil || len(result.Hits) == 0 {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), shown(r.Visitor, q, result))
	})
	return result, today, err
}

// shown is the act of seeing a list of people.
func shown(v web.Visitor, q string, result Result) audit.Event {
	event := audit.Event{Action: actionSearch, After: struct {
		Query string `json:"query"`
		Found int    `json:"found"`
	}{q, result.Total}}
	event.Participants = make([]uuid.UUID, len(result.Hits))
	for i, hit := range result.Hits {
		event.Participants[i] = hit.ID
		event.Confidential = event.Confidential || v.AnyConfidential(hit.Programs)
	}
	return event
}

// suggestion is a row of plain text.
func suggestion(r *web.Request, hit Hit, today civil.Date) view.Item {
	item := row(r.Frame(), hit, today)
	places := r.Visitor.Among(hit.Programs)
	names := make([]string, len(places))
	for i, p := range places {
		names[i] = p.Name(r.P)
	}
	item.Sub = line(append([]string{item.Sub}, names...)...)
	return item
}

// row is who somebody is, in short.
func row(f *view.Frame, hit Hit, today civil.Date) view.Item {
	item := view.Item{Href: view.To("participants", hit.ID.String()), Title: hit.Name()}
	phone := ""
	if hit.Matched&Phone != 0 {
		phone = f.P.Phone(hit.Phone)
	}
	item.Sub = line(hit.OtherNames(), hit.Record, phone)
	if !hit.BirthDate.IsZero() {
		item.Aside = f.T(i18n.FindAge(hit.BirthDate.Age(today)))
	}
	return item
}

// line puts short facts on one line.
func line(facts ...string) string {
	return strings.Join(slices.DeleteFunc(facts, func(fact string) bool { return fact == "" }), " · ")
}
