package participant

import (
	"slices"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/view"
)

// A MenuItem is something that another feature offers from any page of a participant's
// record, at /participants/:participant/<Path>.
type MenuItem struct {
	Label, Hint i18n.Message
	Path        []string
	Key         access.Key  // without it the item is not there
	Tier        access.Tier // the lowest at which it is
}

// menuEntry is an item as it is drawn.
type menuEntry struct {
	Label, Hint string
	Href        view.URL
}

// menu is what the actor may do from any page of the record.
func (h *Handlers) menu(f *view.Frame, p *Reached) (entries []menuEntry) {
	for _, item := range h.Menu {
		if p.May(item.Key) && p.actor.Policy.Tier >= item.Tier {
			entries = append(entries, menuEntry{f.T(item.Label), f.T(item.Hint), p.address(item.Path...)})
		}
	}
	return entries
}

// Only is the address of the form that closes a single record of hers; zero for those who
// may not.
func (r *Reached) Only(item uuid.UUID) view.URL {
	if !r.May(access.ConsentManage) {
		return view.URL{}
	}
	return r.address("directives", "new").With("item", item.String())
}

// Programs are those in which she is or was, as far as the actor knows, each once: so that
// a page of hers names a record's program without reading all of the agency's.
func (r *Reached) Programs() (programs []program.Program) {
	for _, e := range r.Enrolments {
		if !slices.ContainsFunc(programs, func(p program.Program) bool { return p.ID == e.Program }) {
			programs = append(programs, program.Program{ID: e.Program, NameEN: e.ProgramEN, NameFR: e.ProgramFR, Confidential: e.Confidential})
		}
	}
	return programs
}

// ProgramName names the program of a record of hers, which is one in which she is or was.
func (r *Reached) ProgramName(p *i18n.Printer, id uuid.UUID) string {
	at := slices.IndexFunc(r.Enrolments, func(e Enrolment) bool { return e.Program == id })
	if at < 0 {
		return ""
	}
	return r.Enrolments[at].ProgramName(p)
}

// Actor is who looks, as far as this participant goes.
func (r *Reached) Actor() access.Actor { return r.actor.About(r.ID) }
