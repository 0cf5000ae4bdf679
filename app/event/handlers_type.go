package event

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// typesPage is the lists of types and of serious categories.
type typesPage struct {
	Types      []Type
	Categories []Type
	Programs   map[uuid.UUID]program.Program
	Actor      access.Actor
	Missing    int // of the library, which the agency has not got; administrators add them
}

// TypeList shows the types that the actor keeps, or may choose from.
func (h *Handlers) TypeList(r *web.Request) (web.Response, error) {
	if !mayManage(r.Actor()) {
		return web.Response{}, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	page := typesPage{Actor: r.Actor()}
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		types, err := Types(r.Context(), tx)
		if err != nil {
			return err
		}
		page.Types, page.Categories, page.Missing = nil, nil, 0
		if r.Actor().Admin {
			page.Missing = missing(types)
		}
		for _, t := range types {
			switch {
			case !t.shown(r.Actor()):
			case t.Severity == 0:
				page.Types = append(page.Types, t)
			default:
				page.Categories = append(page.Categories, t)
			}
		}
		page.Programs, err = programs(r, tx)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.EventTypesTitle, typesView(r.Frame(), page)), nil
}

// missing counts what the library has beyond what the agency has.
func missing(have []Type) int {
	n := 0
	for _, t := range library {
		if !slices.ContainsFunc(have, func(h Type) bool { return h.LibraryKey == t.LibraryKey }) {
			n++
		}
	}
	return n
}

// AddLibrary adds what the agency has not got of the library: it may be older than it.
func (h *Handlers) AddLibrary(r *web.Request) (web.Response, error) {
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if err := Seed(r.Context(), tx); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionLibrary})
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("event-types")).Say(i18n.EventLibraryAdded), nil
}

func programs(r *web.Request, tx *tenancy.Tx) (map[uuid.UUID]program.Program, error) {
	all, err := program.All(r.Context(), tx)
	found := map[uuid.UUID]program.Program{}
	for _, p := range all {
		if r.Actor().Admin || r.Actor().Sees(p.ID) {
			found[p.ID] = p
		}
	}
	return found, err
}

// typePage is the form of a type.
type typePage struct {
	Type     Type
	Serious  bool // a category
	Programs []program.Program
	Agency   bool // may be of the whole agency
	Theirs   *Type
	Problems view.Problems
}

// NewType is the empty form of a type, or of a serious category (?serious=1).
func (h *Handlers) NewType(r *web.Request) (web.Response, error) {
	page, err := newType(r)
	if err != nil {
		return web.Response{}, err
	}
	page.Type.ID = tenancy.NewID()
	if page.Serious = r.Query.Get("serious") == "1" && r.Actor().Admin; page.Serious {
		page.Type.Severity = 3
	}
	return web.Page(i18n.EventTypeNewTitle, typeView(r.Frame(), page)), nil
}

// newType is the form of a new type, with what the actor may choose.
func newType(r *web.Request) (page typePage, err error) {
	if !mayManage(r.Actor()) {
		return page, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	page.Agency = r.Actor().Admin
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		all, err := program.All(r.Context(), tx)
		page.Programs = slices.DeleteFunc(all, func(p program.Program) bool {
			return p.Status == program.Archived || !r.Actor().Admin && !r.Actor().MayIn(p.ID, access.EventTypeManage)
		})
		return err
	})
	return page, err
}

// CreateType saves a new type.
func (h *Handlers) CreateType(r *web.Request) (web.Response, error) {
	page, err := newType(r)
	if err != nil {
		return web.Response{}, err
	}
	problems := page.decode(r, Type{ID: web.FormID(r.Value("id")), Position: 1000})
	if r.SwitchLanguage || problems.Any() {
		page.Problems = r.Shown(problems)
		return r.Again(i18n.EventTypeNewTitle, problems, typeView(r.Frame(), page)), nil
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		added, err := InsertType(r.Context(), tx, page.Type, r.Actor().Staff)
		if err != nil || !added {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), page.Type.event(r, actionTypeCreate, nil))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("event-types")).Say(i18n.EventTypeSaved), nil
}

// decode reads the form over what is there.
func (page *typePage) decode(r *web.Request, from Type) view.Problems {
	t := from
	t.NameEN, t.NameFR = r.Value("name_en"), r.Value("name_fr")
	var problems view.Problems
	if from.Version == 0 {
		page.Serious = r.Value("severity") != "" && r.Actor().Admin
		if !page.Serious {
			problems = page.chooseProgram(r, &t)
		}
	} else {
		page.Serious = from.Severity > 0
		t.Archived = r.Checked("is_archived")
		t.Version, _ = strconv.Atoi(r.Value("version")) // a broken number is a version that does not exist: a conflict
	}
	if page.Serious {
		if t.Severity, _ = strconv.Atoi(r.Value("severity")); t.Severity < 1 {
			t.Severity = -1 // no category is without
		}
	}
	page.Type = t
	return append(t.check(), problems...)
}

// chooseProgram reads whose the new type is: a program's, or the whole agency's.
func (page *typePage) chooseProgram(r *web.Request, t *Type) (problems view.Problems) {
	chosen := r.Value("program")
	for _, p := range page.Programs {
		if chosen == p.ID.String() || len(page.Programs) == 1 && !page.Agency {
			t.Program = &p.ID
		}
	}
	if t.Program == nil && (!page.Agency || chosen != "agency") {
		problems.Add("program", i18n.EventTypeProgramWanted)
	}
	return problems
}

// EditType is the form of a type that is there.
func (h *Handlers) EditType(r *web.Request) (web.Response, error) {
	t, err := loadType(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.EventTypeEditTitle, typeView(r.Frame(), typePage{Type: t, Serious: t.Severity > 0})), nil
}

// UpdateType saves a change. A change that comes too late is shown beside what is there
// now.
func (h *Handlers) UpdateType(r *web.Request) (web.Response, error) {
	before, err := loadType(r)
	if err != nil {
		return web.Response{}, err
	}
	var page typePage
	problems := page.decode(r, before)
	if r.SwitchLanguage || problems.Any() {
		page.Problems = r.Shown(problems)
		return r.Again(i18n.EventTypeEditTitle, problems, typeView(r.Frame(), page)), nil
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if before, err = typeByID(r.Context(), tx, before.ID); err != nil {
			return err
		}
		if err := updateType(r.Context(), tx, page.Type, r.Actor().Staff); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), page.Type.event(r, actionTypeUpdate, before))
	})
	if fault.KindOf(err) == fault.Conflict {
		page.Type.Version, page.Theirs = before.Version, &before
		return web.Page(i18n.EventTypeEditTitle, typeView(r.Frame(), page)).Conflict(), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("event-types")).Say(i18n.EventTypeSaved), nil
}

// MoveType puts a type one place up or down in its list.
func (h *Handlers) MoveType(r *web.Request) (web.Response, error) {
	t, err := loadType(r)
	if err != nil {
		return web.Response{}, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		types, err := Types(r.Context(), tx)
		if err != nil {
			return err
		}
		// The list that the type stands in, as the actor sees it.
		list := slices.DeleteFunc(types, func(other Type) bool { return other.Severity != t.Severity || !other.shown(r.Actor()) })
		at := slices.IndexFunc(list, func(other Type) bool { return other.ID == t.ID })
		to := at + map[bool]int{true: -1, false: 1}[r.Value("to") == "up"]
		if at < 0 || to < 0 || to >= len(list) {
			return nil
		}
		list[at], list[to] = list[to], list[at]
		if err := placeTypes(r.Context(), tx, list); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), t.event(r, actionTypeUpdate, nil))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("event-types")).Say(i18n.EventTypeSaved), nil
}

func (t Type) event(r *web.Request, action audit.Action, before any) audit.Event {
	e := audit.Event{Action: action, Subject: t.ID, Before: before, After: t}
	if t.Program != nil {
		e.Program, e.Role = *t.Program, r.Actor().Roles[*t.Program]
	}
	return e
}

// loadType loads the type that a route names, for those who may change it.
func loadType(r *web.Request) (t Type, err error) {
	if !mayManage(r.Actor()) {
		return t, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	id, err := r.ID("type")
	if err != nil {
		return t, err
	}
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		t, err = typeByID(r.Context(), tx, id)
		return err
	})
	switch {
	case err != nil:
		return t, err
	case !t.shown(r.Actor()):
		return t, fault.Refused()
	case !t.mayChange(r.Actor()):
		return t, fault.New(fault.Denied, i18n.EventTypeAgencys)
	}
	return t, nil
}

// changed says when a list was changed last.
func changed(types []Type) (last time.Time) {
	for _, t := range types {
		if t.UpdatedAt.After(last) {
			last = t.UpdatedAt
		}
	}
	return last
}
