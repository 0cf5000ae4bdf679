package audit

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/tenancy"
)

// Entries of two agencies: forty people, eight programs, a hundred participants.
const sqlInvent = `INSERT INTO audit.entries (agency_id, seq, event_id, prev_hash, hash, body, at, action, actor_id, program_id, participant_ids, outcome)
	SELECT $1, n, gen_random_uuid(), decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), '{}',
	    now() - (40000 - n) * interval '1 minute', (ARRAY['participant.view', 'note.view', 'note.create', 'access.refused'])[1 + n % 4],
	    ('00000000-0000-7000-8000-' || lpad(to_hex(n % 41), 12, '0'))::uuid,
	    CASE WHEN n % 10 < 8 THEN ('00000000-0000-7000-9000-' || lpad(to_hex(n % 8), 12, '0'))::uuid END,
	    ARRAY[('00000000-0000-7000-a000-' || lpad(to_hex(n % 101), 12, '0'))::uuid],
	    CASE n % 4 WHEN 3 THEN 'refused' ELSE 'done' END
	FROM generate_series(1, 40000) AS n`

// A page of the viewer reads its own index in the order of the page: nothing is sorted that
// is longer than a page, and no table is read from end to end.
func TestPagesOfTheViewerReadIndexesInTheirOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	agency, other := tenancy.NewID(), tenancy.NewID()
	for _, id := range []uuid.UUID{agency, other} {
		superuser(t, b.AuditSuperuserURL(), sqlInvent, id)
	}
	superuser(t, b.AuditSuperuserURL(), "ANALYZE audit.entries")
	id := uuid.MustParse
	person, program := id("00000000-0000-7000-8000-000000000003"), id("00000000-0000-7000-9000-000000000002")
	within := Scope{Programs: []uuid.UUID{program, id("00000000-0000-7000-9000-000000000005")}, Team: []uuid.UUID{person}}
	whole := Scope{Everything: true}
	middle := Place{At: time.Now().Add(-200 * time.Hour), Seq: 20000}
	for name, test := range map[string]struct {
		q    Question
		want []string
	}{
		"everything":         {Question{Within: whole}, []string{"entries_at"}},
		"from the middle":    {Question{Within: whole, After: middle}, []string{"entries_at"}},
		"a person":           {Question{Within: whole, Staff: person, After: middle}, []string{"entries_actor"}},
		"an act":             {Question{Within: whole, Action: "nothing.there"}, []string{"entries_action"}},
		"a program":          {Question{Within: whole, Program: program}, []string{"entries_program"}},
		"an outcome":         {Question{Within: whole, Outcome: Failed}, []string{"entries_outcome"}},
		"a participant":      {Question{Within: whole, Participant: id("00000000-0000-7000-a000-000000000007")}, []string{"entries_participants"}},
		"a manager's":        {Question{Within: within, After: middle}, []string{"entries_program", "entries_nowhere"}},
		"a manager's person": {Question{Within: within, Staff: person}, nil},
		"a manager's file":   {Question{Within: within, Participant: id("00000000-0000-7000-a000-000000000007")}, []string{"entries_participants"}},
	} {
		test.q.Agency = agency
		sql, args := test.q.statement(51)
		rows, err := b.ledger.reader.Query(t.Context(), "EXPLAIN (ANALYZE, TIMING OFF) "+sql, args...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		plan := strings.Join(lines, "\n")
		for _, index := range test.want {
			if !strings.Contains(plan, index) {
				t.Errorf("%s does not read %s:\n%s", name, index, plan)
			}
		}
		if strings.Contains(plan, "Seq Scan") || (test.q.Within.Everything && test.q.Participant == uuid.Nil && strings.Contains(plan, "Sort")) {
			t.Errorf("%s reads or sorts too much:\n%s", name, plan)
		}
	}
}
