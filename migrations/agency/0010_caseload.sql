-- Who works with whom, and changes of many enrolments at once.

ALTER TABLE agency.enrolments
  ADD COLUMN worker_id  uuid REFERENCES agency.staff (id), -- who works with the participant there
  ADD COLUMN end_reason text CHECK (end_reason IN
    ('goals_met', 'completed', 'moved_on', 'referred', 'relocated', 'withdrew', 'lost_contact', 'ineligible', 'capacity', 'safety', 'deceased', 'other'));
CREATE INDEX enrolments_worker ON agency.enrolments (worker_id) WHERE worker_id IS NOT NULL;

CREATE TABLE agency.bulk_changes (
  id         uuid PRIMARY KEY,
  kind       text NOT NULL CHECK (kind IN ('transfer', 'discharge', 'assign')),
  staff_id   uuid NOT NULL REFERENCES agency.staff (id),
  before     jsonb NOT NULL,            -- the enrolments as they were: ids, statuses, versions
  left_out   jsonb NOT NULL,            -- who was not changed, or not put back: ids and a word for why
  created_at timestamptz NOT NULL DEFAULT now(),
  undone_at  timestamptz
);

GRANT SELECT, INSERT ON agency.bulk_changes TO agency_role;
GRANT UPDATE (undone_at, left_out) ON agency.bulk_changes TO agency_role;
