-- The registry: which agencies there are, where they live, and their wrapped
-- keys. No participant content, and nothing by which a person could be known.
CREATE SCHEMA control;

CREATE TABLE control.agencies (
  id             uuid PRIMARY KEY,
  subdomain      text NOT NULL UNIQUE CHECK (subdomain ~ '^[a-z][a-z0-9-]{1,40}[a-z0-9]$'),
  name_en        text NOT NULL CHECK (name_en <> ''),
  name_fr        text NOT NULL CHECK (name_fr <> ''),
  status         text NOT NULL DEFAULT 'provisioning'
                 CHECK (status IN ('provisioning', 'active', 'suspended', 'offboarding', 'closed')),
  shard          text NOT NULL DEFAULT 'main',
  schema_name    text NOT NULL UNIQUE CHECK (schema_name ~ '^a_[a-z0-9]{16}$'),
  schema_version integer NOT NULL DEFAULT 0,
  parked_reason  text, -- the migration that failed for this agency; NULL when all is well
  is_demo        boolean NOT NULL,
  created_at     timestamptz NOT NULL DEFAULT now(),
  status_at      timestamptz NOT NULL DEFAULT now()
);

-- What may never change, and in which order an agency lives: held by the
-- database, so that no code path can forget it.
CREATE FUNCTION control.guard_agency() RETURNS trigger LANGUAGE plpgsql SET search_path TO '' AS $$
BEGIN
  IF NEW.id <> OLD.id OR NEW.is_demo <> OLD.is_demo OR NEW.schema_name <> OLD.schema_name THEN
    RAISE EXCEPTION 'id, is_demo and schema_name of an agency never change' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.status <> OLD.status AND NOT (
       (OLD.status = 'provisioning' AND NEW.status IN ('active', 'closed')) OR
       (OLD.status = 'active'       AND NEW.status IN ('suspended', 'offboarding')) OR
       (OLD.status = 'suspended'    AND NEW.status IN ('active', 'offboarding')) OR
       (OLD.status = 'offboarding'  AND NEW.status IN ('active', 'suspended', 'closed'))) THEN
    RAISE EXCEPTION 'an agency cannot go from % to %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.status <> OLD.status THEN NEW.status_at := now(); END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_agency BEFORE UPDATE ON control.agencies FOR EACH ROW EXECUTE FUNCTION control.guard_agency();

CREATE TABLE control.agency_hosts (
  host       text PRIMARY KEY CHECK (host = lower(host) AND host <> ''),
  agency_id  uuid NOT NULL REFERENCES control.agencies (id),
  is_primary boolean NOT NULL DEFAULT true
);
CREATE UNIQUE INDEX agency_hosts_primary ON control.agency_hosts (agency_id) WHERE is_primary;

-- One row for each version of an agency's data key, wrapped by the key
-- provider. check_value commits to the plain key (keyring), so that a wrong
-- or mixed-up key is noticed before anything is read with it.
CREATE TABLE control.agency_keys (
  agency_id   uuid NOT NULL REFERENCES control.agencies (id),
  version     integer NOT NULL CHECK (version > 0),
  provider    text NOT NULL,
  key_id      text NOT NULL,
  algorithm   text NOT NULL,
  wrapped     bytea NOT NULL,
  check_value bytea NOT NULL CHECK (octet_length(check_value) = 32),
  created_at  timestamptz NOT NULL DEFAULT now(),
  retired_at  timestamptz,
  PRIMARY KEY (agency_id, version)
);

-- What was applied to which agency, with the checksum of the file at that time.
-- It stands on the agency's own shard, in the transaction of what was applied;
-- the registry is on the main shard only, hence no reference to it.
CREATE TABLE control.agency_migrations (
  agency_id  uuid NOT NULL,
  version    integer NOT NULL,
  name       text NOT NULL,
  checksum   bytea NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (agency_id, version)
);

GRANT USAGE ON SCHEMA control TO konote_control;
GRANT SELECT ON control.agencies, control.agency_hosts, control.agency_keys, control.agency_migrations TO konote_control;
