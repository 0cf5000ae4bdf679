package audit

// The outbox.
const (
	sqlAddEvent = `
INSERT INTO outbox.audit_events (event_id, agency_id, body) VALUES ($1, $2, $3)`

	// Held until the end of the transaction: one relay at a time works on an outbox.
	sqlLead = `SELECT pg_try_advisory_xact_lock(hashtextextended('konote audit relay', 0))`

	// A batch is bounded in rows ($1) and, but for its last row, in bytes ($2).
	sqlWaiting = `
SELECT position, event_id, agency_id, body, written_by::text
  FROM (SELECT position, event_id, agency_id, body, written_by,
               sum(octet_length(body)) OVER (ORDER BY position) - octet_length(body) AS bytes_before
          FROM outbox.audit_events
         ORDER BY position
         LIMIT $1) AS first
 WHERE bytes_before < $2
 ORDER BY position`

	sqlRefuse = `
INSERT INTO outbox.refused_events (position, event_id, agency_id, body, written_by, written_at, reason)
SELECT e.position, e.event_id, e.agency_id, e.body, e.written_by, e.written_at, r.reason
  FROM unnest($1::bigint[], $2::text[]) AS r (position, reason)
  JOIN outbox.audit_events AS e ON e.position = r.position`

	// The oldest act that is still to be moved: the ledger tells of everything before it.
	sqlOldestWaiting = `SELECT written_at FROM outbox.audit_events ORDER BY position LIMIT 1`

	sqlRemove = `DELETE FROM outbox.audit_events WHERE position = ANY ($1)`

	// The number is read off the two ends, which costs the same however long it is;
	// rows that were rolled back are counted with it.
	sqlBacklog = `
SELECT coalesce(max(position) - min(position) + 1, 0) AS rows,
       coalesce((SELECT extract(epoch FROM now() - written_at)::float8
                   FROM outbox.audit_events ORDER BY position LIMIT 1), 0) AS age,
       (SELECT count(*) FROM outbox.refused_events) AS refused
  FROM outbox.audit_events`
)

// The ledger, as writer.
const (
	sqlHeads = `
SELECT a.id, h.seq, h.hash
  FROM unnest($1::uuid[]) AS a (id)
 CROSS JOIN LATERAL (SELECT seq, hash FROM audit.entries
                      WHERE agency_id = a.id ORDER BY seq DESC LIMIT 1) AS h`

	sqlKnownEvents = `SELECT event_id, agency_id FROM audit.entries WHERE event_id = ANY ($1)`
)

// The ledger, for verification, checkpoints and the viewer.
const (
	// The agencies of entries and checkpoints, found by skipping along the indexes.
	chainsCTE = `
WITH RECURSIVE chains AS (
  SELECT least((SELECT agency_id FROM audit.entries ORDER BY agency_id LIMIT 1),
               (SELECT agency_id FROM audit.checkpoints ORDER BY agency_id LIMIT 1)) AS agency_id
  UNION ALL
  SELECT least((SELECT e.agency_id FROM audit.entries AS e WHERE e.agency_id > c.agency_id ORDER BY e.agency_id LIMIT 1),
               (SELECT k.agency_id FROM audit.checkpoints AS k WHERE k.agency_id > c.agency_id ORDER BY k.agency_id LIMIT 1))
    FROM chains AS c
   WHERE c.agency_id IS NOT NULL
)`

	sqlChains = chainsCTE + `
SELECT agency_id FROM chains WHERE agency_id IS NOT NULL ORDER BY agency_id`

	// How far each chain is, and how far it is signed; head and hash are 0 and empty
	// for a chain of which only checkpoints are left.
	sqlSigned = chainsCTE + `
SELECT c.agency_id, coalesce(h.seq, 0) AS seq, coalesce(h.hash, '') AS hash,
       coalesce((SELECT max(k.seq) FROM audit.checkpoints AS k WHERE k.agency_id = c.agency_id), 0) AS signed
  FROM chains AS c
  LEFT JOIN LATERAL (SELECT e.seq, e.hash FROM audit.entries AS e
                      WHERE e.agency_id = c.agency_id ORDER BY e.seq DESC LIMIT 1) AS h ON true
 WHERE c.agency_id IS NOT NULL
 ORDER BY c.agency_id`

	sqlAddCheckpoint = `
INSERT INTO audit.checkpoints (agency_id, seq, note) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`

	sqlCheckpoints = `SELECT note FROM audit.checkpoints WHERE agency_id = ANY ($1) ORDER BY agency_id, seq`

	sqlNoTimeout = `SET LOCAL statement_timeout = 0`

	// In the order that Entry.read wants.
	sqlChain = `
SELECT seq, event_id, prev_hash, hash, body,
       at, action, actor_id, program_id, subject_id, participant_ids, outcome, is_confidential
  FROM audit.entries
 WHERE agency_id = $1
 ORDER BY seq`

	sqlActivity = `
SELECT count(*) AS total,
       count(*) FILTER (WHERE at >= $2) AS recent,
       count(*) FILTER (WHERE at >= $2 AND action IN ('participant.view', 'participant.list', 'participant.search', 'note.view')) AS views,
       count(*) FILTER (WHERE at >= $2 AND action LIKE ANY (ARRAY['%.create', '%.update', '%.change', '%.role_grant', '%.role_remove'])) AS changes
  FROM audit.entries
 WHERE agency_id = $1`

	// What a page is narrowed to. What is not asked for is NULL or ''; the pool plans with the
	// values, so that each question uses its own index.
	narrowed = `
   AND ($2::timestamptz IS NULL OR at >= $2)
   AND ($3::timestamptz IS NULL OR at < $3)
   AND ($4::uuid IS NULL OR actor_id = $4)
   AND ($5::text = '' OR action = $5)
   AND ($6::text = '' OR outcome = $6)
   AND ($7::timestamptz IS NULL OR (at, seq) < ($7, $8::bigint))`

	newest = `
 ORDER BY at DESC, seq DESC
 LIMIT $9`

	// Of the whole agency, or of one program ($10).
	sqlList = `
SELECT seq, event_id, body
  FROM audit.entries
 WHERE agency_id = $1 AND ($10::uuid IS NULL OR program_id = $10)` + narrowed + newest

	// What a manager may see (see Scope): acts in the programs $10; acts on several people at
	// once by the teams, $11, that name no program; and, if $12, attempts that were refused on
	// people whom the person who tried does not reach. Each branch reads its own index in the
	// order of the page.
	sqlListWithin = `
SELECT e.seq, e.event_id, e.body
  FROM (SELECT x.at, x.seq
          FROM unnest($10::uuid[]) AS p (id)
         CROSS JOIN LATERAL (SELECT at, seq FROM audit.entries
                              WHERE agency_id = $1 AND program_id = p.id` + narrowed + newest + `) AS x
         UNION ALL
        SELECT x.at, x.seq
          FROM unnest($11::uuid[]) AS s (id)
         CROSS JOIN LATERAL (SELECT at, seq FROM audit.entries
                              WHERE agency_id = $1 AND actor_id = s.id AND program_id IS NULL AND participant_ids <> '{}'
                                AND NOT is_confidential AND action <> 'access.refused'` + narrowed + newest + `) AS x
         UNION ALL
       (SELECT at, seq FROM audit.entries
         WHERE agency_id = $1 AND action = 'access.refused' AND program_id IS NULL AND participant_ids <> '{}' AND $12` + narrowed + newest + `)
       ) AS place
  JOIN audit.entries AS e ON e.agency_id = $1 AND e.seq = place.seq
 ORDER BY place.at DESC, place.seq DESC
 LIMIT $9`

	// About one participant, $10; of the whole agency if $11, otherwise as in sqlListWithin. The
	// index of participants knows no order, so her entries are found first.
	sqlListAbout = `
  WITH hers AS MATERIALIZED (
SELECT at, seq
  FROM audit.entries
 WHERE agency_id = $1 AND participant_ids @> ARRAY[$10::uuid]
   AND ($11 OR program_id = ANY ($12)
        OR (program_id IS NULL AND (action = 'access.refused' OR (NOT is_confidential AND actor_id = ANY ($13)))))` + narrowed + `)
SELECT e.seq, e.event_id, e.body
  FROM (SELECT at, seq FROM hers` + newest + `) AS place
  JOIN audit.entries AS e ON e.agency_id = $1 AND e.seq = place.seq
 ORDER BY place.at DESC, place.seq DESC`

	// A stretch of time, in order.
	sqlStretch = `
SELECT seq, event_id, body
  FROM audit.entries
 WHERE agency_id = $1 AND at >= $2 AND at < $3
 ORDER BY at, seq`

	// On whom of $5 each of $4 did more than look ($6: what is only a look) in a stretch of time.
	sqlWorked = `
SELECT DISTINCT e.actor_id, p.id AS participant_id
  FROM audit.entries AS e
 CROSS JOIN LATERAL unnest(e.participant_ids) AS p (id)
 WHERE e.agency_id = $1 AND e.at >= $2 AND e.at < $3 AND e.actor_id = ANY ($4) AND e.participant_ids && $5::uuid[]
   AND p.id = ANY ($5) AND e.outcome = 'done' AND split_part(e.action, '.', 2) <> ALL ($6)`

	sqlEvents = `SELECT seq, event_id, body FROM audit.entries WHERE agency_id = $1 AND event_id = ANY ($2) ORDER BY at DESC, seq DESC`

	sqlEntry = `SELECT seq, event_id, body FROM audit.entries WHERE agency_id = $1 AND seq = $2`

	// Who acted, and which acts there are, found by skipping along the indexes.
	sqlActors = `
WITH RECURSIVE actors AS (
  (SELECT actor_id FROM audit.entries WHERE agency_id = $1 AND actor_id IS NOT NULL ORDER BY actor_id LIMIT 1)
  UNION ALL
  SELECT (SELECT e.actor_id FROM audit.entries AS e WHERE e.agency_id = $1 AND e.actor_id > a.actor_id ORDER BY e.actor_id LIMIT 1)
    FROM actors AS a
   WHERE a.actor_id IS NOT NULL
)
SELECT actor_id FROM actors WHERE actor_id IS NOT NULL`

	sqlActions = `
WITH RECURSIVE actions AS (
  (SELECT action FROM audit.entries WHERE agency_id = $1 ORDER BY action LIMIT 1)
  UNION ALL
  SELECT (SELECT e.action FROM audit.entries AS e WHERE e.agency_id = $1 AND e.action > a.action ORDER BY e.action LIMIT 1)
    FROM actions AS a
   WHERE a.action IS NOT NULL
)
SELECT action FROM actions WHERE action IS NOT NULL`
)

// The agency. Its programs, teams and days that were read, and what it has to work
// with, belong to packages that import this one.
const (
	sqlProgramNames = `SELECT id, name_en, name_fr FROM agency.programs`

	// What an agency has to work with; a few hundred at most.
	sqlThingNames = `SELECT id, name_en, name_fr FROM agency.metrics
		UNION ALL SELECT id, name_en, name_fr FROM agency.event_types
		UNION ALL SELECT id, name_en, name_fr FROM agency.plan_templates
		UNION ALL SELECT id, name_en, name_fr FROM agency.note_templates
		UNION ALL SELECT id, text_en, text_fr FROM agency.grant_reasons`

	// Who works or has worked in the programs.
	sqlTeams = `SELECT DISTINCT staff_id FROM agency.program_roles WHERE program_id = ANY ($1)`

	sqlStanding = `SELECT checked_at, entries, broken_at FROM agency.watch_runs ORDER BY checked_at DESC LIMIT 1`
)
