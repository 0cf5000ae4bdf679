package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"konote/app/view"
)

func TestFilesAreSentInTheBestEncoding(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.browser("anywhere.example") // no agency is needed
	if got := w.get("/assets/app-1234.css"); got.body != "a{}" || got.Header.Get("Content-Encoding") != "" {
		t.Errorf("got %q %v", got.body, got.Header)
	}
	w.header.Set("Accept-Encoding", "br, gzip")
	if got := w.get("/assets/app-1234.css"); got.body != "packed" || got.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("got %q %v", got.body, got.Header)
	}
	want(t, "another name", w.get("/assets/app-1234.css/"), http.StatusNotFound)
	want(t, "climbing", w.get("/assets/../app-1234.css"), http.StatusNotFound)
	want(t, "posting", w.post("/assets/app-1234.css"), http.StatusNotFound)
}

func TestPagesAreCompressedForTheirOwnHostOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	plain := w.get("/things").body
	w.header.Set("Accept-Encoding", "gzip")
	for site, packed := range map[string]bool{"same-origin": true, "none": true, "cross-site": false, "same-site": false, "": false} {
		w.header.Del("Sec-Fetch-Site")
		if site != "" {
			w.header.Set("Sec-Fetch-Site", site)
		}
		got := w.get("/things")
		if (got.Header.Get("Content-Encoding") == "gzip") != packed {
			t.Errorf("Sec-Fetch-Site %q: compressed is %v, want %v", site, !packed, packed)
		}
		if packed {
			reader, err := gzip.NewReader(strings.NewReader(got.body))
			if err != nil {
				t.Fatal(err)
			}
			unpacked, err := io.ReadAll(reader)
			if err != nil || tokenField.ReplaceAllString(string(unpacked), "") != tokenField.ReplaceAllString(plain, "") {
				t.Errorf("unpacked: %v, another page", err)
			}
		}
	}
}

func TestRedirectsOfHTMXChangeThePage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	w.header.Set("HX-Request", "true")
	got := w.post("/things", "typed", "x")
	if got.StatusCode != http.StatusOK || got.Header.Get("HX-Redirect") != "/things" {
		t.Errorf("got %d %v", got.StatusCode, got.Header)
	}
	w.header.Set("HX-Boosted", "true")
	want(t, "boosted", w.post("/things", "typed", "x"), http.StatusSeeOther)
}

func TestADownloadIsWholeOrBroken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	got := w.get("/file")
	if got.body != "a,b\n" || got.Header.Get("Content-Disposition") != `attachment; filename="list.csv"` || got.Header.Get("Content-Type") != "text/csv" {
		t.Errorf("got %q %v", got.body, got.Header)
	}
	to := b.listen()
	request, err := http.NewRequest("GET", "http://"+to+"/file/broken", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = north
	request.AddCookie(&http.Cookie{Name: "__Host-session", Value: w.cookies["__Host-session"]})
	response, err := http.DefaultTransport.RoundTrip(request)
	if err == nil {
		_, err = io.ReadAll(response.Body)
		_ = response.Body.Close()
	}
	if err == nil {
		t.Error("a download whose source broke looks whole")
	}
}

func TestTheLanguageOfAPage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	speaks := func(got answer) string {
		_, rest, _ := strings.Cut(got.body, `<html lang="`)
		language, _, _ := strings.Cut(rest, `"`)
		return language
	}
	w := b.browser(north)
	for header, want := range map[string]string{"": "en-CA", "fr-CA,fr;q=0.9,en;q=0.8": "fr-CA", "en-US,en;q=0.5": "en-CA", "de, fr;q=0.5": "fr-CA", "fr;q=0, en": "en-CA", "de": "en-CA"} {
		w.header.Set("Accept-Language", header)
		if got := speaks(w.get("/sign-in")); got != want {
			t.Errorf("Accept-Language %q: got %s, want %s", header, got, want)
		}
	}
	w.header.Set("Accept-Language", "en")
	got := w.get("/sign-in?lang=fr&next=%2Fthings")
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/sign-in?next=%2Fthings" {
		t.Errorf("switch: got %d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	if got := w.get("/sign-in"); speaks(got) != "fr-CA" || !strings.Contains(got.body, "Côté Nord") {
		t.Errorf("after the switch: got %s", speaks(got))
	}
	want(t, "no language of ours", w.get("/sign-in?lang=de"), http.StatusOK)

	// Her own choice counts where the cookie says nothing.
	b.world.read(func() { b.world.visitor.Language = "fr" })
	signed := b.signedIn(north)
	if got := speaks(signed.get("/")); got != "fr-CA" {
		t.Errorf("her own choice: got %s", got)
	}
	signed.get("/?lang=en")
	if got := speaks(signed.get("/")); got != "en-CA" {
		t.Errorf("her last choice: got %s", got)
	}
}

func TestSwitchingTheLanguageKeepsWhatWasTypedAndSavesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	got := w.post("/things", "typed", "her words", view.LanguageField, "fr")
	want(t, "a form that keeps", got, http.StatusOK)
	if !strings.Contains(got.body, "typed=her words") || !strings.Contains(got.body, `<html lang="fr-CA"`) {
		t.Errorf("got %s", got.body)
	}
	if last := b.reached.last; !last.SwitchLanguage || last.Value(view.LanguageField) != "" {
		t.Error("the handler was not told")
	}
	w.header.Set("Referer", "https://northside.example/things/new?a=1")
	before := b.reached.count("POST /things/:thing")
	got = w.post("/things/1", "typed", "her words", view.LanguageField, "en")
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/things/new?a=1" {
		t.Errorf("a form that does not keep: got %d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	w.post("/things/1", "typed", "her words", view.LanguageField, "klingon")
	if b.reached.count("POST /things/:thing") != before {
		t.Error("the handler was called all the same")
	}
	w.header.Set("Referer", "https://evil.example/x")
	if got := w.post("/things/1", view.LanguageField, "en").Header.Get("Location"); got != "/" {
		t.Errorf("a foreign referrer leads to %s", got)
	}
	want(t, "nothing typed is not an error then", w.post("/things", "typed", "", view.LanguageField, "en"), http.StatusOK)
	want(t, "and is one otherwise", w.post("/things", "typed", ""), http.StatusUnprocessableEntity)
}
