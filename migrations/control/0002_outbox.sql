-- The audit outbox: an act writes its record here in its own transaction, and
-- the relay moves it to the audit database. One table a shard, because a relay
-- that had to look into a thousand schemas would never sleep. An agency's role
-- may add rows and nothing else; written_by is set by the database, so the
-- relay can refuse a record that claims to be another agency's.
CREATE SCHEMA outbox;

CREATE TABLE outbox.audit_events (
  position   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id   uuid NOT NULL UNIQUE,
  agency_id  uuid NOT NULL, -- the nil UUID for acts on the platform itself
  body       bytea NOT NULL CHECK (octet_length(body) <= 1048576),
  written_by name NOT NULL DEFAULT current_user,
  written_at timestamptz NOT NULL DEFAULT now()
)
-- A queue: almost every row that ever was is dead.
WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- Rows that the relay would not move, with the reason: kept for whoever looks into it.
CREATE TABLE outbox.refused_events (
  position   bigint PRIMARY KEY,
  event_id   uuid NOT NULL,
  agency_id  uuid NOT NULL,
  body       bytea NOT NULL,
  written_by name NOT NULL,
  written_at timestamptz NOT NULL,
  reason     text NOT NULL,
  refused_at timestamptz NOT NULL DEFAULT now()
);

GRANT USAGE ON SCHEMA outbox TO konote_relay, konote_control, konote_agency;
GRANT SELECT, DELETE ON outbox.audit_events TO konote_relay;
GRANT SELECT, INSERT ON outbox.refused_events TO konote_relay;
GRANT INSERT (event_id, agency_id, body) ON outbox.audit_events TO konote_control, konote_agency;
