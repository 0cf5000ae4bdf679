package consent

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/web"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestEveryStatementIsValid(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

func TestConsentIsGivenWithdrawnAndGivenAgain(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	if got := m.reach(m.worker); got.Consent != access.ConsentNone || !got.May(access.NoteCreate) {
		t.Errorf("before: %s, may write %v", got.Consent, got.May(access.NoteCreate))
	}
	m.record(Service, Given, "limits", "Not my sister.")
	if got := m.reach(m.worker); got.Consent != access.ConsentGiven {
		t.Errorf("after it was given: %s", got.Consent)
	}
	m.record(Service, Withdrawn, "reason", "I am moving away.", "how", string(Phone))
	got := m.reach(m.worker)
	if got.Consent != access.ConsentWithdrawn || got.May(access.NoteCreate) || !got.May(access.NoteView) || !got.May(access.ConsentManage) || got.Levels.EditsAny() {
		t.Errorf("after the withdrawal: %s, may write %v, read %v, record consent %v, edit %v", got.Consent, got.May(access.NoteCreate), got.May(access.NoteView), got.May(access.ConsentManage), got.Levels.EditsAny())
	}
	if n := m.count(`SELECT count(*) FROM agency.participants WHERE id = $1 AND retention_from = '2026-02-10'`, m.lea); n != 1 {
		t.Error("the day of the withdrawal is not kept")
	}
	m.record(Service, Given)
	if got := m.reach(m.worker); got.Consent != access.ConsentGiven || !got.May(access.NoteCreate) || !got.Levels.EditsAny() {
		t.Errorf("given again: %s, may write %v", got.Consent, got.May(access.NoteCreate))
	}
	if n := m.count(`SELECT count(*) FROM agency.participants WHERE id = $1 AND retention_from IS NULL`, m.lea); n != 1 {
		t.Error("the record is still only kept")
	}
	tab := m.tab(m.worker)
	for _, want := range []string{"Not my sister.", "I am moving away.", "By phone", "Sam", "version 1, in French", "Ce que nous consignons"} {
		if !strings.Contains(tab, want) {
			t.Errorf("the tab lacks %q", want)
		}
	}
	if got := m.count(`SELECT count(*) FROM agency.consents`); got != 3 {
		t.Errorf("got %d events, want 3", got)
	}
}

func TestConsentLapses(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.record(Service, Given, "expires_on", "2026-02-12")
	m.record(Sharing, Given, "expires_on", "2026-02-12")
	m.at(time.Date(2026, 2, 13, 4, 59, 0, 0, time.UTC)) // one minute before midnight in Toronto
	if got := m.reach(m.worker); got.Consent != access.ConsentGiven || got.Sharing != access.ShareAcross {
		t.Errorf("on its last day: %s, %s", got.Consent, got.Sharing)
	}
	m.at(time.Date(2026, 2, 13, 5, 0, 0, 0, time.UTC))
	if got := m.reach(m.worker); got.Consent != access.ConsentNone || got.Sharing != access.ShareAsAgency {
		t.Errorf("the day after: %s, %s", got.Consent, got.Sharing)
	}
	if tab := m.tab(m.worker); !strings.Contains(tab, "lapsed after Feb.") {
		t.Error("the tab does not say so")
	}
	first := m.worker
	first.Policy.ConsentFirst = true
	if reason := m.reach(first).Decide(access.NoteCreate).Reason; reason != access.NoConsent {
		t.Errorf("a note after it lapsed: got %d", reason)
	}
}

// Defect D21 of the existing KoNote: consent that is only implied never lapsed.
func TestImpliedConsentCountsForTwoYears(t *testing.T) {
	t.Parallel()
	day := func(text string) civil.Date {
		d, err := civil.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, test := range []struct {
		name    string
		event   Event
		on      string
		want    State
		lastDay string
	}{
		{"the last day of two years", Event{Kind: Given, Basis: Implied, HappenedOn: day("2024-02-10")}, "2026-02-09", Agreed, "2026-02-09"},
		{"the day after", Event{Kind: Given, Basis: Implied, HappenedOn: day("2024-02-10")}, "2026-02-10", Lapsed, "2026-02-09"},
		{"in a leap year", Event{Kind: Given, Basis: Implied, HappenedOn: day("2024-02-29")}, "2026-02-28", Agreed, "2026-02-28"},
		{"an earlier end counts", Event{Kind: Given, Basis: Implied, HappenedOn: day("2024-02-10"), ExpiresOn: day("2024-06-01")}, "2024-06-02", Lapsed, "2024-06-01"},
		{"a later one does not", Event{Kind: Given, Basis: Implied, HappenedOn: day("2024-02-10"), ExpiresOn: day("2029-06-01")}, "2026-02-10", Lapsed, "2026-02-09"},
		{"express consent stays", Event{Kind: Given, Basis: Express, HappenedOn: day("2004-02-10")}, "2026-02-10", Agreed, "0001-01-01"},
		{"a refusal does not lapse", Event{Kind: Refused, HappenedOn: day("2004-02-10")}, "2026-02-10", Declined, "0001-01-01"},
	} {
		if got := test.event.state(day(test.on)); got != test.want {
			t.Errorf("%s: got state %d, want %d", test.name, got, test.want)
		}
		if last := test.event.lastDay(); !last.IsZero() && last != day(test.lastDay) {
			t.Errorf("%s: counts up to %s, want %s", test.name, last, test.lastDay)
		}
	}
}

func TestSharingFollowsWhatSheSaid(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	for _, step := range []struct {
		answer Kind
		want   access.Sharing
	}{{Refused, access.ShareNot}, {Given, access.ShareAcross}, {Withdrawn, access.ShareNot}} {
		m.record(Sharing, step.answer)
		if got := m.reach(m.worker).Sharing; got != step.want {
			t.Errorf("after %s: got %s, want %s", step.answer, got, step.want)
		}
	}
	if got := m.reach(m.worker); got.Consent != access.ConsentNone {
		t.Errorf("the service: got %s", got.Consent)
	}
}

func TestARefusalDoesNotOpenAClosedRecord(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.record(Service, Withdrawn)
	response, err := m.send(m.worker, Service, Refused, m.form(Service, Refused))
	if err != nil || response.Status != http.StatusUnprocessableEntity {
		t.Errorf("a refusal after a withdrawal: status %d, %v", response.Status, err)
	}
	if got := m.reach(m.worker).Consent; got != access.ConsentWithdrawn {
		t.Errorf("got %s", got)
	}
}

func TestWhatIsWrongWithTheForm(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.record(Email, Given, "happened_on", "2026-02-05")
	for _, test := range []struct {
		name, field, value, want string
		purpose                  Purpose
		answer                   Kind
	}{
		{"no answer", "answer", "maybe", "Choose what the answer was", Service, Given},
		{"nobody", "given_by", "cousin", "Choose who decided", Service, Given},
		{"no way", "how", "portal", "Choose how it was said", Service, Given},
		{"no day", "happened_on", "soon", "Enter the day", Service, Given},
		{"tomorrow", "happened_on", "2026-02-11", "in the future", Service, Given},
		{"before what stands", "happened_on", "2026-02-04", "Something newer is on record", Email, Given},
		{"a withdrawal before what stands", "happened_on", "2026-02-04", "Something newer is on record", Email, Withdrawn},
		{"a refusal of what was agreed to", "answer", string(Refused), "choose “Withdraw”", Email, Refused},
		{"no basis", "basis", "hearsay", "Choose what it rests on", Text, Given},
		{"lapsed already", "expires_on", "2026-02-09", "That day is past", Service, Given},
		{"no such end", "expires_on", "never", "Enter a day, or nothing", Service, Given},
		{"too long", "limits", strings.Repeat("x", MaxWords+1), "2,000", Service, Given},
		{"a text of another purpose", "text", m.form(Email, Given).Get("text"), "The text was changed", Service, Given},
		{"a text that is none", "text", uuid.NewString(), "The text was changed", Service, Given},
		{"no text", "text", "", "The text was changed", Service, Given},
	} {
		response, err := m.send(m.worker, test.purpose, test.answer, m.form(test.purpose, test.answer, test.field, test.value))
		if err != nil || response.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d, %v", test.name, response.Status, err)
			continue
		}
		if page := m.text(response); !strings.Contains(page, test.want) {
			t.Errorf("%s: the page lacks %q", test.name, test.want)
		}
	}
	if n := m.count(`SELECT count(*) FROM agency.consents`); n != 1 {
		t.Errorf("got %d events, want 1", n)
	}
}

func TestAFormThatIsSentTwiceIsOneEvent(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	for _, test := range []struct {
		purpose Purpose
		answer  Kind
	}{{Service, Given}, {Sharing, Refused}, {Service, Withdrawn}, {Email, Given}} {
		form := m.form(test.purpose, test.answer, "basis", string(Implied))
		before := m.count(`SELECT count(*) FROM agency.consents`)
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				response, err := m.send(m.worker, test.purpose, test.answer, form)
				if err != nil || response.Status != http.StatusSeeOther {
					t.Errorf("%s %s: status %d, %v", test.purpose, test.answer, response.Status, err)
				}
			})
		}
		both.Wait()
		if n := m.count(`SELECT count(*) FROM agency.consents`) - before; n != 1 {
			t.Errorf("%s %s: %d events", test.purpose, test.answer, n)
		}
	}
}

func TestTwoWithdrawalsAtOnceAreOne(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	forms := []url.Values{m.form(Service, Withdrawn), m.form(Service, Withdrawn)}
	var both sync.WaitGroup
	for _, form := range forms {
		both.Go(func() {
			if response, err := m.send(m.worker, Service, Withdrawn, form); err != nil || response.Status != http.StatusSeeOther {
				t.Errorf("status %d, %v", response.Status, err)
			}
		})
	}
	both.Wait()
	if n := m.count(`SELECT count(*) FROM agency.consents`); n != 1 {
		t.Errorf("got %d events", n)
	}
}

func TestAnIdThatIsTakenChangesNothing(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	form := m.form(Service, Given)
	if response, err := m.send(m.worker, Service, Given, form); err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("status %d, %v", response.Status, err)
	}
	if _, err := m.send(m.manager, Service, Given, form); fault.KindOf(err) != fault.Conflict {
		t.Errorf("somebody else with the same id: %v", err)
	}
	form.Set("limits", "Not my brother.")
	if response, err := m.send(m.worker, Service, Given, form); err != nil || response.Status != http.StatusSeeOther {
		t.Errorf("other words: status %d, %v", response.Status, err)
	}
	if n := m.count(`SELECT count(*) FROM agency.consents`); n != 2 {
		t.Errorf("got %d events, want 2: no words are dropped", n)
	}
}

// Nothing of what was decided can be changed or taken away.
func TestConsentIsNeverChanged(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.record(Service, Given)
	for _, sql := range []string{`UPDATE agency.consents SET kind = 'refused'`, `DELETE FROM agency.consents`,
		`UPDATE agency.consent_texts SET text_en = 'x'`, `DELETE FROM agency.consent_texts`} {
		err := m.agency.Update(t.Context(), func(tx *tenancy.Tx) error {
			_, err := tx.Exec(t.Context(), sql)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestWhoMayRecordConsent(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	other := m.person("Ida", m.shelter, access.ProgramManager)
	for _, test := range []struct {
		name  string
		actor access.Actor
		about uuid.UUID
		want  fault.Kind
	}{
		{"the front desk", m.desk, m.lea, fault.Denied},
		{"an executive", access.Actor{Staff: m.worker.Staff, Roles: map[uuid.UUID]access.Role{m.housing: access.Executive}}, m.lea, fault.NotFound},
		{"an administrator", access.Actor{Staff: m.worker.Staff, Admin: true}, m.lea, fault.NotFound},
		{"a worker of another program", m.worker, m.max, fault.NotFound},
		{"nobody's record", m.worker, tenancy.NewID(), fault.NotFound},
		{"whom she has closed her file to", access.Actor{Staff: m.worker.Staff, Roles: m.worker.Roles, Closed: []access.Closed{{Participant: m.lea, Kind: access.WholeFile}}}, m.lea, fault.NotFound},
	} {
		for name, handler := range map[string]web.Handler{"form": m.handlers.Form, "record": m.handlers.Record, "withdrawal form": m.handlers.WithdrawForm, "withdrawal": m.handlers.Withdraw} {
			method := http.MethodGet
			if !strings.Contains(name, "form") {
				method = http.MethodPost
			}
			_, err := handler(m.request(test.actor, method, m.form(Service, Given), "participant", test.about.String(), "purpose", "service"))
			if fault.KindOf(err) != test.want || err == nil {
				t.Errorf("%s, %s: got %v", test.name, name, err)
			}
		}
	}
	for _, actor := range []access.Actor{m.manager, other, m.advocate} {
		if response, err := m.send(actor, Service, Given, m.form(Service, Given)); err != nil || response.Status != http.StatusSeeOther {
			t.Errorf("a worker or manager of hers: status %d, %v", response.Status, err)
		}
	}
	if _, err := m.handlers.Form(m.request(m.worker, http.MethodGet, nil, "participant", m.lea.String(), "purpose", "selling")); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a purpose that is none: %v", err)
	}
}

// Who works in a confidential program is not named to those who may not know of it.
func TestWhoRecordedItIsNamedToThoseWhoMayKnow(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	if response, err := m.send(m.advocate, Service, Given, m.form(Service, Given)); err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("status %d, %v", response.Status, err)
	}
	if tab := m.tab(m.worker); strings.Contains(tab, "Noa") || !strings.Contains(tab, "Agreed on Feb.") {
		t.Error("the worker of Housing sees the wrong name, or none of it")
	}
	if tab := m.tab(m.advocate); !strings.Contains(tab, "Noa") {
		t.Error("she herself is not named to herself")
	}
}

func TestTheTextIsReadInEitherLanguageAndNothingTypedIsLost(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	form := m.form(Service, Given, "limits", "Not my sister.", "read", "en")
	response, err := m.send(m.worker, Service, Given, form)
	if err != nil || response.Status != http.StatusOK {
		t.Fatalf("status %d, %v", response.Status, err)
	}
	page := m.text(response)
	for _, want := range []string{"What we write down", `name="language" value="en"`, "Not my sister.", "Show it in French"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if n := m.count(`SELECT count(*) FROM agency.consents`); n != 0 {
		t.Errorf("%d events were saved", n)
	}
}

func TestATextThatChangesIsReadAgainAndOldVersionsStay(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.record(Service, Given)
	opened := m.form(Service, Given)
	admin := access.Actor{Staff: m.worker.Staff, Admin: true}
	change := func(version string, id uuid.UUID, en string) (web.Response, error) {
		return m.handlers.SaveText(m.request(admin, http.MethodPost, url.Values{"id": {id.String()}, "version": {version}, "text_en": {en}, "text_fr": {"Nouveau."}}, "purpose", "service"))
	}
	id := tenancy.NewID()
	for range 2 {
		if response, err := change("1", id, "New words."); err != nil || response.Status != http.StatusSeeOther {
			t.Fatalf("status %d, %v", response.Status, err)
		}
	}
	if response, err := change("1", tenancy.NewID(), "Other words."); err != nil || response.Status != http.StatusConflict || !strings.Contains(m.text(response), "Other words.") {
		t.Errorf("a change that comes late: status %d, %v", response.Status, err)
	}
	if n := m.count(`SELECT count(*) FROM agency.consent_texts WHERE purpose = 'service'`); n != 2 {
		t.Errorf("got %d versions, want 2", n)
	}
	response, err := m.send(m.worker, Service, Given, opened)
	if page := m.text(response); err != nil || response.Status != http.StatusUnprocessableEntity || !strings.Contains(page, "Nouveau.") {
		t.Errorf("what was opened before: status %d, %v", response.Status, err)
	}
	if tab := m.tab(m.worker); !strings.Contains(tab, "version 1") || !strings.Contains(tab, "Ce que nous consignons") {
		t.Error("what she agreed to can no longer be read")
	}
	for name, form := range map[string]url.Values{"text_en": {"version": {"2"}, "text_fr": {"x"}}, "text_fr": {"version": {"2"}, "text_en": {"x"}, "text_fr": {strings.Repeat("x", maxText+1)}}} {
		response, err := m.handlers.SaveText(m.request(admin, http.MethodPost, form, "purpose", "service"))
		if err != nil || response.Status != http.StatusUnprocessableEntity {
			t.Errorf("without a good %s: status %d, %v", name, response.Status, err)
		}
	}
}

func TestEveryDecisionIsRecorded(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.record(Service, Given)
	m.record(Sharing, Refused)
	m.record(Service, Withdrawn)
	rows := m.audited()
	for _, want := range []string{"consent.give", "consent.refuse", "consent.withdraw"} {
		if !strings.Contains(rows, want) {
			t.Errorf("the audit log lacks %s: %s", want, rows)
		}
	}
}

// audited are the acts that wait for the audit log.
func (m *world) audited() (text string) {
	m.t.Helper()
	conn, err := pgx.Connect(m.t.Context(), m.w.SuperuserURL())
	if err != nil {
		m.t.Fatal(err)
	}
	defer conn.Close(m.t.Context())
	if err := conn.QueryRow(m.t.Context(), `SELECT string_agg(convert_from(body, 'UTF8'), ' ') FROM outbox.audit_events WHERE agency_id = $1`, m.agency.ID).Scan(&text); err != nil {
		m.t.Fatal(err)
	}
	return text
}

func TestEmailAsksForConsentThatCounts(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	may := func(purpose Purpose) (allowed bool) {
		m.update(func(tx *tenancy.Tx) (err error) {
			allowed, err = MayWrite(t.Context(), tx, m.lea, purpose, civil.Of(m.clock().In(i18n.Toronto())))
			return err
		})
		return allowed
	}
	for _, step := range []struct {
		name string
		do   func()
		want bool
	}{
		{"nobody has asked", func() {}, false},
		{"she said no", func() { m.record(Email, Refused) }, false},
		{"she said yes", func() { m.record(Email, Given) }, true},
		{"she withdrew from the service", func() { m.record(Service, Withdrawn) }, false},
		{"and came back", func() { m.record(Service, Given) }, true},
		{"she took it back", func() { m.record(Email, Withdrawn) }, false},
	} {
		step.do()
		if got := may(Email); got != step.want {
			t.Errorf("%s: got %v, want %v", step.name, got, step.want)
		}
		if may(Text) {
			t.Errorf("%s: text messages are another purpose", step.name)
		}
	}
}
