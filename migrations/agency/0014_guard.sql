-- Keeping somebody's whereabouts safe is done by one person and undone by two: one asks,
-- another one decides.
CREATE TABLE agency.guard_requests (
  id             uuid PRIMARY KEY,
  participant_id uuid NOT NULL REFERENCES agency.participants (id),
  reason_sealed  bytea NOT NULL,
  requested_at   timestamptz NOT NULL DEFAULT now(),
  requested_by   uuid NOT NULL REFERENCES agency.staff (id),
  status         text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'approved', 'rejected')),
  decided_at     timestamptz,
  decided_by     uuid REFERENCES agency.staff (id),
  CHECK ((status = 'pending') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)),
  CHECK (decided_by <> requested_by)
);
CREATE UNIQUE INDEX guard_requests_pending ON agency.guard_requests (participant_id) WHERE status = 'pending';

GRANT SELECT, INSERT ON agency.guard_requests TO agency_role;
GRANT UPDATE (status, decided_at, decided_by) ON agency.guard_requests TO agency_role;
