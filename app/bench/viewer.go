package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/audit"
	"konote/tenancy"
)

// sqlInventEntries makes entries of a year: forty people, twelve programs, two thousand
// participants. The chain of these entries is none; nothing verifies it.
const sqlInventEntries = `INSERT INTO audit.entries
	(agency_id, seq, event_id, prev_hash, hash, body, at, action, actor_id, program_id, participant_ids, outcome)
	SELECT $1::uuid, n, id, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'),
	    convert_to(format('{"v":1,"id":"%s","agency":"%s","at":"%s","action":"%s","outcome":"done","actor_kind":"staff","staff":"%s","program":"%s","participants":["%s"]}',
	        id, $1::uuid, to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), action, staff, program, participant), 'UTF8'),
	    moment, action, staff, program, ARRAY[participant], 'done'
	FROM (SELECT n, gen_random_uuid() AS id, date_trunc('milliseconds', now() - ($2 - n) * interval '30 seconds') AS moment,
	        (ARRAY['participant.view', 'note.view', 'note.create', 'target.view'])[1 + n % 4] AS action,
	        ('00000000-0000-7000-8000-' || lpad(to_hex(n % 41), 12, '0'))::uuid AS staff,
	        ('00000000-0000-7000-9000-' || lpad(to_hex(n % 12), 12, '0'))::uuid AS program,
	        ('00000000-0000-7000-a000-' || lpad(to_hex(n % 1999), 12, '0'))::uuid AS participant
	    FROM generate_series(1, $2::bigint) AS n) AS invented`

// measureViewer times a page of the audit log of an agency with a million entries. What it
// leaves to be written is written before it ends, and not during the next section.
func measureViewer(ctx context.Context, b *bench) ([]row, error) {
	count, agency := pick(b, 1_000_000, 100_000), tenancy.NewID()
	conn, err := b.superuser(ctx, auditDB)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, step := range []struct {
		sql  string
		args []any
	}{{sqlInventEntries, []any{agency, count}}, {"VACUUM ANALYZE audit.entries", nil}, {"CHECKPOINT", nil}} {
		if _, err := conn.Exec(ctx, step.sql, step.args...); err != nil {
			return nil, fmt.Errorf("invent audit entries: %w", err)
		}
	}
	of := func(kind string, n int) uuid.UUID {
		return uuid.MustParse(fmt.Sprintf("00000000-0000-7000-%s-%012x", kind, n))
	}
	var team []uuid.UUID
	for n := range 20 {
		team = append(team, of("8000", n))
	}
	everything := audit.Scope{Everything: true}
	manager := audit.Scope{Programs: []uuid.UUID{of("9000", 1), of("9000", 2), of("9000", 3)}, Team: team}
	var rows []row
	for _, page := range []struct {
		what string
		q    audit.Question
	}{
		{"an administrator's", audit.Question{Within: everything}},
		{"from the middle", audit.Question{Within: everything, After: audit.Place{At: time.Now().Add(-time.Duration(count/2) * 30 * time.Second), Seq: int64(count / 2)}}},
		{"of one person", audit.Question{Within: everything, Staff: of("8000", 7)}},
		{"about one participant", audit.Question{Within: everything, Participant: of("a000", 7)}},
		{"a manager's", audit.Question{Within: manager}},
		{"a manager's, one participant", audit.Question{Within: manager, Participant: of("a000", 7)}},
	} {
		page.q.Agency = agency
		var took []float64
		for range pick(b, 200, 50) {
			began := time.Now()
			if _, err := b.free.Ledger.List(ctx, page.q, 51); err != nil {
				return nil, err
			}
			took = append(took, time.Since(began).Seconds())
		}
		slices.Sort(took)
		rows = append(rows, within(fmt.Sprintf("page of the audit log of %s entries, %s, p95", thousands(int64(count)), page.what), percentile(took, 95), 50*time.Millisecond))
	}
	return rows, nil
}
