-- After how many days a program looks at goals again: the day by which a new goal is hoped
-- for begins there. NULL: the program does not say.
ALTER TABLE agency.programs ADD COLUMN goal_review_days smallint CHECK (goal_review_days BETWEEN 1 AND 730);

-- Who said last who works with a participant there, and when: a change that comes too late
-- is shown beside it. NULL: nobody since this is kept.
ALTER TABLE agency.enrolments ADD COLUMN worker_set_at timestamptz, ADD COLUMN worker_set_by uuid;

-- Why a metric was made or changed, in somebody's words. They are kept as written: nobody
-- changes or removes one.
CREATE TABLE agency.metric_reasons (
  id            uuid PRIMARY KEY,
  metric_id     uuid NOT NULL REFERENCES agency.metrics (id),
  reason_sealed bytea NOT NULL,
  given_at      timestamptz NOT NULL,
  given_by      uuid                   -- NULL: a command
);
CREATE INDEX metric_reasons_metric ON agency.metric_reasons (metric_id, id DESC);
GRANT SELECT, INSERT ON agency.metric_reasons TO agency_role;
