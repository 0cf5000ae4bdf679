-- The audit database. Roles: the owner runs this file and has no other use;
-- the writer may add entries and see no more of them than their place in the
-- chain; the reader may read. Nobody may change or delete.
CREATE SCHEMA audit;

CREATE TABLE audit.entries (
  agency_id  uuid NOT NULL, -- the nil UUID: the platform's own chain
  seq        bigint NOT NULL CHECK (seq > 0),
  event_id   uuid NOT NULL UNIQUE,
  prev_hash  bytea NOT NULL CHECK (octet_length(prev_hash) = 32),
  hash       bytea NOT NULL CHECK (octet_length(hash) = 32),
  body       bytea NOT NULL, -- the bytes that are hashed; the columns below are copies for searching
  at         timestamptz NOT NULL,
  action     text NOT NULL,
  actor_id   uuid,
  program_id uuid,
  subject_id uuid,
  participant_ids uuid[] NOT NULL DEFAULT '{}',
  outcome    text NOT NULL,
  is_confidential boolean NOT NULL DEFAULT false,
  PRIMARY KEY (agency_id, seq)
);
CREATE INDEX entries_at ON audit.entries (agency_id, at DESC, seq DESC);
CREATE INDEX entries_actor ON audit.entries (agency_id, actor_id, seq DESC);
CREATE INDEX entries_action ON audit.entries (agency_id, action, seq DESC);
CREATE INDEX entries_participants ON audit.entries USING gin (participant_ids);

-- Signed heads of the chains, as C2SP checkpoints; also published elsewhere,
-- because what the platform can rewrite proves nothing about the platform.
CREATE TABLE audit.checkpoints (
  agency_id uuid NOT NULL,
  seq       bigint NOT NULL,
  note      text NOT NULL,
  made_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (agency_id, seq)
);

-- Two more walls behind the grants: even the owner of the table is refused,
-- unless he first removes the trigger, which the verifier and pgaudit show.
CREATE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql SET search_path TO '' AS $$
BEGIN
  RAISE EXCEPTION 'audit entries are never changed or deleted' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.entries
  FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.checkpoints
  FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

GRANT USAGE ON SCHEMA audit TO konote_audit_writer, konote_audit_reader;
GRANT INSERT ON audit.entries, audit.checkpoints TO konote_audit_writer;
GRANT SELECT (agency_id, seq, event_id, hash) ON audit.entries TO konote_audit_writer;
GRANT SELECT (agency_id, seq) ON audit.checkpoints TO konote_audit_writer;
GRANT SELECT ON audit.entries, audit.checkpoints TO konote_audit_reader;
