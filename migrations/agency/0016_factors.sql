-- Second factors of local accounts: apps that show codes, passkeys, and recovery codes on
-- paper. What proves anything is sealed, or a keyed hash.

CREATE TABLE agency.factors (
  id              uuid PRIMARY KEY,
  staff_id        uuid NOT NULL REFERENCES agency.staff (id),
  kind            text NOT NULL CHECK (kind IN ('totp', 'passkey')),
  name_sealed     bytea NOT NULL,            -- what its owner calls it
  secret_sealed   bytea NOT NULL,            -- of an app: its secret; of a passkey: the credential
  credential_hash bytea UNIQUE,              -- of a passkey's id
  last_step       bigint NOT NULL DEFAULT 0, -- of an app: no code of this step or before is taken any more
  sign_count      bigint NOT NULL DEFAULT 0, -- of a passkey: what its authenticator counted last
  created_at      timestamptz NOT NULL,
  confirmed_at    timestamptz,               -- NULL: it has proved nothing yet and counts for nothing
  last_used_at    timestamptz,
  removed_at      timestamptz,
  CHECK ((kind = 'passkey') = (credential_hash IS NOT NULL))
);
CREATE INDEX factors_staff ON agency.factors (staff_id) WHERE removed_at IS NULL;

-- Codes for the day when the telephone is gone. Those of one set are shown once, together;
-- a new set replaces the one before.
CREATE TABLE agency.recovery_codes (
  id          uuid PRIMARY KEY,
  staff_id    uuid NOT NULL REFERENCES agency.staff (id),
  set_id      uuid NOT NULL,
  code_hash   bytea NOT NULL UNIQUE,
  created_at  timestamptz NOT NULL,
  used_at     timestamptz,
  replaced_at timestamptz
);
CREATE INDEX recovery_codes_staff ON agency.recovery_codes (staff_id) WHERE used_at IS NULL AND replaced_at IS NULL;

-- A step only ever goes forward: a code that was used is never good again.
CREATE FUNCTION agency.keep_last_step() RETURNS trigger LANGUAGE plpgsql SET search_path TO '' AS $$
BEGIN
  IF NEW.last_step < OLD.last_step OR NEW.staff_id <> OLD.staff_id OR (OLD.removed_at IS NOT NULL AND NEW.removed_at IS NULL) THEN
    RAISE EXCEPTION 'a factor does not go back' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_last_step BEFORE UPDATE ON agency.factors
  FOR EACH ROW EXECUTE FUNCTION agency.keep_last_step();

GRANT SELECT, INSERT, DELETE ON agency.factors TO agency_role; -- what was never confirmed is deleted
GRANT UPDATE (name_sealed, secret_sealed, last_step, sign_count, confirmed_at, last_used_at, removed_at) ON agency.factors TO agency_role;
GRANT SELECT, INSERT ON agency.recovery_codes TO agency_role;
GRANT UPDATE (used_at, replaced_at) ON agency.recovery_codes TO agency_role;
