-- Patterns in the audit log that are worth a look: ids, kinds and numbers. Nobody's name is
-- in it, and what somebody remarks is sealed.

-- What each member of staff did on a day, in numbers: her own usual is read off it.
CREATE TABLE agency.watch_days (
  day      date NOT NULL,
  staff_id uuid NOT NULL REFERENCES agency.staff (id),
  opened   integer NOT NULL, -- different records
  busiest  integer NOT NULL, -- different records within one hour
  first_at smallint NOT NULL CHECK (first_at BETWEEN 0 AND 1439), -- minutes after the agency's midnight
  last_at  smallint NOT NULL CHECK (last_at BETWEEN 0 AND 1439),
  PRIMARY KEY (day, staff_id)
);

-- The days that were read, and how the agency's chain of audit entries stood then.
CREATE TABLE agency.watch_runs (
  day        date PRIMARY KEY,
  checked_at timestamptz NOT NULL,
  entries    bigint NOT NULL, -- unbroken up to this one
  broken_at  bigint           -- the first entry that is wrong; NULL: none
);
CREATE INDEX watch_runs_newest ON agency.watch_runs (checked_at DESC);

CREATE TABLE agency.watch_findings (
  id             uuid PRIMARY KEY,
  day            date NOT NULL,
  kind           text NOT NULL CHECK (kind IN ('many', 'family', 'colleague', 'refused', 'hours', 'no_work', 'export')),
  staff_id       uuid NOT NULL REFERENCES agency.staff (id), -- whose acts they were
  program_ids    uuid[] NOT NULL, -- of all that it touches: only who manages each of them may see it
  participant_ids uuid[] NOT NULL DEFAULT '{}',
  event_ids      uuid[] NOT NULL, -- entries of the audit log behind it, the first ones
  amount         integer NOT NULL, -- how many records, attempts or downloads
  usual          integer NOT NULL DEFAULT 0, -- her own usual; 0: not known
  found_at       timestamptz NOT NULL,
  verdict        text CHECK (verdict IN ('proper', 'follow_up')),
  remark_sealed  bytea,
  looked_at      timestamptz,
  looked_by      uuid REFERENCES agency.staff (id),
  version        integer NOT NULL DEFAULT 1,
  UNIQUE (day, kind, staff_id),
  CHECK ((verdict IS NULL) = (looked_at IS NULL) AND (verdict IS NULL) = (looked_by IS NULL)),
  CHECK (looked_by <> staff_id) -- nobody judges her own
);
CREATE INDEX watch_findings_waiting ON agency.watch_findings (day DESC, id DESC) WHERE verdict IS NULL;
CREATE INDEX watch_findings_newest ON agency.watch_findings (day DESC, id DESC);

GRANT SELECT, INSERT, DELETE ON agency.watch_days TO agency_role;
GRANT SELECT, INSERT ON agency.watch_runs, agency.watch_findings TO agency_role;
GRANT UPDATE (verdict, remark_sealed, looked_at, looked_by, version) ON agency.watch_findings TO agency_role;
