package note

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/jobs"
	"konote/tenancy"
)

// What is looked for is kept with the act, sealed: a search is a question about people.
const (
	actionSearch audit.Action = "note.search"
	actionFound  audit.Action = "note.found"
)

const hitsOnPage = 25

// searchPage is what a page of hits shows, of one participant or of a program.
type searchPage struct {
	About    *participant.Reached // nil: of a program
	Program  program.Program
	Words    string
	Done     bool // it was searched
	Problems view.Problems
	Search   search // of a program
	Hits     []hit
	Names    map[uuid.UUID]participant.Named
	Programs []program.Program
	Count    int // of all hits
	From     int // of the first hit shown
	Earlier  []search
}

// more is where the next page begins, 0 when this is the last one.
func (p searchPage) more() int {
	if p.From+hitsOnPage < p.Count {
		return p.From + hitsOnPage
	}
	return 0
}

// checkWords says what is wrong with what somebody looks for.
func checkWords(words string) (*query, view.Problems) {
	var problems view.Problems
	q := newQuery(words)
	switch {
	case utf8.RuneCountInString(words) > maxQuery:
		problems.Add("words", i18n.FormTooLong(maxQuery))
	case q == nil:
		problems.Add("words", i18n.NoteSearchWanted)
	}
	return q, problems
}

// SearchNotes is the empty form of Search.
func (h *Handlers) SearchNotes(r *web.Request) (web.Response, error) {
	id, err := r.ID("participant")
	if err != nil {
		return web.Response{}, err
	}
	var page searchPage
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if page.About, err = participant.Reach(r.Context(), tx, r.Actor(), id, access.NoteView); err != nil {
			return err
		}
		return participant.Seen(tx, r, page.About)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.NoteSearchTitle, searchView(r.Frame(), page)), nil
}

// Search finds words in the notes of one participant, at once. The words come by POST:
// an address could be kept by a proxy or a history.
func (h *Handlers) Search(r *web.Request) (web.Response, error) {
	id, err := r.ID("participant")
	if err != nil {
		return web.Response{}, err
	}
	page := searchPage{Words: r.Value("words"), From: fromOf(r.Value("from"))}
	q, problems := checkWords(page.Words)
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page.About, err = participant.Reach(r.Context(), tx, r.Actor(), id, access.NoteView); err != nil {
			return err
		}
		if r.SwitchLanguage || problems.Any() {
			return participant.Seen(tx, r, page.About)
		}
		programs := r.Actor().About(id).Programs(access.NoteView)
		found, err := searchIn(r.Context(), tx, q, r.Actor(), id)
		if err != nil {
			return err
		}
		page.Count = len(found)
		if page.Hits, err = loadHits(r.Context(), tx, q, r.Actor(), part(found, page.From), programs); err != nil {
			return err
		}
		if page.Programs, err = program.All(r.Context(), tx); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{
			Action: actionSearch, Subject: id, Participants: []uuid.UUID{id}, Confidential: page.confidential(),
			Program: page.About.Through[0], Role: r.Actor().Roles[page.About.Through[0]], After: searched{page.Words, page.Count},
		})
	})
	if err != nil {
		return web.Response{}, err
	}
	page.Problems, page.Done = r.Shown(problems), !r.SwitchLanguage && !problems.Any()
	if !page.Done {
		return r.Again(i18n.NoteSearchTitle, problems, searchView(r.Frame(), page)), nil
	}
	return web.Page(i18n.NoteSearchTitle, searchView(r.Frame(), page)), nil
}

// searched is what the audit log keeps of a search.
type searched struct {
	Words string `json:"words"`
	Found int    `json:"found"`
}

// confidential says whether any hit is a note of a confidential program.
func (p searchPage) confidential() bool {
	return p.Program.Confidential || slices.ContainsFunc(p.Hits, func(h hit) bool { return confidential(p.Programs, h.Program) })
}

// SearchForm is where a search through a program's notes begins.
func (h *Handlers) SearchForm(r *web.Request) (web.Response, error) {
	page, err := h.programSearch(r, func(*tenancy.Tx, *searchPage) error { return nil })
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.NoteSearchTitle, programSearchView(r.Frame(), page)), nil
}

// StartSearch has a job look through a program's notes.
func (h *Handlers) StartSearch(r *web.Request) (web.Response, error) {
	words := r.Value("words")
	_, problems := checkWords(words)
	s := search{ID: web.FormID(r.Value("id")), Staff: r.Actor().Staff, Words: words}
	page, err := h.programSearch(r, func(tx *tenancy.Tx, page *searchPage) error {
		if r.SwitchLanguage || problems.Any() {
			return nil
		}
		s.Program = page.Program.ID
		added, err := insertSearch(r.Context(), tx, s)
		if err != nil || !added {
			return err
		}
		if err := jobs.Enqueue(r.Context(), tx, SearchArgs{Search: s.ID}, jobs.Options{}); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{
			Action: actionSearch, Subject: s.ID, Program: s.Program, Role: r.Actor().Roles[s.Program],
			Confidential: page.Program.Confidential, After: map[string]string{"words": words},
		})
	})
	if err != nil {
		return web.Response{}, err
	}
	page.Words, page.Problems = words, r.Shown(problems)
	if r.SwitchLanguage || problems.Any() {
		return r.Again(i18n.NoteSearchTitle, problems, programSearchView(r.Frame(), page)), nil
	}
	return web.Redirect(view.To("note-searches", s.ID.String())), nil
}

// mayRead refuses those who read no notes in a program: whoever lacks only a grant is told
// where she asks for one, and to all others it is not there.
func mayRead(actor access.Actor, program uuid.UUID) error {
	switch {
	case actor.NeedsGrant(program, access.NoteView):
		return fault.New(fault.Denied, i18n.NoteSearchGuarded).Toward(i18n.NoteSearchGuardedAction, "participants")
	case !actor.MayIn(program, access.NoteView):
		return fault.Refused()
	}
	return nil
}

// programSearch loads a program in which the actor reads notes, and her searches there.
func (h *Handlers) programSearch(r *web.Request, act func(*tenancy.Tx, *searchPage) error) (page searchPage, err error) {
	id, err := r.ID("program")
	if err != nil {
		return page, err
	}
	if err := mayRead(r.Actor(), id); err != nil {
		return page, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page.Program, err = program.ByID(r.Context(), tx, id); err != nil {
			return err
		}
		if err := act(tx, &page); err != nil {
			return err
		}
		page.Earlier, err = searchesOf(r.Context(), tx, r.Actor().Staff, id)
		return err
	})
	page.Search.ID = tenancy.NewID()
	return page, err
}

// ShowSearch is how far a search is, and what it has found so far: to the one who began
// it, and as far as she may read it at this moment.
func (h *Handlers) ShowSearch(r *web.Request) (web.Response, error) {
	id, err := r.ID("search")
	if err != nil {
		return web.Response{}, err
	}
	page := searchPage{From: fromOf(r.Query.Get("from"))}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page.Search, err = searchByID(r.Context(), tx, id); err != nil {
			return err
		}
		s := page.Search
		if s.Staff != r.Actor().Staff || tx.Now().Sub(s.At) > searchKept {
			return fault.Refused()
		}
		if err := mayRead(r.Actor(), s.Program); err != nil {
			return err
		}
		if page.Program, err = program.ByID(r.Context(), tx, s.Program); err != nil {
			return err
		}
		if page.Search.Found, err = s.stillThere(r.Context(), tx, r.Actor()); err != nil {
			return err
		}
		page.Words, page.Count, page.Programs = s.Words, len(page.Search.Found), []program.Program{page.Program}
		if !s.Over() {
			return nil
		}
		return page.loadFound(r, tx)
	})
	if err != nil {
		return web.Response{}, err
	}
	switch {
	case r.HTMX && page.Search.Over():
		return web.Redirect(view.To("note-searches", id.String())), nil
	case r.HTMX:
		return web.Fragment(progressView(r.Frame(), page)), nil
	}
	return web.Page(i18n.NoteSearchTitle, foundView(r.Frame(), page)), nil
}

// loadFound loads the hits of this page, about people whom the reader reaches now.
func (p *searchPage) loadFound(r *web.Request, tx *tenancy.Tx) error {
	hits, err := loadHits(r.Context(), tx, newQuery(p.Words), r.Actor(), part(p.Search.Found, p.From), []uuid.UUID{p.Search.Program})
	if err != nil {
		return err
	}
	var about []uuid.UUID
	for _, h := range hits {
		about = append(about, h.Participant)
	}
	if p.Names, err = participant.Names(r.Context(), tx, r.Actor(), about); err != nil {
		return err
	}
	event := audit.Event{Action: actionFound, Subject: p.Search.ID, Program: p.Search.Program,
		Role: r.Actor().Roles[p.Search.Program], Confidential: p.Program.Confidential}
	p.Hits = slices.DeleteFunc(hits, func(h hit) bool { _, reached := p.Names[h.Participant]; return !reached })
	for _, h := range p.Hits {
		if !slices.Contains(event.Participants, h.Participant) {
			event.Participants = append(event.Participants, h.Participant)
		}
	}
	if len(event.Participants) == 0 {
		return nil
	}
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

// part is the page of ids that begins at a place.
func part(ids []uuid.UUID, from int) []uuid.UUID {
	if from >= len(ids) {
		return nil
	}
	return ids[from:min(from+hitsOnPage, len(ids))]
}

func fromOf(text string) int {
	from, err := strconv.Atoi(text)
	if err != nil || from < 0 || from > 1e6 {
		return 0
	}
	return from
}
