// Command sample shows every component on pages of its own, without a database, for
// looking at them while one works on them:
//
//	go run ./app/view/build && go run ./app/view/sample
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"konote/app/i18n"
	"konote/app/view"
)

func main() {
	address := flag.String("addr", "127.0.0.1:8090", "where to listen")
	idle := flag.Int("idle", 1800, "seconds that a session lives")
	flag.Parse()
	assets, err := view.LoadAssets()
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("http://%s/parts", *address)
	server := &http.Server{Addr: *address, Handler: handler(assets, *idle), ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.ListenAndServe())
}

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// handler serves the sample pages under the headers that the product has.
func handler(assets *view.Bundle, idle int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		if file, ok := assets.File(r.URL.Path); ok {
			w.Header().Set("Content-Type", file.ContentType)
			if file.Immutable {
				w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			}
			_, _ = w.Write(file.Body)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		f := frame(r, assets, idle)
		if r.URL.Path == "/session/state" {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"seconds":%d}`, idle/2)
			return
		}
		body, status := answer(f, r)
		if body == nil {
			w.WriteHeader(status)
			return
		}
		var b bytes.Buffer
		if err := body.Render(r.Context(), &b); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(status)
		_, _ = w.Write(b.Bytes())
	})
}

func frame(r *http.Request, assets *view.Bundle, idle int) *view.Frame {
	lang := r.FormValue("lang")
	if to := r.PostFormValue(view.LanguageField); to != "" {
		lang = to
	}
	f := &view.Frame{
		P: i18n.NewPrinter(lang, nil, nil), Agency: "Northside Community Services", Demo: true, Path: r.URL.RequestURI(), CSRF: "sample",
		SignedIn: true, Person: "Amélie Roy", IdleSeconds: idle, MaySearch: true, Assets: assets,
		Unsaved: r.Method == http.MethodPost,
	}
	f.Role, f.Help = say(f, "Direct service", "Service direct"), "Nadia, 613 555-0100"
	if f.P.French() {
		f.Agency = "Services communautaires du Nord"
	}
	if r.FormValue("saved") != "" {
		f.Flash = say(f, "Note saved.", "Note enregistrée.")
	}
	for _, item := range []view.NavItem{
		{Label: say(f, "Home", "Accueil"), Href: view.To("home"), Icon: "home"},
		{Label: say(f, "Participants", "Personnes participantes"), Href: view.To("list"), Icon: "people"},
		{Label: say(f, "Timeline", "Fil du temps"), Href: view.To("timeline"), Icon: "clock"},
		{Label: say(f, "Programs", "Programmes"), Href: view.To("parts"), Icon: "program"},
		{Label: say(f, "Settings", "Réglages"), Href: view.To("form"), Icon: "settings"},
	} {
		item.Current = item.Href.String() == r.URL.Path
		f.Nav = append(f.Nav, item)
	}
	f.New = []view.NavItem{
		{Label: say(f, "Participant", "Personne participante"), Href: view.To("form"), Icon: "person"},
		{Label: say(f, "Quick note", "Note rapide"), Href: view.To("note"), Icon: "note"},
	}
	f.Menu = []view.NavItem{{Label: say(f, "My settings", "Mes réglages"), Href: view.To("parts"), Icon: "settings"}}
	return f
}

// answer is a whole document, a fragment, or nothing with a status.
func answer(f *view.Frame, r *http.Request) (templ.Component, int) {
	sent := r.Method == http.MethodPost && r.PostFormValue(view.LanguageField) == ""
	var problems view.Problems
	whole := func(en, fr string, body templ.Component) (templ.Component, int) {
		status := http.StatusOK
		if problems.Any() {
			status, f.Invalid = http.StatusUnprocessableEntity, true
		}
		return view.Page(f, word(f, en, fr), strings.HasPrefix(r.URL.Path, "/list"), body), status
	}
	switch r.URL.Path {
	case "/home":
		return whole("Home", "Accueil", home(f))
	case "/participant":
		return whole("Participant", "Personne participante", participant(f))
	case "/timeline":
		return whole("Timeline", "Fil du temps", timeline(f))
	case "/list", "/find":
		return whole("Participants", "Personnes participantes", list(f))
	case "/parts":
		return whole("Parts", "Pièces", parts(f))
	case "/note":
		if sent {
			problems.Add("kind", word(f, "Choose how you met", "Choisissez comment vous vous êtes vues"))
			problems.Add("text", word(f, "Write at least one sentence", "Écrivez au moins une phrase"))
		}
		return whole("Quick note", "Note rapide", note(f, problems))
	case "/form":
		if sent {
			problems.Add("preferred", word(f, "Write the name she goes by", "Écrivez son nom usuel"))
			problems.Add("born", word(f, "There is no such day; check the date of birth", "Ce jour n’existe pas ; vérifiez la date de naissance"))
		}
		return whole("New participant", "Nouvelle personne", form(f, problems))
	case "/sign-in":
		f.SignedIn = false
		if sent {
			problems.Add("", word(f, "The name or the password is not right", "Le nom ou le mot de passe ne convient pas"))
		}
		return whole("Sign in", "Ouvrir une session", signIn(f, problems))
	case "/missing":
		return whole("Nothing here", "Rien ici", view.ErrorPage(f, f.T(i18n.FaultNotFoundTitle), f.T(i18n.FaultNotFoundText), "7f3k-29qa", view.Action{Label: word(f, "Go to home", "Aller à l’accueil"), Href: view.To("home")}))
	case "/find/suggest":
		items := []view.Item{}
		for _, name := range names {
			if strings.Contains(strings.ToLower(name), strings.ToLower(r.FormValue("q"))) {
				items = append(items, view.Item{Href: view.To("participant").With("name", name), Title: name, Sub: "2026-0147 · 34", Initials: true})
			}
		}
		return view.Suggestions(f, items), http.StatusOK
	case "/session":
		return view.SessionState(f), http.StatusOK
	case "/session/extend":
		return nil, http.StatusNoContent
	case "/hint":
		return hint(f), http.StatusOK
	}
	return nil, http.StatusNotFound
}

var names = []string{"Maëlle Okpik-Tremblay", "Dev Patel", "ᐊᐃᓴ Akesuk", "李 Mei Wong-MacDonald", "Noor Al-Khatib", "Marie-Ève Beauchamp-Desrosiers de la Grande-Baleine", "Jean-Baptiste N’Diaye"}

var kinds = []view.Kind{view.Success, view.Info, view.Warm, view.Neutral}

func say(f *view.Frame, en, fr string) string {
	if f.P.French() {
		return fr
	}
	return en
}

// foreign is the language of French words on an English page.
func foreign(f *view.Frame) string {
	if f.P.French() {
		return ""
	}
	return "fr"
}

func languages(f *view.Frame) []view.Option {
	return []view.Option{{Value: "en", Label: say(f, "English", "anglais")}, {Value: "fr", Label: say(f, "French", "français")}, {Value: "iu", Label: "Inuktitut"}}
}
