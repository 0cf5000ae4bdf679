package participant

import (
	"context"
	"fmt"
	"slices"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/find"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The acts that are recorded.
const (
	actionList   audit.Action = "participant.list"
	actionView   audit.Action = "participant.view"
	actionHint   audit.Action = "participant.hint"
	actionCreate audit.Action = "participant.create"
	actionUpdate audit.Action = "participant.update"
	actionEnrol  audit.Action = "enrolment.create"
	actionChange audit.Action = "enrolment.change"
	actionAssign audit.Action = "enrolment.assign"
)

// Handlers answer the routes of participants and their enrolments.
type Handlers struct {
	Find *find.Finder
	// Banner stands below the name on every page of a record: what must not be missed.
	Banner []Part
	// Overview is what a participant's first page shows, in this order.
	Overview []Part
	// Tabs are the pages of a record that other features draw.
	Tabs []Tab
	// Menu is what other features offer from any page of a record.
	Menu []MenuItem
	// PassOn gives words about a participant to those who work with her, once for an id.
	PassOn func(r *web.Request, tx *tenancy.Tx, about *Reached, id uuid.UUID, words string) error
}

// A Part is a piece of a participant's page that another feature draws, with the
// permission without which it is neither read nor shown.
type Part struct {
	Key  access.Key
	Draw Section
}

// A Tab is a page of a participant's record, at /participants/:participant/<Path>.
type Tab struct {
	Path  string
	Label i18n.Message
	Part
}

// A Section draws a Part. It adds what it reads to the page's batch, limited to what the
// request's actor may read, and returns what draws it once the batch was sent and the
// participant was reached. A nil component is left out.
type Section func(b *tenancy.Batch, r *web.Request, participant uuid.UUID) func(context.Context, *tenancy.Tx, *Reached) (templ.Component, error)

// List shows the people whom the actor reaches.
func (h *Handlers) List(r *web.Request) (web.Response, error) {
	page := listPage{Filter: decodeFilter(r), MayCreate: r.Actor().May(access.ParticipantCreate),
		MayRead: readsNotes(r.Actor()), MayChange: r.Actor().May(access.ParticipantTransfer)}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		var programs []program.Program
		page.People, page.Count, page.Next, err = list(r.Context(), tx, r.Actor(), page.Filter, r.P.Zone(), func(b *tenancy.Batch) {
			program.Queue(b, &programs)
		})
		if err != nil {
			return err
		}
		page.Programs = among(programs, r.Actor().Programs(access.ParticipantViewName))
		page.Today = r.Today(tx)
		return audit.Record(r.Context(), tx, audit.From(r), seenAll(actionList, page.People))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.WidePage(i18n.ParticipantListTitle, listView(r.Frame(), page)), nil
}

// seenAll is the one entry of a list that was shown.
func seenAll(action audit.Action, people []Listed) audit.Event {
	event := audit.Event{Action: action}
	for _, p := range people {
		event.Participants = append(event.Participants, p.ID)
		event.Confidential = event.Confidential || anyConfidential(p.Enrolments)
	}
	return event
}

// Show is a participant's page.
func (h *Handlers) Show(r *web.Request) (web.Response, error) {
	page, err := h.see(r, overviewTab, h.Overview)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.ParticipantShowTitle, showView(r.Frame(), page)), nil
}

// ShowTab is the page of the tab with this path.
func (h *Handlers) ShowTab(path string) web.Handler {
	return func(r *web.Request) (web.Response, error) {
		at := slices.IndexFunc(h.Tabs, func(t Tab) bool { return t.Path == path })
		page, err := h.see(r, path, []Part{h.Tabs[at].Part})
		if err != nil {
			return web.Response{}, err
		}
		return web.Page(i18n.ParticipantShowTitle, tabView(r.Frame(), page)), nil
	}
}

// About is all that is known of a participant, as far as the actor may see it.
func (h *Handlers) About(r *web.Request) (web.Response, error) {
	page, err := h.see(r, aboutTab, nil)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.ParticipantAboutTitle, aboutView(r.Frame(), page)), nil
}

// see loads a participant, and the parts of a page about her, in one batch.
func (h *Handlers) see(r *web.Request, tab string, parts []Part) (page showPage, err error) {
	id, err := r.ID("participant")
	if err != nil {
		return page, err
	}
	err = looked(r, func(tx *tenancy.Tx) (*Reached, error) {
		b := tx.Batch()
		pending := Queue(b, r.Actor(), id)
		banner, sections := queue(b, r, id, h.Banner), queue(b, r, id, parts)
		if err := b.Send(r.Context()); err != nil {
			return nil, fmt.Errorf("load participant: %w", err)
		}
		if page.Reached, err = pending.Reach(tx.Box(), access.ParticipantViewName); err != nil {
			return nil, err
		}
		if tab != overviewTab && tab != aboutTab {
			switch reason := page.Decide(parts[0].Key).Reason; reason {
			case access.NeedsGrant, access.NoRole, access.IsClosed: // otherwise the page says what can be done
				return nil, Denied(reason, id)
			}
		}
		if page.Banner, err = banner.draw(r.Context(), tx, page.Reached); err != nil {
			return nil, err
		}
		if page.Sections, err = sections.draw(r.Context(), tx, page.Reached); err != nil {
			return nil, err
		}
		page.Today, page.Tabs, page.Menu = r.Today(tx), h.tabs(r.Frame(), page.Reached, tab), h.menu(r.Frame(), page.Reached)
		if page.Here = page.address(); tab != overviewTab {
			page.Here = page.address(tab)
		}
		if tab != aboutTab {
			page.Apart = page.apart()
		}
		if tab == aboutTab {
			page.ChangedBy, err = changedByName(r, tx, page.Reached)
		}
		return page.Reached, err
	})
	return page, err
}

// queued are parts whose statements wait in a batch.
type queued []struct {
	key  access.Key
	draw func(context.Context, *tenancy.Tx, *Reached) (templ.Component, error)
}

// queue adds the parts that the actor may see at all to a page's batch.
func queue(b *tenancy.Batch, r *web.Request, id uuid.UUID, parts []Part) queued {
	found := make(queued, 0, len(parts))
	for _, part := range parts {
		if r.Actor().May(part.Key) {
			found = append(found, queued{{part.Key, part.Draw(b, r, id)}}...)
		}
	}
	return found
}

// draw draws those that the actor may see of this participant.
func (q queued) draw(ctx context.Context, tx *tenancy.Tx, p *Reached) ([]templ.Component, error) {
	var drawn []templ.Component
	for _, part := range q {
		if !p.May(part.key) {
			continue
		}
		component, err := part.draw(ctx, tx, p)
		if err != nil {
			return nil, err
		}
		if component != nil {
			drawn = append(drawn, component)
		}
	}
	return drawn, nil
}

// looked loads a page about a participant and notes, in the same transaction, that she
// was seen.
func looked(r *web.Request, load func(*tenancy.Tx) (*Reached, error)) error {
	return r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		p, err := load(tx)
		if err != nil {
			return err
		}
		return Seen(tx, r, p)
	})
}

// reach opens the record that a route names for somebody who wants to do something
// (key) there.
func reach(r *web.Request, tx *tenancy.Tx, key access.Key) (*Reached, error) {
	id, err := r.ID("participant")
	if err != nil {
		return nil, err
	}
	return Reach(r.Context(), tx, r.Actor(), id, key)
}

// Seen notes, in the transaction of a page about a participant, that the request's
// actor has looked at her record: in the audit log and among the people opened last.
func Seen(tx *tenancy.Tx, r *web.Request, p *Reached) error {
	tx.AtCommit(sqlSeen, r.Actor().Staff, p.ID, tx.Now())
	return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionView))
}

// event is an act on the participant by the request's actor.
func (r *Reached) event(request *web.Request, action audit.Action) audit.Event {
	return audit.Event{
		Action: action, Subject: r.ID, Participants: []uuid.UUID{r.ID}, Confidential: anyConfidential(r.Enrolments),
		Program: r.Through[0], Role: request.Actor().Roles[r.Through[0]],
	}
}

// AnyConfidential says whether the actor knows the participant from a confidential program
// too: what is recorded of the record as a whole is then marked.
func (r *Reached) AnyConfidential() bool { return anyConfidential(r.Enrolments) }

func anyConfidential(enrolments []Enrolment) bool {
	return slices.ContainsFunc(enrolments, func(e Enrolment) bool { return e.Confidential })
}

// Edit is the form of a record that is there.
func (h *Handlers) Edit(r *web.Request) (web.Response, error) {
	var page editPage
	err := looked(r, func(tx *tenancy.Tx) (_ *Reached, err error) {
		if page, err = loadEdit(r, tx); err != nil {
			return nil, err
		}
		if page.Draft = enteredOf(page.Reached); page.Keep.Begun() {
			page.Draft = decodeEdit(r, page.Reached)
		}
		return page.Reached, nil
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.ParticipantEditTitle, editView(r.Frame(), page)), nil
}

// Update saves a change. A change that comes too late is shown beside what is there
// now, field by field. What the actor enters for others to look at goes to them, and
// stays out of the record.
func (h *Handlers) Update(r *web.Request) (web.Response, error) {
	var page editPage
	var problems view.Problems
	saved, said := false, i18n.Message(i18n.ParticipantSaved)
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page, err = loadEdit(r, tx); err != nil {
			return err
		}
		page.Draft = decodeEdit(r, page.Reached)
		problems = page.Draft.check(page.Levels, page.Today)
		if r.SwitchLanguage || problems.Any() {
			return Seen(tx, r, page.Reached)
		}
		if err = save(r, tx, page.Reached); err == nil {
			EditForm.Done(r, tx, page.ID)
			if words := page.passedOn(r.P); words != "" {
				said = i18n.ParticipantPassedOn
				if err := h.PassOn(r, tx, page.Reached, page.Draft.ID, words); err != nil {
					return err
				}
			}
		}
		if saved = err == nil; saved || fault.KindOf(err) != fault.Conflict {
			return err
		}
		if page, err = loadEdit(r, tx); err != nil {
			return err
		}
		page.Draft = decodeEdit(r, page.Reached)
		page.Differences = compare(page.Draft.Base, page.Draft.Details, page.Details, page.Levels)
		return Seen(tx, r, page.Reached)
	})
	switch {
	case err != nil:
		return web.Response{}, err
	case saved:
		return web.Redirect(page.address("about")).Say(said), nil
	case r.SwitchLanguage || problems.Any():
		page.Problems = r.Shown(problems)
		return r.Again(i18n.ParticipantEditTitle, problems, editView(r.Frame(), page)), nil
	}
	return web.Page(i18n.ParticipantEditTitle, conflictView(r.Frame(), page)).Conflict(), nil
}

// save writes what the form changes of a record as it stands in this transaction.
func save(r *web.Request, tx *tenancy.Tx, p *Reached) error {
	levels := p.Levels.without(p.withheld).without(p.passed)
	d := decode(r.Form, p.whole, levels)
	if d.Details == p.whole {
		return nil
	}
	if d.Version != p.Version && len(disputed(compare(d.Base, d.Details, p.whole, levels))) > 0 {
		return errLate
	}
	to := p.Participant
	to.Details = d.Details
	if err := update(r.Context(), tx, to, r.Actor().Staff); err != nil {
		return err
	}
	event := p.event(r, actionUpdate)
	event.Before, event.After = p.whole, to.Details
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

// loadEdit loads a record for those who may change at least one field of it.
func loadEdit(r *web.Request, tx *tenancy.Tx) (page editPage, err error) {
	if page.Reached, err = reach(r, tx, access.ParticipantViewName); err != nil {
		return page, err
	}
	if !page.Levels.EditsAny() {
		return page, page.editDenied()
	}
	page.Today = r.Today(tx)
	if page.Keep, err = EditForm.Open(r, tx, page.ID); err != nil {
		return page, err
	}
	page.ChangedBy, err = changedByName(r, tx, page.Reached)
	return page, err
}

// editDenied says why nothing of the record may be changed.
func (r *Reached) editDenied() error {
	if r.Consent == access.ConsentWithdrawn {
		return Denied(access.HasWithdrawn, r.ID)
	}
	return fault.New(fault.Denied, i18n.FaultDeniedText)
}

// changedByName is what to call the member of staff who changed the record last. It is
// "" for a command, and for somebody who never worked in a program through which the
// actor sees the participant: her name would tell of a program, perhaps a confidential
// one, that the actor may not know of.
func changedByName(r *web.Request, tx *tenancy.Tx, p *Reached) (string, error) {
	by := p.UpdatedBy
	if by == uuid.Nil {
		return "", nil
	}
	if by != r.Actor().Staff {
		known, err := workedThere(r.Context(), tx, by, p.Enrolments)
		if err != nil || !known {
			return "", err
		}
	}
	names, err := staff.Names(r.Context(), tx, []uuid.UUID{by})
	return names[by], err
}

// among leaves the programs that are named.
func among(programs []program.Program, ids []uuid.UUID) []program.Program {
	return slices.DeleteFunc(programs, func(p program.Program) bool { return !slices.Contains(ids, p.ID) })
}
