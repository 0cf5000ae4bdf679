package draft

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/fault"
	"konote/app/view"
	"konote/keyring"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestStatementsAreValid(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

func TestWhatWasTypedIsThereAgain(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	w := m.open(m.sam)
	if w.draft.Begun() {
		t.Fatal("an empty form shows a draft")
	}
	if got := w.save("She called"); got.Saved != "12:00\u00a0p.m." || got.Over != "" || got.Other != nil || got.Token == "" {
		t.Errorf("got %+v", got)
	}
	w.save("She called her landlord.")
	m.now = m.now.Add(time.Minute)

	again := m.open(m.sam) // another device
	if !again.draft.Begun() || again.values.Get("text") != "She called her landlord." || again.values.Get("version") != "3" || !again.draft.Today {
		t.Errorf("got %+v, %v", again.draft, again.values)
	}
	for name := range again.values {
		if name != "text" && name != "version" {
			t.Errorf("the draft holds the field %s", name)
		}
	}
	again.save("She called her landlord. He will come.")
	if got := m.open(m.sam); got.values.Get("text") != "She called her landlord. He will come." || got.draft.Other != nil {
		t.Errorf("the second window did not take the first one's place: %v, %+v", got.values, got.draft.Other)
	}
	if got := m.recorded(actionBegin); got != 1 {
		t.Errorf("%d entries say that the draft was begun, want 1", got)
	}

	again.done()
	if got := m.open(m.sam); got.draft.Begun() || len(m.list(m.sam)) != 0 {
		t.Errorf("a form that was saved still has a draft: %v", got.values)
	}
}

func TestAnOlderSaveThatArrivesLateIsNotKept(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	w := m.open(m.sam)
	w.saveAs(3, "the third")
	if got := w.saveAs(2, "the second"); got.Over == "" || got.Over == w.draft.Window {
		t.Errorf("got %+v, want to be told to go on as another window", got)
	}
	w.saveAs(3, "the third once more")
	if got := m.open(m.sam).values.Get("text"); got != "the third" {
		t.Errorf("got %q, want the newest", got)
	}

	// Also when the window's place was taken: an old save is no version of its own.
	second := m.open(m.sam)
	second.save("the third, and more")
	w.saveAs(2, "the second")
	if got := m.open(m.sam); got.values.Get("text") != "the third, and more" || got.draft.Other != nil {
		t.Errorf("got %v beside %+v", got.values, got.draft.Other)
	}
}

func TestASaveThatArrivesAfterTheFormWasSavedDoesNotBringTheDraftBack(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	for _, test := range []struct {
		name string
		end  func(*window)
	}{
		{"saved", (*window).done},
		{"discarded", func(w *window) { w.discard(nil) }},
	} {
		for _, before := range []string{"", "some words"} {
			w := m.open(m.sam)
			if before != "" {
				w.save(before)
			}
			test.end(w)
			if got := w.save("and one more"); got.Over == "" {
				t.Errorf("%s after %q: got %+v, want to be told that the window is over", test.name, before, got)
			}
			if got := m.open(m.sam); got.draft.Begun() {
				t.Errorf("%s after %q: the draft is back: %v", test.name, before, got.values)
			}
		}
	}
	// What was opened and not touched is finished too.
	m.open(m.sam).save("begun on the telephone")
	m.open(m.sam).done()
	if got := m.open(m.sam); got.draft.Begun() {
		t.Errorf("a draft that was sent as it was is still there: %v", got.values)
	}
}

func TestTwoWindowsNeverOverwriteEachOther(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	first := m.open(m.sam)
	first.save("one")
	second := m.open(m.sam)
	first.save("one, typed on")
	m.now = m.now.Add(time.Minute)
	got := second.save("one, otherwise")
	if got.Other == nil || got.Other.Values.Get("text") != "one, typed on" || got.Other.Window != first.draft.Window || got.Other.Saved != "12:00\u00a0p.m." {
		t.Fatalf("the second window is told %+v", got.Other)
	}
	if got := first.save("one, typed on and on"); got.Other == nil || got.Other.Values.Get("text") != "one, otherwise" {
		t.Errorf("the first window is told %+v", got.Other)
	}

	third := m.open(m.sam)
	if third.values.Get("text") != "one, typed on and on" && third.values.Get("text") != "one, otherwise" {
		t.Errorf("a third one opens with %v", third.values)
	}
	if third.draft.Other == nil {
		t.Fatal("a third one is not told that there are two versions")
	}
	r := m.request(m.sam, http.MethodGet, nil)
	r.Query.Set("draft", third.draft.Other.Window)
	if got := m.openAs(r); got.values.Get("text") != third.draft.Other.Values.Get("text") {
		t.Errorf("the other version opens with %v, want %v", got.values, third.draft.Other.Values)
	}
	if got := len(m.list(m.sam)); got != 1 {
		t.Errorf("home lists %d, want the form once", got)
	}

	t.Run("saving one leaves the other", func(t *testing.T) {
		second.done()
		if got := m.open(m.sam); got.values.Get("text") != "one, typed on and on" || got.draft.Other != nil {
			t.Errorf("got %v beside %+v", got.values, got.draft.Other)
		}
	})
	t.Run("one is chosen", func(t *testing.T) {
		rival := m.open(m.sam)
		first.save("one, on and on")
		rival.save("rival")
		first.discard(func(form url.Values) { form.Set(view.DraftDropField, rival.draft.Window) })
		if got := m.open(m.sam); got.values.Get("text") != "one, on and on" || got.draft.Other != nil {
			t.Errorf("got %v beside %+v", got.values, got.draft.Other)
		}
	})
	t.Run("the same words are no conflict", func(t *testing.T) {
		rival := m.open(m.sam)
		first.save("alike")
		if got := rival.save("alike"); got.Other != nil {
			t.Errorf("got %+v", got.Other)
		}
	})
}

// Whatever crosses, each window's last save is there in the end.
func TestRacingWindowsLoseNothing(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	windows := make([]*window, 4)
	for i := range windows {
		windows[i] = m.open(m.sam)
	}
	const saves = 25
	var all sync.WaitGroup
	for i, w := range windows {
		for n := 1; n <= saves; n++ {
			all.Go(func() {
				if _, err := m.handlers.Save(m.request(m.sam, http.MethodPost, w.fields(n, strings.Repeat("x", n)+string(rune('a'+i))))); err != nil {
					t.Errorf("save %d of window %d: %v", n, i, err)
				}
			})
		}
	}
	all.Wait()
	m.in(m.agency, func(tx *tenancy.Tx) error {
		h, err := load(t.Context(), tx, key{m.sam.Staff, m.form.Name, m.about})
		if err != nil {
			return err
		}
		if len(h.open) != len(windows) {
			t.Errorf("got %d versions, want one for each window", len(h.open))
		}
		for _, v := range h.open {
			if got := v.values.Get("text"); v.sequence != saves || !strings.HasPrefix(got, strings.Repeat("x", saves)) {
				t.Errorf("window %s ends with save %d: %q", v.window, v.sequence, got)
			}
		}
		return nil
	})
}

func TestADraftIsOnePersonsOwn(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	mine := m.open(m.sam)
	mine.save("Mine alone.")

	if got := m.open(m.kim); got.draft.Begun() {
		t.Errorf("a colleague sees %v", got.values)
	}
	if got := m.list(m.kim); len(got) != 0 {
		t.Errorf("a colleague's list has %+v", got)
	}
	thief := &window{world: m, by: m.kim, draft: mine.draft} // who knows the window's id
	thief.saveAs(9, "Hers now?")
	thief.discard(nil)
	thief.discard(func(form url.Values) { form.Set(view.DraftDropField, mine.draft.Window) })
	thief.discard(func(form url.Values) { form.Del(view.DraftWindowField) })
	thief.done()
	if got := m.open(m.sam).values.Get("text"); got != "Mine alone." {
		t.Errorf("a colleague changed it to %q", got)
	}

	other := m.world.Agency(t, func(n *tenancy.NewAgency) { n.Demo = true })
	r := m.request(m.staff(other), http.MethodGet, nil)
	r.Agency = other
	if got := m.openAs(r); got.draft.Begun() {
		t.Errorf("another agency sees %v", got.values)
	}
}

func TestADraftBeginsOnlyWhereTheFormMayBeFilledIn(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.reached[m.kim.Staff] = false
	w := m.open(m.kim)
	w.last = 1
	for what, change := range map[string]func(r url.Values, params map[string]string){
		"somebody she does not reach": func(url.Values, map[string]string) {},
		"somebody who is not there":   func(_ url.Values, p map[string]string) { p["record"] = uuid.NewString() },
		"no record":                   func(_ url.Values, p map[string]string) { p["record"] = "x" },
		"a form that there is not":    func(_ url.Values, p map[string]string) { p["form"] = "note.invented" },
	} {
		r := m.request(m.kim, http.MethodPost, w.fields(1, "words"))
		change(r.Form, r.Params)
		if _, err := m.handlers.Save(r); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: got %v, want not found", what, err)
		}
		if _, err := m.handlers.Keep(r); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s, with the button: got %v, want not found", what, err)
		}
	}
	for what, change := range map[string]func(url.Values){
		"no window":     func(v url.Values) { v.Del(view.DraftWindowField) },
		"a strange one": func(v url.Values) { v.Set(view.DraftWindowField, "../x") },
		"no sequence":   func(v url.Values) { v.Del(view.DraftSequenceField) },
		"a huge one":    func(v url.Values) { v.Set(view.DraftSequenceField, "9223372036854775807") },
	} {
		form := m.open(m.sam).fields(1, "words")
		change(form)
		if _, err := m.handlers.Save(m.request(m.sam, http.MethodPost, form)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: got %v, want invalid", what, err)
		}
	}
}

func TestWhoLosesTheRecordKeepsHerWordsAndMayDiscardThem(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	w := m.open(m.sam)
	w.save("Begun while she")
	m.reached[m.sam.Staff] = false
	if got := w.save("Begun while she worked there."); got.Saved == "" {
		t.Errorf("got %+v", got)
	}
	listed := m.list(m.sam)
	if len(listed) != 1 || listed[0].Participant != m.about || !listed[0].Known() {
		t.Fatalf("got %+v", listed)
	}
	m.open(m.sam).discard(func(form url.Values) { // as home does
		for name := range form {
			if strings.HasPrefix(name, view.DraftPrefix) {
				form.Del(name)
			}
		}
	})
	if got := m.list(m.sam); len(got) != 0 {
		t.Errorf("still listed: %+v", got)
	}
	if got := m.recorded(actionDiscard); got != 1 {
		t.Errorf("%d entries say that it was discarded, want 1", got)
	}
}

func TestAFormThatIsGoneCanStillBeDiscarded(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.open(m.sam).save("words")
	m.handlers.Forms = nil
	if got := m.list(m.sam); len(got) != 1 || got[0].Known() {
		t.Fatalf("got %+v", got)
	}
	m.open(m.sam).discard(nil)
	if got := m.list(m.sam); len(got) != 0 {
		t.Errorf("still listed: %+v", got)
	}
}

func TestTheButtonKeepsWithoutAScript(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	w := m.open(m.sam)
	keep := func(text string) {
		t.Helper()
		response, err := m.handlers.Keep(m.request(m.sam, http.MethodPost, w.fields(0, text)))
		if err != nil || response.Status != http.StatusSeeOther || response.To.String() != "/test/"+m.about.String() {
			t.Fatalf("status %d to %s, %v", response.Status, response.To, err)
		}
	}
	keep("once")
	if got := m.open(m.sam); got.values.Get("text") != "once" {
		t.Errorf("got %v", got.values)
	}
	m.now = m.now.Add(time.Minute)
	keep("back by the browser's button, and changed")
	if got := m.open(m.sam); got.values.Get("text") != "back by the browser's button, and changed" || got.draft.Other == nil || got.draft.Other.Values.Get("text") != "once" {
		t.Errorf("got %v beside %+v, want both", got.values, got.draft.Other)
	}
}

func TestNobodyFillsTheTableWithDrafts(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	var last error
	for range most + 1 {
		form := (&window{world: m, draft: view.Draft{Window: tenancy.NewID().String()}}).fields(1, "x")
		if _, last = m.handlers.Save(m.request(m.sam, http.MethodPost, form)); last != nil {
			break
		}
	}
	if fault.KindOf(last) != fault.Invalid {
		t.Errorf("got %v, want a refusal after %d", last, most)
	}
	if got := m.open(m.kim).save("mine"); got.Saved == "" {
		t.Errorf("a colleague cannot begin one: %+v", got)
	}
}

func TestWordsAreSealedAndOpenInNoOtherRow(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	w := m.open(m.sam)
	w.save("Jamais deux sans trois.")
	m.in(m.agency, func(tx *tenancy.Tx) error {
		var row string
		var sealed keyring.Sealed
		if err := tx.QueryRow(t.Context(), `SELECT d::text, content_sealed FROM agency.drafts d`).Scan(&row, &sealed); err != nil {
			return err
		}
		if strings.Contains(row, "Jamais") {
			t.Error("the row holds what was typed")
		}
		other := key{m.kim.Staff, m.form.Name, m.about}
		if _, err := tx.Box().Open(colContent, other.id(uuid.MustParse(w.draft.Window)), sealed); err == nil {
			t.Error("the words open as a colleague's")
		}
		_, err := tx.Exec(t.Context(), `UPDATE agency.drafts SET staff_id = $1`, m.kim.Staff)
		return err
	})
	err := m.agency.View(t.Context(), func(tx *tenancy.Tx) error {
		_, err := m.form.Open(m.request(m.kim, http.MethodGet, nil), tx, m.about)
		return err
	})
	if err == nil {
		t.Error("a row that was moved to a colleague opens for her")
	}
}

func TestTheEndsOfYesterdayAreForgotten(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	for range 3 {
		w := m.open(m.sam)
		w.save("words")
		w.done()
	}
	m.now = m.now.Add(25 * time.Hour)
	m.open(m.sam).done()
	m.in(m.agency, func(tx *tenancy.Tx) error {
		var rows int
		if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM agency.drafts`).Scan(&rows); err != nil {
			return err
		}
		if rows != 1 {
			t.Errorf("%d rows are left, want the last one", rows)
		}
		return nil
	})
}
