package note

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/settings"
	"konote/app/staff"
	"konote/tenancy"
)

// At an agency's tier 3 a manager's search goes on only while her grant for the program is
// in force: one about a participant is none for a search in the whole program.
func TestASearchInTheBackgroundNeedsAGrantAtTier3(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	manager := m.worker(map[uuid.UUID]access.Role{m.youth: access.ProgramManager})
	by := audit.By{Kind: audit.KindSystem}
	grant := tenancy.NewID()
	m.update(func(tx *tenancy.Tx) error {
		if err := staff.Grant(t.Context(), tx, by, manager.Staff, m.youth, access.ProgramManager); err != nil {
			return err
		}
		return settings.Set(t.Context(), tx, by, settings.AccessTier, 3)
	})
	m.update(func(tx *tenancy.Tx) error {
		return Bulk(t.Context(), tx, []Note{{ID: tenancy.NewID(), Participant: m.lea, Program: m.youth, Author: manager.Staff,
			AuthorRole: access.DirectService, Interaction: Session, Text: "A quokka.", HappenedOn: today, CreatedAt: noon}})
	})
	allow := func(program, participant *uuid.UUID) {
		m.update(func(tx *tenancy.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO agency.access_grants
				(id, staff_id, program_id, participant_id, through, is_emergency, justification_sealed, created_at, expires_at, reason_id)
				SELECT $1, $2, $3, $4, $5, false, '\x00', $6, $7, r.id FROM agency.grant_reasons r LIMIT 1`,
				grant, manager.Staff, program, participant, []uuid.UUID{m.youth}, noon, noon.Add(24*time.Hour))
			return err
		})
	}
	m.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO agency.grant_reasons (id, text_en, text_fr) VALUES ($1, 'Other', 'Autre')`, tenancy.NewID())
		return err
	})
	want := func(when string, status string, found int) {
		t.Helper()
		id := tenancy.NewID()
		m.update(func(tx *tenancy.Tx) error {
			_, err := insertSearch(t.Context(), tx, search{ID: id, Staff: manager.Staff, Program: m.youth, Words: "quokka"})
			return err
		})
		if err := runSearch(t.Context(), m.agency, id); err != nil {
			t.Fatal(err)
		}
		m.update(func(tx *tenancy.Tx) error {
			s, err := searchByID(t.Context(), tx, id)
			if s.Status != status || len(s.Found) != found {
				t.Errorf("%s: %s with %d found, want %s with %d", when, s.Status, len(s.Found), status, found)
			}
			return err
		})
	}
	want("without a grant", searchFailed, 0)
	allow(nil, &m.lea)
	want("with a grant about Léa", searchFailed, 0)
	grant = tenancy.NewID()
	allow(&m.youth, nil)
	want("with a grant for the program", searchDone, 1)
	m.later.Store(int64(24 * time.Hour))
	want("after it has ended", searchFailed, 0)
	m.later.Store(0)
	m.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.access_grants SET revoked_at = $2, revoked_by = $3 WHERE id = $1`, grant, noon, manager.Staff)
		return err
	})
	want("after it was revoked", searchFailed, 0)
}
