package jobs

const (
	sqlBecomeJobs    = `SET LOCAL ROLE konote_jobs`
	sqlBecomeControl = `SET LOCAL ROLE konote_control`

	// The states are those of the index konote_unfinished.
	sqlUnfinished = `
SELECT count(*)
  FROM (SELECT 1 FROM jobs.river_job
         WHERE args ->> 'agency' = $1 AND state IN ('available', 'running', 'retryable')
         LIMIT $2) AS counted`

	sqlStats = `
SELECT count(*) FILTER (WHERE state = 'available' AND scheduled_at <= now()) AS waiting,
       count(*) FILTER (WHERE state = 'running') AS running,
       count(*) FILTER (WHERE state = 'retryable') AS retrying,
       count(*) FILTER (WHERE state = 'discarded') AS dead,
       coalesce(extract(epoch FROM now() - min(scheduled_at) FILTER (WHERE state = 'available' AND scheduled_at <= now())), 0)::float8 AS oldest
  FROM jobs.river_job
 WHERE state IN ('available', 'running', 'retryable', 'discarded')`

	// What River's own migrations leave to us. It may be run again.
	ddlAfterMigration = `
CREATE INDEX IF NOT EXISTS konote_unfinished ON jobs.river_job ((args ->> 'agency'))
 WHERE state IN ('available', 'running', 'retryable');
REVOKE ALL ON SCHEMA jobs FROM PUBLIC;
GRANT USAGE ON SCHEMA jobs TO konote_jobs;
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs.river_job, jobs.river_queue, jobs.river_leader, jobs.river_notification TO konote_jobs;
GRANT SELECT ON jobs.river_migration TO konote_jobs;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA jobs TO konote_jobs;`
)
