package participant

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/keyring"
	"konote/tenancy"
)

// safe is how somebody wants to be reached.
func safe() Details {
	d := full
	d.ContactBy, d.ContactTimes, d.ContactAdvice = "text", "weekdays before 15:00", "no voicemail"
	return d
}

func TestHowToReachSomebodyStandsOnEveryPageOfHerRecord(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(safe(), m.youth)
	for role, want := range map[access.Role]bool{access.FrontDesk: true, access.DirectService: true, access.ProgramManager: true} {
		actor := m.person(roles{m.youth: role})
		for _, handler := range []func() (string, error){
			func() (string, error) { return m.see(actor, m.handlers.Show, id) },
			func() (string, error) { return m.see(actor, m.handlers.About, id) },
		} {
			page, err := handler()
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(page, "(613) 555-0142 · gen@example.org · Prefers a text · Safe: weekdays before 15:00 · no voicemail"); got != want {
				t.Errorf("%s sees how to reach her: %v, want %v", role, got, want)
			}
		}
	}
}

func TestHowToReachSomebodyIsChangedAsHerPhoneIs(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(safe(), m.youth)
	form := func(version string) url.Values {
		return url.Values{"version": {version}, "contact_by": {"phone"}, "contact_times": {"evenings"}, "contact_advice": {"ask for Gen"}}
	}
	save := func(role access.Role, form url.Values) int {
		status, _ := m.send(m.person(roles{m.youth: role}), m.handlers.Update, form, "participant", id.String())
		return status
	}
	if status := save(access.ProgramManager, form("1")); status != 303 {
		t.Errorf("a manager: status %d", status)
	}
	worker := access.Actor{Roles: roles{m.youth: access.DirectService}}
	if p, err := m.reach(worker, id, access.ParticipantViewName); err != nil || p.ContactBy != "text" || p.ContactAdvice != "no voicemail" {
		t.Errorf("a manager changed it to %q, %q (%v)", p.ContactBy, p.ContactAdvice, err)
	}
	broken := form("1")
	broken.Set("contact_by", "pigeon")
	if status := save(access.FrontDesk, broken); status != 422 {
		t.Errorf("a way that is none: status %d, want 422", status)
	}
	if status := save(access.FrontDesk, form("1")); status != 303 {
		t.Errorf("front desk: status %d, want 303", status)
	}
	p, err := m.reach(worker, id, access.ParticipantViewName)
	if err != nil || p.ContactBy != "phone" || p.ContactTimes != "evenings" || p.ContactAdvice != "ask for Gen" {
		t.Errorf("stored %q, %q, %q (%v)", p.ContactBy, p.ContactTimes, p.ContactAdvice, err)
	}
	acts := m.acts("participant.update")
	if last := acts[len(acts)-1]; !strings.Contains(last.Opened, "no voicemail") || !strings.Contains(last.Opened, "ask for Gen") || strings.Contains(last.Body, "voicemail") {
		t.Errorf("the audit log keeps %s", last.Opened)
	}

	// Two change it at once: the page shows both versions, in words.
	late := form("1")
	late.Set("contact_by", "email")
	late.Set("base_contact_by", "text")
	status, page := m.send(m.person(roles{m.youth: access.DirectService}), m.handlers.Update, late, "participant", id.String())
	if status != 409 || !strings.Contains(page, "Yours: E-mail") || !strings.Contains(page, "Saved meanwhile: Phone call") {
		t.Errorf("a late change: status %d, want 409 with both versions", status)
	}
	m.update(func(tx *tenancy.Tx) error {
		var times, advice keyring.Sealed
		if err := tx.QueryRow(t.Context(), `SELECT contact_times_sealed, contact_advice_sealed FROM agency.participants WHERE id = $1`, id).Scan(&times, &advice); err != nil {
			return err
		}
		if len(times) == 0 || strings.Contains(string(times)+string(advice), "evenings") || strings.Contains(string(times)+string(advice), "Gen") {
			t.Error("how to reach her lies open")
		}
		return nil
	})
}

func TestAPauseShowsItsOwnDay(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(full, m.youth)
	worker := m.person(roles{m.youth: access.DirectService})
	e := m.enrolmentIn(id, m.youth)
	if status, _ := m.send(worker, m.handlers.ChangeEnrolment, url.Values{"version": {"1"}, "to": {"on_hold"}, "reason": {"in hospital"}},
		"participant", id.String(), "enrolment", e.ID.String()); status != 303 {
		t.Fatalf("holding: status %d", status)
	}
	page, err := m.see(worker, m.handlers.Show, id)
	if err != nil || !strings.Contains(page, "on hold since Feb.\u00a010, 2026") {
		t.Errorf("the day of the pause is not on the page (%v)", err)
	}
}

func TestWhoWorksWithSomebodyIsSaid(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(full, m.youth)
	worker, boss := m.person(roles{m.youth: access.DirectService}), m.person(roles{m.youth: access.ProgramManager})
	desk := m.person(roles{m.youth: access.FrontDesk})
	other := m.person(roles{m.quiet: access.DirectService})
	e := m.enrolmentIn(id, m.youth)
	assign := func(by access.Actor, version, to string) (int, string) {
		return m.send(by, m.handlers.AssignWorker, url.Values{"version": {version}, "worker": {to}}, "participant", id.String(), "enrolment", e.ID.String())
	}
	for what, to := range map[string]uuid.UUID{"front desk": desk.Staff, "staff of another program": other.Staff, "nobody": uuid.New()} {
		if status, page := assign(boss, "1", to.String()); status != 422 || strings.Contains(page, to.String()) {
			t.Errorf("%s: status %d, want 422 and not offered", what, status)
		}
	}
	if status, _ := assign(boss, "1", worker.Staff.String()); status != 303 {
		t.Errorf("status %d, want 303", status)
	}
	if status, _ := assign(boss, "1", boss.Staff.String()); status != 409 {
		t.Errorf("from before: status %d, want 409", status)
	}
	if now := m.enrolmentIn(id, m.youth); now.Worker != worker.Staff || !strings.HasPrefix(now.WorkerName, "Sam Ouellet") {
		t.Errorf("stored %s %q", now.Worker, now.WorkerName)
	}
	for who, actor := range map[string]access.Actor{"front desk": desk, "worker": worker} {
		if page, err := m.see(actor, m.handlers.Show, id); err != nil || !strings.Contains(page, "with Sam Ouellet") {
			t.Errorf("%s does not see who works with her (%v)", who, err)
		}
	}
	if status, _ := assign(boss, "2", ""); status != 303 || m.enrolmentIn(id, m.youth).Worker != uuid.Nil {
		t.Errorf("nobody in particular: status %d", status)
	}
	if acts := m.acts("enrolment.assign"); len(acts) != 2 || acts[0].Program != m.youth || acts[0].Participants[0] != id {
		t.Errorf("recorded %+v", acts)
	}
	_, err := m.handlers.AssignWorker(m.request(desk, "POST", "/", url.Values{}, "participant", id.String(), "enrolment", e.ID.String()))
	if outcome(err) != "denied" {
		t.Errorf("front desk assigns: %s, want denied", outcome(err))
	}
}

func TestHowItEndedIsReadByThoseWhoReadSuchWords(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(full, m.youth)
	m.enrol(id, m.housing, access.Finished)
	for role, want := range map[access.Role]bool{access.FrontDesk: false, access.DirectService: true, access.ProgramManager: true} {
		page, err := m.see(m.person(roles{m.youth: access.FrontDesk, m.housing: role}), m.handlers.Show, id)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(page, "Moved away"); got != want {
			t.Errorf("%s reads how it ended: %v, want %v", role, got, want)
		}
	}
}

// The home page counts them with the same words: see home.sqlPulse.
func TestTheListNarrowsToPeopleWithoutANote(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.person(roles{m.youth: access.DirectService, m.housing: access.FrontDesk})
	named := func(name string) Details { return Details{FirstName: name, LastName: "Roy"} }
	old := m.participant(named("Old"), m.youth)
	recent, cancelled, elsewhere := m.participant(named("Recent"), m.youth), m.participant(named("Cancelled"), m.youth), m.participant(named("Elsewhere"), m.youth, m.housing)
	m.participant(named("Desk"), m.housing)
	m.enrol(m.participant(named("Held")), m.youth, access.OnHold)
	write := func(about, program uuid.UUID, daysAgo int, cancel bool) {
		m.update(func(tx *tenancy.Tx) error {
			var at *time.Time
			var by *uuid.UUID
			var why []byte
			if cancel {
				at, by, why = &noon, &worker.Staff, []byte("x")
			}
			_, err := tx.Exec(t.Context(), `INSERT INTO agency.notes (id, participant_id, program_id, author_id, author_role, interaction, happened_on, cancelled_at, cancelled_by, cancel_reason_sealed)
				VALUES ($1, $2, $3, $4, 'direct_service', 'session', $5, $6, $7, $8)`, tenancy.NewID(), about, program, worker.Staff, dayOfTest.AddDays(-daysAgo), at, by, why)
			return err
		})
	}
	write(old, m.youth, 31, false)
	write(recent, m.youth, 3, false)
	write(cancelled, m.youth, 3, true)
	write(elsewhere, m.housing, 3, false)
	// All began 30 days ago; who began later is not waited for yet.
	for query, want := range map[string]string{
		"quiet=14&status=all":                             "Old Cancelled Elsewhere",
		"quiet=14&program=" + m.youth.String():            "Old Cancelled Elsewhere",
		"quiet=14&program=" + m.housing.String():          "", // her role there reads no notes
		"quiet=30&status=all&program=" + m.youth.String(): "",
		"quiet=1&status=all&program=" + m.youth.String():  "Old Recent Cancelled Elsewhere Held", // no choice that there is
	} {
		response, err := m.handlers.List(m.request(worker, "GET", "/participants?"+query, nil))
		if err != nil {
			t.Fatal(err)
		}
		page := m.text(response)
		var got []string
		for _, name := range []string{"Old", "Recent", "Cancelled", "Elsewhere", "Desk", "Held"} {
			if strings.Contains(page, ">"+name+" Roy<") {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", query, got, want)
		}
	}
	desk := m.person(roles{m.youth: access.FrontDesk})
	response, err := m.handlers.List(m.request(desk, "GET", "/participants?quiet=14", nil))
	if err != nil || !strings.Contains(m.text(response), "Recent Roy") || strings.Contains(m.text(response), `name="quiet"`) {
		t.Errorf("front desk narrows the list by notes (%v)", err)
	}

	// At tier 3 it is as much a matter of a grant as the notes are.
	manager := m.person(roles{m.youth: access.ProgramManager})
	manager.Policy.Tier = access.Safeguarded
	offered := func(by access.Actor) (offered, narrowed bool) {
		t.Helper()
		response, err := m.handlers.List(m.request(by, "GET", "/participants?quiet=14", nil))
		if err != nil {
			t.Fatal(err)
		}
		page := m.text(response)
		return strings.Contains(page, `name="quiet"`), strings.Contains(page, "Old Roy") && !strings.Contains(page, "Recent Roy")
	}
	if offered, narrowed := offered(manager); offered || narrowed {
		t.Errorf("a manager without a grant: offered %v, narrowed %v", offered, narrowed)
	}
	manager.Grants = []access.Grant{{Participant: old}}
	if offered, narrowed := offered(manager); offered || narrowed {
		t.Errorf("with a grant for one participant: offered %v, narrowed %v", offered, narrowed)
	}
	manager.Grants = []access.Grant{{Program: m.youth}}
	if offered, narrowed := offered(manager); !offered || !narrowed {
		t.Errorf("with a grant for the program: offered %v, narrowed %v", offered, narrowed)
	}
}
