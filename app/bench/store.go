package main

const (
	sqlCheckpoint = `CHECKPOINT`
	sqlAnalyze    = `ANALYZE`

	// People of an agency who can be reached, with their names.
	sqlPeople = `SELECT p.id, p.first_name_sealed, p.preferred_name_sealed, p.middle_name_sealed, p.last_name_sealed
		FROM agency.participants p
		WHERE EXISTS (SELECT FROM agency.enrolments e WHERE e.participant_id = p.id AND e.status <> 'cancelled')
		ORDER BY p.id LIMIT $1`

	// What a begin is measured with.
	sqlOne = `SELECT id FROM agency.programs WHERE id = $1`

	// Whom a note of the first program can be about.
	sqlEnrolled = `SELECT participant_id FROM agency.enrolments WHERE program_id = $1 AND status = 'active' LIMIT 500`

	sqlCountNotes = `SELECT count(*) FROM agency.notes`

	// How long a search took, NULL while it lasts, and how many notes it looked at.
	sqlSearched = `SELECT extract(epoch FROM finished_at - created_at)::float8, looked_at FROM agency.note_searches WHERE id = $1`

	sqlBackends = `SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename = 'konote_app'`
)

// What a migration adds, as most do.
const ddlAddition = `
	ALTER TABLE agency.participants ADD COLUMN bench_note text, ADD COLUMN bench_count integer NOT NULL DEFAULT 0;
	CREATE INDEX participants_bench ON agency.participants (bench_count);`

// The log of the server, for a transcript.
const (
	sqlLogAll    = `ALTER SYSTEM SET log_statement = 'all'`
	sqlLogPrefix = `ALTER SYSTEM SET log_line_prefix = '[%p] '`
	sqlLogNone   = `ALTER SYSTEM RESET log_statement`
	sqlReload    = `SELECT pg_reload_conf()`
)

// The same names in plain text.
const (
	sqlPlainDatabase  = `CREATE DATABASE bench_plain`
	sqlPlainExtension = `CREATE EXTENSION pg_trgm`
	sqlPlainTable     = `CREATE TABLE people (id uuid PRIMARY KEY, name text NOT NULL)`
	sqlPlainIndex     = `CREATE INDEX people_name ON people USING gin (name gin_trgm_ops)`
	sqlPlainAnalyze   = `VACUUM ANALYZE people`

	sqlSimilar = `SELECT id, name FROM people WHERE $1 <% name
		ORDER BY word_similarity($1, name) DESC, name, id LIMIT $2`
	sqlContains = `SELECT id, name FROM people WHERE name LIKE '%' || $1 || '%' LIMIT $2`
)
