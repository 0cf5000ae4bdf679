package checkup

// What is looked at in an agency's schema. The sealed columns are found from the schema
// itself, so that a new one cannot be forgotten.
const (
	sqlColumns = `SELECT c.relname AS table_name, a.attname AS column_name, format_type(a.atttypid, a.atttypmod) AS type
		FROM pg_catalog.pg_class c
		JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE c.relkind = 'r' AND c.relnamespace = (SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = 'agency.staff'::regclass)
		ORDER BY c.relname, a.attnum`

	// sqlSample takes a quoted column, a quoted table and a quoted column again; the names
	// come from sqlColumns and are quoted by pgx.
	sqlSample = `SELECT id, %[1]s AS value FROM agency.%[2]s WHERE %[1]s IS NOT NULL ORDER BY random() LIMIT 40`

	sqlRoleless = `SELECT count(*) FROM agency.staff s WHERE s.status = 'active' AND NOT s.is_admin
		AND NOT EXISTS (SELECT FROM agency.program_roles r WHERE r.staff_id = s.id AND r.status = 'active')`

	sqlAdmins = `SELECT count(*) FROM agency.staff WHERE status = 'active' AND is_admin`

	sqlUnstaffed = `SELECT count(DISTINCT e.program_id) FROM agency.enrolments e
		WHERE e.status IN ('active', 'on_hold') AND NOT EXISTS (SELECT FROM agency.program_roles r
			WHERE r.program_id = e.program_id AND r.status = 'active' AND r.role IN ('direct_service', 'program_manager'))`

	sqlUnhistoried = `SELECT count(*) FROM agency.enrolments e WHERE e.status IS DISTINCT FROM
		(SELECT c.status FROM agency.enrolment_changes c WHERE c.enrolment_id = e.id ORDER BY c.changed_at DESC, c.id DESC LIMIT 1)`

	sqlMixed = `SELECT (SELECT count(*) FROM agency.participants WHERE is_demo <> $1)
		+ (SELECT count(*) FROM agency.staff WHERE is_demo <> $1)`
)
