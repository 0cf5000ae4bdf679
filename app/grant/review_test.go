package grant

import (
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/participant"
	"konote/app/settings"
	"konote/app/web"
	"konote/tenancy"
)

// open takes an emergency.
func (m *world) emergency(by, about uuid.UUID) (uuid.UUID, error) {
	m.t.Helper()
	form := url.Values{"id": {tenancy.NewID().String()}, "why": {"She called and may be in danger."}}
	response, page, err := m.ask(by, m.h.OpenEmergency, form, "participant", about.String())
	if err == nil && response.Status != 303 {
		m.t.Fatalf("status %d: %s", response.Status, page)
	}
	return uuid.MustParse(form.Get("id")), err
}

func TestAnEmergencyOpensWhatIsClosedForFourHours(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.set(settings.AccessTier, 1)
	worker := m.person("Ana Roy", roles{m.youth: access.DirectService})
	if _, err := m.emergency(worker, m.lea); outcome(err) != "denied" {
		t.Errorf("where nothing is closed: %v, want denied", err)
	}
	m.close(m.lea, worker, access.NotesKind)
	if m.mayRead(worker, m.lea, m.youth) {
		t.Fatal("closed notes are open")
	}
	response, _, err := m.ask(worker, m.h.OpenEmergency, url.Values{"why": {"short"}}, "participant", m.lea.String())
	if err != nil || response.Status != 422 {
		t.Errorf("without a reason: %d, %v; want 422", response.Status, err)
	}
	if _, err := m.emergency(worker, m.lea); err != nil {
		t.Fatal(err)
	}
	if !m.mayRead(worker, m.lea, m.youth) || len(m.visitor(worker).Actor.Withheld(access.NoteView)) > 0 {
		t.Error("the emergency does not open the notes")
	}
	m.close(m.max, worker, access.NotesKind)
	if m.mayRead(worker, m.max, m.youth) {
		t.Error("it opens another participant's notes")
	}
	m.at(noon.Add(emergency))
	if m.mayRead(worker, m.lea, m.youth) {
		t.Error("it counts after four hours")
	}
}

func TestAnEmergencyNeverOpensAClosedFileOrMoreThanTheRole(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker, boss := m.person("Ana Roy", roles{m.youth: access.DirectService}), m.person("Max Roy", roles{m.youth: access.ProgramManager})
	m.close(m.lea, worker, access.WholeFile)
	if _, err := m.emergency(worker, m.lea); outcome(err) != "hidden" {
		t.Errorf("a closed file: %v, want hidden", err)
	}
	desk := m.person("Joan Roy", roles{m.youth: access.FrontDesk})
	m.close(m.max, desk, access.ContactKind)
	if _, err := m.emergency(desk, m.max); err == nil && m.mayRead(desk, m.max, m.youth) {
		t.Error("an emergency opens notes to the front desk")
	}
	// At tier 3 it opens what is guarded.
	if _, err := m.emergency(boss, m.lea); err != nil || !m.mayRead(boss, m.lea, m.youth) || m.mayRead(boss, m.max, m.youth) {
		t.Errorf("what is guarded: %v; open %v, others open %v", err, m.mayRead(boss, m.lea, m.youth), m.mayRead(boss, m.max, m.youth))
	}
	// The file is closed while it lasts.
	m.close(m.lea, boss, access.WholeFile)
	if _, _, err := m.ask(boss, m.h.AskEmergency, nil, "participant", m.lea.String()); outcome(err) != "hidden" || m.mayRead(boss, m.lea, m.youth) {
		t.Errorf("a file that was closed meanwhile: %v, want hidden", err)
	}
}

func TestThoseWhoAnswerForItAreToldAndNobodyElse(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.person("Ana Roy", roles{m.youth: access.DirectService})
	told := []uuid.UUID{m.person("Adm One", nil, true), m.person("Boss Youth", roles{m.youth: access.ProgramManager})}
	m.person("Boss Quiet", roles{m.quiet: access.ProgramManager}) // Léa is there too; Ana is not
	m.person("Boss Housing", roles{m.housing: access.ProgramManager})
	m.person("Exe", roles{m.youth: access.Executive})
	m.close(m.lea, worker, access.NotesKind)
	id, err := m.emergency(worker, m.lea)
	if err != nil {
		t.Fatal(err)
	}
	var queued []uuid.UUID
	m.update(func(tx *tenancy.Tx) error {
		g, err := load(t.Context(), tx, sqlByID, id)
		if err == nil {
			queued, err = responsible(t.Context(), tx, g)
		}
		return err
	})
	slices.SortFunc(told, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	if !slices.Equal(queued, told) {
		t.Fatalf("%d are told, want the administrator and the manager of Youth", len(queued))
	}
	for _, person := range queued {
		if err := m.workers.tell(t.Context(), m.agency, tellArgs{Grant: id, Staff: person}); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.workers.tell(t.Context(), m.agency, tellArgs{Grant: id, Staff: worker}); err != nil {
		t.Fatal(err)
	}
	messages := m.sink.Messages()
	if len(messages) != 2 {
		t.Fatalf("%d messages, want 2", len(messages))
	}
	for _, message := range messages {
		for _, word := range []string{"Léa", "Tremblay", "Ana", "Youth", "danger", m.lea.String()} {
			if strings.Contains(message.Text+message.Subject(), word) {
				t.Errorf("a message says %q: %s", word, message.Text)
			}
		}
	}
}

func TestWhoLooksBackAtWhat(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Boss Youth", roles{m.youth: access.ProgramManager})
	other := m.person("Other Youth", roles{m.youth: access.ProgramManager})
	housing, quiet := m.person("Boss Housing", roles{m.housing: access.ProgramManager}), m.person("Boss Quiet", roles{m.quiet: access.ProgramManager})
	admin, worker := m.person("Adm", nil, true), m.person("Wor", roles{m.youth: access.DirectService})
	advocate := m.person("Advocate", roles{m.quiet: access.DirectService})
	m.close(m.lea, advocate, access.NotesKind)
	ordinary, err := m.take(boss, m.max, m.youth.String(), 7)
	if err != nil {
		t.Fatal(err)
	}
	hers, err := m.take(boss, m.lea, participantScope, 7)
	if err != nil {
		t.Fatal(err)
	}
	hidden, err := m.emergency(advocate, m.lea) // through the confidential program
	if err != nil {
		t.Fatal(err)
	}
	away := m.person("Away", roles{m.youth: access.ProgramManager})
	m.close(m.lea, away, access.WholeFile)
	for _, test := range []struct {
		name string
		by   uuid.UUID
		want [3]string // ordinary, hers, hidden
	}{
		{"her colleague", other, [3]string{"opens", "opens", "hidden"}},
		{"the manager of another program that Max is in", housing, [3]string{"hidden", "hidden", "hidden"}},
		{"the manager of the confidential program", quiet, [3]string{"hidden", "hidden", "opens"}},
		{"an administrator", admin, [3]string{"opens", "opens", "opens"}},
		{"a worker", worker, [3]string{"denied", "denied", "denied"}},
		{"a manager to whom the file is closed", away, [3]string{"opens", "hidden", "hidden"}},
	} {
		_, page, _ := m.ask(test.by, m.h.List, nil)
		for i, id := range []uuid.UUID{ordinary, hers, hidden} {
			if _, _, err := m.ask(test.by, m.h.Show, nil, "grant", id.String()); outcome(err) != test.want[i] {
				t.Errorf("%s, grant %d: %v, want %s", test.name, i, err, test.want[i])
			}
			if _, _, err := m.ask(test.by, m.h.Revoke, url.Values{}, "grant", missing.String()); err == nil {
				t.Errorf("%s ends what is not there", test.name)
			}
			if listed := strings.Contains(page, id.String()); listed != (test.want[i] == "opens") {
				t.Errorf("%s: grant %d is listed: %v", test.name, i, listed)
			}
		}
	}
	if _, page, err := m.ask(admin, m.h.List, nil); err != nil || strings.Contains(page, "Léa") || !strings.Contains(page, "Record "+audit.Reference(m.lea)) {
		t.Errorf("%v: an administrator reads names, or no number: %s", err, page)
	}
	if _, page, _ := m.ask(admin, m.h.List, nil); strings.Index(page, hidden.String()) > strings.Index(page, hers.String()) {
		t.Error("emergencies do not come first")
	}
}

var missing = tenancy.NewID()

func TestNobodyReviewsHerOwnAndAFindingIsFinal(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Boss Youth", roles{m.youth: access.ProgramManager})
	other, admin := m.person("Other Youth", roles{m.youth: access.ProgramManager}), m.person("Adm", nil, true)
	id, err := m.emergency(boss, m.lea)
	if err != nil {
		t.Fatal(err)
	}
	proper := url.Values{"finding": {"proper"}}
	if _, _, err := m.ask(boss, m.h.Review, proper, "grant", id.String()); outcome(err) != "denied" {
		t.Errorf("her own: %v, want denied", err)
	}
	m.update(func(tx *tenancy.Tx) error {
		if saved, err := saveReview(t.Context(), tx, id, boss, review{Finding: Proper}); err != nil || saved {
			t.Errorf("her own is saved: %v, %v", saved, err)
		}
		return nil
	})
	if err := m.try(`UPDATE agency.access_grants SET reviewed_at = now(), reviewed_by = $2, finding = 'proper' WHERE id = $1`, id, boss); err == nil {
		t.Error("the database takes a review of one's own")
	}
	for _, form := range []url.Values{{}, {"finding": {"fine"}}, {"finding": {"improper"}}, {"finding": {"proper"}, "remark": {strings.Repeat("x", maxRemark+1)}}} {
		if response, _, err := m.ask(other, m.h.Review, form, "grant", id.String()); err != nil || response.Status != 422 {
			t.Errorf("%v: %d, %v; want 422", form, response.Status, err)
		}
	}
	var wg sync.WaitGroup
	statuses := make([]int, 2)
	for i, by := range []uuid.UUID{other, admin} {
		v := m.visitor(by)
		wg.Go(func() {
			r := m.request(v, url.Values{"finding": {"improper"}, "remark": {"Nobody was in danger."}}, "grant", id.String())
			response, err := m.h.Review(r)
			if err != nil {
				t.Error(err)
			}
			statuses[i] = response.Status
		})
	}
	wg.Wait()
	if slices.Sort(statuses); !slices.Equal(statuses, []int{303, 409}) {
		t.Errorf("two review at once: %v, want one of them late", statuses)
	}
	if err := m.try(`UPDATE agency.access_grants SET finding = 'proper' WHERE id = $1`, id); err == nil {
		t.Error("the database lets a finding be changed")
	}
	if _, page, err := m.ask(other, m.h.Show, nil, "grant", id.String()); err != nil || !strings.Contains(page, "Nobody was in danger.") || strings.Contains(page, "<textarea") {
		t.Errorf("%v: the finding is not shown, or may be changed: %s", err, page)
	}
}

func (m *world) request(v web.Visitor, form url.Values, params ...string) *web.Request {
	r := web.NewRequest(m.t.Context(), "POST", "/", form)
	r.Agency, r.Visitor = m.agency, v
	for i := 0; i < len(params); i += 2 {
		r.Params[params[i]] = params[i+1]
	}
	return r
}

func TestAReviewerEndsAccessAtOnce(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss, admin := m.person("Boss Youth", roles{m.youth: access.ProgramManager}), m.person("Adm", nil, true)
	id, err := m.take(boss, m.lea, participantScope, 30)
	if err != nil {
		t.Fatal(err)
	}
	m.at(noon.Add(time.Hour))
	if _, _, err := m.ask(admin, m.h.Revoke, url.Values{}, "grant", id.String()); err != nil {
		t.Fatal(err)
	}
	if m.mayRead(boss, m.lea, m.youth) {
		t.Error("it counts at the next request")
	}
	_, page, err := m.ask(boss, m.h.Ask, nil, "participant", m.lea.String())
	if err != nil || !strings.Contains(page, "you have no access any more") {
		t.Errorf("%v: coming back she is not told that it ended: %s", err, page)
	}
}

func TestEmergenciesWaitOnTheReviewersHomePages(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss, other, admin := m.person("Boss", roles{m.youth: access.ProgramManager}), m.person("Other", roles{m.youth: access.ProgramManager}), m.person("Adm", nil, true)
	worker := m.person("Wor", roles{m.youth: access.DirectService})
	id, err := m.emergency(boss, m.lea)
	if err != nil {
		t.Fatal(err)
	}
	waiting := func(by uuid.UUID) (n int) {
		v := m.visitor(by)
		m.update(func(tx *tenancy.Tx) error {
			b := tx.Batch()
			w := QueueWaiting(b, v.Actor, 20)
			if err := b.Send(t.Context()); err != nil {
				return err
			}
			found, err := w.Open(tx.Box())
			n = len(found)
			return err
		})
		return n
	}
	for name, test := range map[string]struct {
		by   uuid.UUID
		want int
	}{"an administrator": {admin, 1}, "another manager": {other, 1}, "herself": {boss, 0}, "a worker": {worker, 0}} {
		if got := waiting(test.by); got != test.want {
			t.Errorf("%s: %d wait, want %d", name, got, test.want)
		}
	}
	if _, _, err := m.ask(other, m.h.Review, url.Values{"finding": {"proper"}}, "grant", id.String()); err != nil {
		t.Fatal(err)
	}
	if waiting(admin) != 0 {
		t.Error("it waits after it was reviewed")
	}
}

func TestTheBannerSaysHowTheRecordStands(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Boss", roles{m.youth: access.ProgramManager})
	banner := func() string {
		v := m.visitor(boss)
		_, page, err := m.ask(boss, func(r *web.Request) (web.Response, error) {
			r.Visitor = v
			var response web.Response
			err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
				b := tx.Batch()
				pending, draw := participant.Queue(b, v.Actor, m.lea), Banner(b, r, m.lea)
				if err := b.Send(r.Context()); err != nil {
					return err
				}
				about, err := pending.Reach(tx.Box(), access.ParticipantViewName)
				if err != nil {
					return err
				}
				response.Body, err = draw(r.Context(), tx, about)
				return err
			})
			return response, err
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return page
	}
	if got := banner(); !strings.Contains(got, "/access") || !strings.Contains(got, "are guarded") {
		t.Errorf("guarded: %s", got)
	}
	if _, err := m.take(boss, m.lea, participantScope, 7); err != nil {
		t.Fatal(err)
	}
	if got := banner(); !strings.Contains(got, "you have access") {
		t.Errorf("with a grant: %s", got)
	}
	m.close(m.lea, boss, access.PlanKind)
	if _, err := m.emergency(boss, m.lea); err != nil {
		t.Fatal(err)
	}
	if got := banner(); !strings.Contains(got, "in an emergency") || strings.Contains(got, "You have access") {
		t.Errorf("in an emergency: %s", got)
	}
	m.at(noon.Add(emergency))
	if got := banner(); strings.Contains(got, "in an emergency") {
		t.Errorf("after it: %s", got)
	}
	m.set(settings.AccessTier, 2)
	m.at(noon.AddDate(0, 0, 8))
	if got := banner(); got != "" {
		t.Errorf("at tier 2: %s", got)
	}
}

func TestAnotherAgencysGrantIsNotThere(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Boss", roles{m.youth: access.ProgramManager})
	id, err := m.take(boss, m.lea, participantScope, 7)
	if err != nil {
		t.Fatal(err)
	}
	reason := m.reasonID()
	m.agency = m.World.Agency(t, func(n *tenancy.NewAgency) { n.Demo = true })
	m.fill(m.agency)
	m.set(settings.AccessTier, 3)
	max := m.participant("Max", m.youth)
	admin, manager := m.person("Adm", nil, true), m.person("Man", roles{m.youth: access.ProgramManager})
	if _, _, err := m.ask(admin, m.h.Show, nil, "grant", id.String()); outcome(err) != "not_found" {
		t.Errorf("another agency's administrator: %v, want not found", err)
	}
	form := m.form(participantScope, 7)
	form.Set("reason", reason.String())
	if response, _, err := m.ask(manager, m.h.Create, form, "participant", max.String()); err != nil || response.Status != 422 {
		t.Errorf("another agency's reason: %d, %v; want 422", response.Status, err)
	}
}

func TestReasonsAreKeptInBothLanguagesAndOneStays(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin := m.person("Adm", nil, true)
	for _, s := range seeds {
		if s.check().Any() {
			t.Errorf("the first reason %q is not complete", s.EN)
		}
	}
	if response, _, err := m.ask(admin, m.h.AddReason, url.Values{"text_en": {"Audit"}, "text_fr": {""}}); err != nil || response.Status != 422 {
		t.Errorf("in one language: %d, %v; want 422", response.Status, err)
	}
	form := url.Values{"id": {tenancy.NewID().String()}, "text_en": {"Peer visit"}, "text_fr": {"Visite entre pairs"}}
	for range 2 {
		if _, _, err := m.ask(admin, m.h.AddReason, form); err != nil {
			t.Fatal(err)
		}
	}
	_, page, err := m.ask(admin, m.h.Reasons, nil)
	if err != nil || strings.Count(page, "Peer visit") != 1 || !strings.Contains(page, "Visite entre pairs") || !strings.Contains(page, "Legal request") {
		t.Errorf("%v: %s", err, page)
	}
	if err := m.try(`UPDATE agency.grant_reasons SET status = 'archived' WHERE id <> $1`, form.Get("id")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := m.ask(admin, m.h.TurnReason(true), url.Values{}, "reason", form.Get("id")); err != nil {
		t.Fatal(err)
	}
	m.update(func(tx *tenancy.Tx) error {
		reasons, err := Reasons(t.Context(), tx)
		if n := len(inUse(reasons)); n != 1 {
			t.Errorf("%d reasons are in use, want the last one", n)
		}
		return err
	})
	// An agency that never had any gets the first ones when they are needed.
	m.agency = m.World.Agency(t)
	m.update(func(tx *tenancy.Tx) error {
		reasons, err := Reasons(t.Context(), tx)
		if len(reasons) != len(seeds) {
			t.Errorf("%d reasons, want %d", len(reasons), len(seeds))
		}
		return err
	})
}
