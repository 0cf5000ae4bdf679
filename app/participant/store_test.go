package participant

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestEveryStatementIsAcceptedByPostgresAndAllowedToItsRole(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

func TestARecordOpensThroughSharedProgramsOnly(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	inYouth := m.participant(anna, m.youth)
	inBoth := m.participant(anna, m.youth, m.quiet)
	finished := m.participant(anna)
	m.enrol(finished, m.youth, access.Finished)
	cancelled := m.participant(anna)
	m.enrol(cancelled, m.youth, access.Cancelled)
	planned := m.participant(anna)
	m.enrol(planned, m.youth, access.Planned)
	nobody := m.participant(anna)
	hiddenOnly := m.participant(anna, m.quiet)

	desk, worker := roles{m.youth: access.FrontDesk}, roles{m.youth: access.DirectService}
	elsewhere := roles{m.housing: access.DirectService}
	executive := roles{m.youth: access.Executive}
	mixed := roles{m.youth: access.Executive, m.housing: access.DirectService} // D4
	deskAndWorker := roles{m.youth: access.FrontDesk, m.quiet: access.DirectService}

	for _, c := range []struct {
		what  string
		roles roles
		id    uuid.UUID
		key   access.Key
		want  string
	}{
		{"a worker, her program", worker, inYouth, access.ParticipantViewName, "opens"},
		{"a worker, her program, notes", worker, inYouth, access.NoteView, "opens"},
		{"front desk, its program", desk, inYouth, access.ParticipantViewName, "opens"},
		{"front desk, its program, notes", desk, inYouth, access.NoteView, "denied"},
		{"a worker of another program", elsewhere, inYouth, access.ParticipantViewName, "hidden"},
		{"a worker of another program, notes", elsewhere, inYouth, access.NoteView, "hidden"},
		{"an executive of the program", executive, inYouth, access.ParticipantViewName, "hidden"},
		{"somebody without a role", roles{}, inYouth, access.ParticipantViewName, "hidden"},
		{"executive there, worker elsewhere", mixed, inYouth, access.ParticipantViewName, "hidden"},
		{"a worker, somebody in a confidential program too", worker, inBoth, access.ParticipantViewName, "opens"},
		{"a worker, somebody in a confidential program only", worker, hiddenOnly, access.ParticipantViewName, "hidden"},
		{"front desk there, worker in the confidential program", deskAndWorker, inBoth, access.NoteView, "opens"},
		{"front desk there, worker in a program she is not in", deskAndWorker, inYouth, access.NoteView, "denied"},
		{"a worker, a finished enrolment", worker, finished, access.NoteView, "opens"},
		{"a worker, a cancelled enrolment", worker, cancelled, access.ParticipantViewName, "hidden"},
		{"a worker, a planned enrolment", worker, planned, access.ParticipantViewName, "opens"},
		{"a worker, somebody in no program", worker, nobody, access.ParticipantViewName, "hidden"},
		{"a worker, nobody at all", worker, uuid.New(), access.ParticipantViewName, "not_found"},
	} {
		_, err := m.reach(access.Actor{Staff: uuid.New(), Roles: c.roles}, c.id, c.key)
		if got := outcome(err); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}

	admin := access.Actor{Staff: uuid.New(), Admin: true}
	if _, err := m.reach(admin, inYouth, access.ParticipantViewName); outcome(err) != "hidden" {
		t.Errorf("an administrator: %s, want hidden", outcome(err))
	}
}

func TestAnotherAgencyDoesNotKnowTheRecord(t *testing.T) {
	t.Parallel()
	here, there := newWorld(t), newWorld(t)
	id := here.participant(anna, here.youth)
	actor := access.Actor{Roles: roles{there.youth: access.DirectService, here.youth: access.DirectService}}
	if _, err := there.reach(actor, id, access.ParticipantViewName); outcome(err) != "not_found" {
		t.Errorf("in the other agency: %s, want not_found", outcome(err))
	}
}

func TestEnrolmentsOfOtherProgramsAreNotLoaded(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(anna, m.youth, m.housing, m.quiet)
	for _, c := range []struct {
		what  string
		roles roles
		want  []uuid.UUID
	}{
		{"a worker", roles{m.youth: access.DirectService}, []uuid.UUID{m.youth}},
		{"a worker who is an executive elsewhere", roles{m.youth: access.DirectService, m.housing: access.Executive}, []uuid.UUID{m.youth}},
		{"front desk of two", roles{m.youth: access.FrontDesk, m.housing: access.FrontDesk}, []uuid.UUID{m.youth, m.housing}},
		{"the confidential program's own", roles{m.quiet: access.ProgramManager}, []uuid.UUID{m.quiet}},
	} {
		found, err := m.reach(access.Actor{Roles: c.roles}, id, access.ParticipantViewName)
		if err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		got := map[uuid.UUID]bool{}
		for _, e := range found.Enrolments {
			got[e.Program] = true
		}
		for _, program := range c.want {
			if !got[program] || len(got) != len(c.want) {
				t.Errorf("%s knows of %v, want %v", c.what, got, c.want)
			}
		}
	}
}

func TestEveryWordAboutAPersonIsSealed(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	secret := "Zyxwvut"
	id := m.participant(Details{
		FirstName: secret, PreferredName: secret, MiddleName: secret, LastName: secret, Pronouns: secret, BirthDate: "1987-04-23",
		Phone: "6135550199", Email: secret + "@example.org", Address: secret + " Street", RecordID: secret,
	}, m.youth)
	m.enrol(id, m.housing, access.Finished)

	var dump string
	err := m.superuser().QueryRow(t.Context(), `SELECT string_agg(t, '') FROM (
		SELECT p::text || encode(first_name_sealed, 'escape') || encode(birth_date_sealed, 'escape') AS t FROM `+m.table("participants")+` p
		UNION ALL SELECT e::text FROM `+m.table("enrolments")+` e
		UNION ALL SELECT c::text || coalesce(encode(reason_sealed, 'escape'), '') FROM `+m.table("enrolment_changes")+` c
		UNION ALL SELECT r::text FROM `+m.table("recents")+` r) all_rows`).Scan(&dump)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{secret, "1987-04-23", "6135550199", "moved away"} {
		if strings.Contains(dump, word) {
			t.Errorf("%q can be read in the database", word)
		}
	}

	// Moved to another column or row, nothing opens.
	other := m.participant(anna, m.youth)
	for what, statement := range map[string]string{
		"another column": `UPDATE ` + m.table("participants") + ` SET pronouns_sealed = first_name_sealed WHERE id = $1`,
		"another row": `UPDATE ` + m.table("participants") + ` SET last_name_sealed =
			(SELECT last_name_sealed FROM ` + m.table("participants") + ` WHERE id <> $1 LIMIT 1) WHERE id = $1`,
	} {
		conn := m.superuser()
		tx, err := conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), statement, other); err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := m.reach(access.Actor{Roles: roles{m.youth: access.DirectService}}, other, access.ParticipantViewName); err == nil {
			t.Errorf("a value moved to %s opens", what)
		}
		other = m.participant(anna, m.youth)
	}
}

// table is the agency's own table, for the superuser.
func (m *world) table(name string) string { return `"` + m.agency.Role() + `".` + name }

func TestNothingDeletesARecordOrForgetsAChange(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(anna, m.youth)
	e := m.enrol(id, m.housing, access.Enrolled)
	for what, statement := range map[string]string{
		"deletes a participant":         `DELETE FROM agency.participants WHERE id = $1`,
		"deletes an enrolment":          `DELETE FROM agency.enrolments WHERE id = $1`,
		"deletes a line of history":     `DELETE FROM agency.enrolment_changes WHERE enrolment_id = $1`,
		"rewrites a line of history":    `UPDATE agency.enrolment_changes SET status = 'finished' WHERE enrolment_id = $1`,
		"changes a status in silence":   `UPDATE agency.enrolments SET status = 'finished' WHERE id = $1`,
		"changes it back in silence":    `UPDATE agency.enrolments SET status = 'planned' WHERE id = $1`,
		"adds an enrolment in silence":  `INSERT INTO agency.enrolments (id, participant_id, program_id, status) SELECT gen_random_uuid(), participant_id, program_id, 'finished' FROM agency.enrolments WHERE id = $1`,
		"enrols somebody a second time": `INSERT INTO agency.enrolments (id, participant_id, program_id, status) SELECT gen_random_uuid(), participant_id, program_id, 'planned' FROM agency.enrolments WHERE id = $1`,
	} {
		subject := e.ID
		if strings.Contains(statement, "participants") {
			subject = id
		}
		err := m.agency.Update(t.Context(), func(tx *tenancy.Tx) error {
			touched, err := tx.Exec(t.Context(), statement, subject)
			if err == nil && touched == 0 {
				t.Errorf("%s: touches nothing, so it proves nothing", what)
			}
			return err
		})
		if err == nil {
			t.Errorf("the database lets the agency's role do what %s", what)
		}
	}
}

func TestOnlyOneOpenEnrolmentStandsWhenTwoPeopleEnrolAtOnce(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(anna, m.youth)
	results := make(chan bool, 8)
	for range cap(results) {
		go func() {
			added := false
			err := m.agency.Update(context.Background(), func(tx *tenancy.Tx) (err error) {
				added, err = Enrol(context.Background(), tx, Enrolment{ID: tenancy.NewID(), Participant: id, Program: m.housing, Status: access.Planned}, uuid.Nil)
				return err
			})
			if err != nil {
				t.Error(err)
			}
			results <- added
		}()
	}
	count := 0
	for range cap(results) {
		if <-results {
			count++
		}
	}
	if count != 1 {
		t.Errorf("%d enrolments were added, want 1", count)
	}
}

func TestTheSecondOfTwoChangesIsAConflict(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(anna, m.youth)
	e := m.enrol(id, m.housing, access.Enrolled)
	m.update(func(tx *tenancy.Tx) error {
		return apply(t.Context(), tx, e, Change{To: access.OnHold, Reason: "away"}, uuid.Nil)
	})
	err := m.agency.Update(t.Context(), func(tx *tenancy.Tx) error {
		return apply(t.Context(), tx, e, Change{To: access.Finished, On: dayOfTest, Reason: "done"}, uuid.Nil)
	})
	if outcome(err) != "conflict" {
		t.Errorf("a change made from an old version: %s, want conflict", outcome(err))
	}
	found, err := m.reach(access.Actor{Roles: roles{m.housing: access.DirectService}}, id, access.ParticipantViewName)
	if err != nil {
		t.Fatal(err)
	}
	var lines []recorded
	m.update(func(tx *tenancy.Tx) error {
		lines, err = history(t.Context(), tx, access.Actor{Roles: roles{m.housing: access.DirectService}}, found.Enrolments)
		return err
	})
	if len(lines) != 2 || lines[0].Status != access.OnHold || lines[0].Reason != "away" {
		t.Errorf("history %+v, want enrolled, then on hold because of away", lines)
	}
}

// One person's enrolments in several programs are changed at once: nobody waits for
// somebody who waits for her.
func TestChangesOfOnePersonsEnrolmentsAtOnceAllEnd(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	manager := access.Actor{Roles: roles{m.youth: access.ProgramManager}}
	for range 15 {
		id := m.participant(anna, m.youth)
		youth := m.enrolmentIn(id, m.youth)
		enrol := func(in uuid.UUID) func(*tenancy.Tx) error {
			return func(tx *tenancy.Tx) error {
				_, err := Enrol(t.Context(), tx, Enrolment{ID: tenancy.NewID(), Participant: id, Program: in, Status: access.Planned}, uuid.Nil)
				return err
			}
		}
		var all sync.WaitGroup
		for _, change := range []func(*tenancy.Tx) error{enrol(m.housing), enrol(m.quiet), func(tx *tenancy.Tx) error {
			locked, err := Locked(t.Context(), tx, manager, []uuid.UUID{youth.ID})
			if err == nil {
				_, err = Apply(t.Context(), tx, locked, Change{To: access.OnHold, Reason: "away"}, uuid.Nil)
			}
			return err
		}, func(tx *tenancy.Tx) error {
			_, err := Apply(t.Context(), tx, []Enrolment{youth}, Change{To: access.OnHold, Reason: "away"}, uuid.Nil)
			return err
		}} {
			all.Go(func() {
				if err := m.agency.Update(t.Context(), change); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
}
