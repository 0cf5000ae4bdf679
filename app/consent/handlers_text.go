package consent

import (
	"strconv"

	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

const actionText audit.Action = "consent_text.create"

// textsPage lists what people agree to.
type textsPage struct {
	Current map[Purpose]Words
}

// textPage is one purpose: its text to be changed, and all versions before.
type textPage struct {
	Purpose  Purpose
	Draft    Words // Version is the one that it began from; 0: there was none
	Versions []Words
	Keep     view.Draft
	Late     bool // somebody else has written a version meanwhile
	Problems view.Problems

	done bool
}

// Texts lists the texts.
func (h *Handlers) Texts(r *web.Request) (web.Response, error) {
	var page textsPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) { // see Current
		page.Current, err = Current(r.Context(), tx)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.ConsentTextsTitle, textsView(r.Frame(), page)), nil
}

func openText(r *web.Request, f func(*tenancy.Tx, *textPage) error) (page textPage, err error) {
	purpose := Purpose(r.Params["purpose"])
	if !purpose.valid() {
		return page, fault.Missing()
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		page = textPage{Purpose: purpose}
		if _, err := Current(r.Context(), tx); err != nil { // an agency without texts gets them
			return err
		}
		var err error
		if page.Versions, err = tenancy.Rows[Words](r.Context(), tx, sqlTextsOf, purpose); err != nil {
			return err
		}
		if len(page.Versions) > 0 {
			page.Draft = page.Versions[0]
		}
		page.Draft.ID = tenancy.NewID()
		if page.Keep, err = textForms[purpose].Open(r, tx, uuid.Nil); err != nil {
			return err
		}
		if r.Method != "GET" || page.Keep.Begun() {
			page.Draft = decodeText(r, purpose)
		}
		return f(tx, &page)
	})
	return page, err
}

func decodeText(r *web.Request, purpose Purpose) Words {
	w := Words{Purpose: purpose, EN: r.Value("text_en"), FR: r.Value("text_fr")}
	w.Version, _ = strconv.Atoi(r.Value("version")) // a broken number is a version that does not exist: a conflict
	var err error
	if w.ID, err = uuid.Parse(r.Value("id")); err != nil || w.ID.Version() != 7 {
		w.ID = tenancy.NewID()
	}
	return w
}

// Text is one text, to be read and changed.
func (h *Handlers) Text(r *web.Request) (web.Response, error) {
	page, err := openText(r, func(*tenancy.Tx, *textPage) error { return nil })
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.ConsentTextTitle, textView(r.Frame(), page)), nil
}

// SaveText makes a new version. What people have agreed to stays as it was.
func (h *Handlers) SaveText(r *web.Request) (web.Response, error) {
	page, err := openText(r, func(tx *tenancy.Tx, page *textPage) error {
		if page.Problems = page.Draft.check(); r.SwitchLanguage || page.Problems.Any() {
			return nil
		}
		return page.save(r, tx)
	})
	switch problems := page.Problems; {
	case err != nil:
		return web.Response{}, err
	case page.done:
		return web.Redirect(view.To("settings", "consent-texts")).Say(i18n.ConsentTextSaved), nil
	case page.Late:
		return web.Page(i18n.ConsentTextTitle, textView(r.Frame(), page)).Conflict(), nil
	default:
		page.Problems = r.Shown(problems)
		return r.Again(i18n.ConsentTextTitle, problems, textView(r.Frame(), page)), nil
	}
}

func (page *textPage) save(r *web.Request, tx *tenancy.Tx) error {
	newest := Words{}
	if len(page.Versions) > 0 {
		newest = page.Versions[0]
	}
	if newest.EN == page.Draft.EN && newest.FR == page.Draft.FR { // nothing changed, or the form came twice
		page.done = true
		textForms[page.Purpose].Done(r, tx, uuid.Nil)
		return nil
	}
	w := page.Draft
	w.Version, w.CreatedAt = w.Version+1, tx.Now()
	if newest.Version == page.Draft.Version {
		added, err := insertText(r.Context(), tx, w, r.Actor().Staff)
		if err != nil {
			return err
		}
		page.done = added
	}
	if !page.done {
		page.Late, page.Draft.Version = true, newest.Version
		return nil
	}
	textForms[page.Purpose].Done(r, tx, uuid.Nil)
	event := audit.Event{Action: actionText, Subject: w.ID, After: w}
	if newest.Version > 0 {
		event.Before = newest
	}
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

func (page textsPage) version(f *view.Frame, purpose Purpose) string {
	w, written := page.Current[purpose]
	if !written {
		return ""
	}
	return f.T(i18n.ConsentTextVersion(strconv.Itoa(w.Version), f.P.Day(w.CreatedAt)))
}
