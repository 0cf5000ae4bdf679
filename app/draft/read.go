package draft

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// readPage is what somebody has begun, to be read and copied.
type readPage struct {
	Form     Form
	Record   uuid.UUID
	About    About
	Open     bool // the form can be gone on with
	Versions []readVersion
}

type readVersion struct {
	Saved string
	Said  []Said
}

// Read shows somebody her own words where the form itself is refused, because the record
// is read-only. Whoever may not read the record is refused as the form would refuse her.
func (h *Handlers) Read(r *web.Request) (web.Response, error) {
	var page readPage
	err := h.in(r, func(tx *tenancy.Tx, form Form, record uuid.UUID) (err error) {
		page = readPage{Form: form, Record: record}
		all, err := load(r.Context(), tx, key{r.Actor().Staff, form.Name, record})
		if err != nil {
			return err
		}
		if len(all.open) == 0 {
			return fault.Missing()
		}
		if page.About, page.Open, err = form.reads(r, tx, record); err != nil {
			return err
		}
		for _, v := range all.open {
			said, err := form.said(r, tx, page.About.Participant, v.values)
			if err != nil {
				return err
			}
			page.Versions = append(page.Versions, readVersion{Saved: when(r.P, v.savedAt, tx.Now()), Said: said})
		}
		return form.record(r, tx, actionRead, record, page.About)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(page.Form.Title, reading(r.Frame(), page)), nil
}

// reads is About for those who may read the record, and whether the form is open.
func (f Form) reads(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (About, bool, error) {
	about, err := f.About(r, tx, record)
	if her := fault.ReadOnly(err); her != uuid.Nil {
		return About{Participant: her}, false, nil
	}
	return about, err == nil, err
}

// said are the words of a version.
func (f Form) said(r *web.Request, tx *tenancy.Tx, participant uuid.UUID, values url.Values) (said []Said, err error) {
	shown := map[string]bool{}
	add := func(label, name string) {
		shown[name] = true
		if text := strings.TrimSpace(strings.Join(values[name], "\n")); text != "" {
			said = append(said, Said{label, text})
		}
	}
	names := slices.Sorted(maps.Keys(values))
	for _, field := range f.Fields {
		for _, name := range names {
			if ok, _ := path.Match(field.Name, name); ok && !shown[name] {
				add(r.P.T(field.Label), name)
			}
		}
	}
	if f.More != nil {
		more, err := f.More(r, tx, participant, values)
		return append(said, more...), err
	}
	for _, name := range names {
		if !shown[name] && strings.ContainsFunc(strings.TrimSpace(values.Get(name)), unicode.IsSpace) {
			add("", name)
		}
	}
	return said, nil
}

// Kept answers a refusal with the place where somebody's words are: those of a form that
// was sent, which are kept now, or of the form that was asked for. It is the hook of that
// name in package web.
func (h *Handlers) Kept(r *web.Request, _ error) (to view.URL, err error) {
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if r.Method == http.MethodGet {
			to, err = h.begun(r, tx)
			return err
		}
		form, record, ok := h.sent(r.Form.Get(view.DraftOfField))
		own := at(r.Form)
		if !ok || own.window == uuid.Nil {
			return nil
		}
		own.sequence++
		saved, all, err := form.keep(r, tx, record, own, from(r.Form))
		if err == nil && (saved != nil || len(all.open) > 0) {
			to = address(form.Name, record).save()
		}
		return err
	})
	if err != nil {
		return view.URL{}, fmt.Errorf("keep draft: %w", err)
	}
	return to, nil
}

// begun is where the words are that somebody began in the form whose page is asked for.
func (h *Handlers) begun(r *web.Request, tx *tenancy.Tx) (view.URL, error) {
	b := tx.Batch()
	pending := h.Forms.Queue(b, r.Actor())
	if err := b.Send(r.Context()); err != nil {
		return view.URL{}, err
	}
	for _, l := range pending.All() {
		if l.Known() && l.Address().String() == r.Path {
			return l.Read(), nil
		}
	}
	return view.URL{}, nil
}

// sent is the form that a save is addressed to.
func (h *Handlers) sent(address string) (Form, uuid.UUID, bool) {
	parts := strings.Split(strings.TrimPrefix(address, "/drafts/"), "/")
	if len(parts) != 2 {
		return Form{}, uuid.Nil, false
	}
	form, known := h.Forms.Of(parts[0])
	record, err := uuid.Parse(parts[1])
	return form, record, known && err == nil
}

// name is what a page calls the version, where there are several.
func (v readVersion) name(p *i18n.Printer) string { return p.T(i18n.DraftListSaved(v.Saved)) }
