package find

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/demo/people"
	"konote/keyring"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

// agencyOf gives a test an agency with some programs.
func agencyOf(t testing.TB, programs int, configure ...func(*tenancy.Settings)) (*tenancytest.World, *tenancy.Agency, []uuid.UUID) {
	t.Helper()
	w := tenancytest.New(t, configure...)
	agency := w.Agency(t)
	ids := make([]uuid.UUID, programs)
	update(t, agency, func(tx *tenancy.Tx) error {
		for i := range ids {
			ids[i] = tenancy.NewID()
			_, err := tx.Exec(t.Context(), `INSERT INTO agency.programs (id, name_en, name_fr, service_model, is_confidential)
				VALUES ($1, $2, $2, 'individual', $3)`, ids[i], fmt.Sprintf("Program %d", i), i == 0)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return w, agency, ids
}

func update(t testing.TB, agency *tenancy.Agency, f func(*tenancy.Tx) error) {
	t.Helper()
	if err := agency.Update(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// actor holds one role in some programs.
func actor(role access.Role, programs ...uuid.UUID) access.Actor {
	a := access.Actor{Staff: tenancy.NewID(), Roles: map[uuid.UUID]access.Role{}}
	for _, id := range programs {
		a.Roles[id] = role
	}
	return a
}

func sealedPerson(box *keyring.Box, id uuid.UUID, p people.Person, epoch int64) ([]any, error) {
	s := box.Sealer()
	return []any{
		id, s.Seal(colFirst, id, p.First), s.Seal(colPreferred, id, p.Preferred), s.Seal(colMiddle, id, p.Middle), s.Seal(colLast, id, p.Last),
		s.Seal(colBirth, id, p.BirthDate.String()), s.Seal(colPhone, id, p.Phone), s.Seal(colRecord, id, p.RecordID), true, epoch,
	}, s.Err()
}

// insert adds people with their places in one transaction, as fast as it can be done.
func insert(ctx context.Context, tx *tenancy.Tx, some []someone) error {
	epoch, err := Touch(ctx, tx)
	if err != nil {
		return err
	}
	_, err = tx.Copy(ctx, "participants", []string{"id", "first_name_sealed", "preferred_name_sealed", "middle_name_sealed",
		"last_name_sealed", "birth_date_sealed", "phone_sealed", "record_id_sealed", "is_demo", "search_epoch"},
		pgx.CopyFromSlice(len(some), func(i int) ([]any, error) { return sealedPerson(tx.Box(), some[i].id, some[i].person, epoch) }))
	if err != nil {
		return err
	}
	return enrol(ctx, tx, some)
}

func enrol(ctx context.Context, tx *tenancy.Tx, some []someone) error {
	var enrolments, changes [][]any
	for _, s := range some {
		for _, p := range s.places {
			id, status := tenancy.NewID(), access.Finished
			if p.current {
				status = access.Enrolled
			}
			enrolments = append(enrolments, []any{id, s.id, p.program, status})
			changes = append(changes, []any{tenancy.NewID(), id, status})
		}
	}
	if _, err := tx.Copy(ctx, "enrolments", []string{"id", "participant_id", "program_id", "status"}, pgx.CopyFromRows(enrolments)); err != nil {
		return err
	}
	_, err := tx.Copy(ctx, "enrolment_changes", []string{"id", "enrolment_id", "status"}, pgx.CopyFromRows(changes))
	return err
}

// change makes a known person what s says she is.
func change(ctx context.Context, tx *tenancy.Tx, s someone) error {
	epoch, err := Touch(ctx, tx)
	if err != nil {
		return err
	}
	row, err := sealedPerson(tx.Box(), s.id, s.person, epoch)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE agency.participants SET first_name_sealed = $2, preferred_name_sealed = $3, middle_name_sealed = $4,
		last_name_sealed = $5, birth_date_sealed = $6, phone_sealed = $7, record_id_sealed = $8, is_demo = $9, search_epoch = $10 WHERE id = $1`, row...); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `WITH ended AS (UPDATE agency.enrolments SET status = 'cancelled' WHERE participant_id = $1 AND status <> 'cancelled' RETURNING id)
		INSERT INTO agency.enrolment_changes (id, enrolment_id, status, changed_at) SELECT gen_random_uuid(), id, 'cancelled', clock_timestamp() FROM ended`, s.id); err != nil {
		return err
	}
	return enrol(ctx, tx, []someone{s})
}

// someoneIn invents people in the given programs.
func someoneIn(series *people.Series, programs ...uuid.UUID) someone {
	s := someone{id: tenancy.NewID(), person: series.Next()}
	for _, id := range programs {
		s.places = append(s.places, place{id, true})
	}
	return s
}

// search asks the finder in a transaction of its own.
func search(t testing.TB, f *Finder, agency *tenancy.Agency, a access.Actor, q string, limit int) Result {
	t.Helper()
	var result Result
	err := agency.View(t.Context(), func(tx *tenancy.Tx) (err error) {
		result, err = f.Search(t.Context(), tx, a, q, limit)
		return err
	})
	if err != nil {
		t.Fatalf("search(%q): %v", q, err)
	}
	return result
}

func (r Result) ids() []uuid.UUID {
	var ids []uuid.UUID
	for _, hit := range r.Hits {
		ids = append(ids, hit.ID)
	}
	return ids
}

func (r Result) has(id uuid.UUID) bool { return slices.Contains(r.ids(), id) }

// another is a second process on the same database.
func another(t testing.TB, w *tenancytest.World, agency *tenancy.Agency, configure ...func(*tenancy.Settings)) (*Finder, *tenancy.Agency) {
	t.Helper()
	settings := tenancy.Settings{DatabaseURL: w.URL("konote_app"), Keys: w.Keys}
	for _, f := range configure {
		f(&settings)
	}
	platform, err := tenancy.Open(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(platform.Close)
	f := New(platform, 0)
	same, err := platform.Agency(t.Context(), agency.ID)
	if err != nil {
		t.Fatal(err)
	}
	return f, same
}

// within waits until something is so.
func within(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within ten seconds", what)
		}
		time.Sleep(time.Millisecond)
	}
}
