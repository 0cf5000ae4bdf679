-- Roles are shared by all databases of a Postgres server, so this runs once a
-- server and says nothing when a role is there already. Passwords are set by
-- `konote migrate bootstrap`, never here.
--
--   konote_owner    owns schemas and runs migrations and provisioning
--   konote_app      the web and worker processes; may read nothing by itself
--   konote_control  what konote_app becomes to read the registry
--   konote_relay    what konote_app becomes to empty the audit outbox
--   konote_jobs     what konote_app becomes to add or work a job
--   konote_agency   what every agency's role inherits: adding to the audit outbox
--   a_<16 letters>  one for each agency; konote_app becomes it for that agency's work
--   konote_audit_*  owner, writer (INSERT), reader (SELECT) of the audit database
DO $$
DECLARE
  wanted text[] := ARRAY['konote_owner', 'konote_app', 'konote_control', 'konote_relay', 'konote_jobs', 'konote_agency',
                         'konote_audit_owner', 'konote_audit_writer', 'konote_audit_reader'];
  name text;
BEGIN
  FOREACH name IN ARRAY wanted LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name) THEN
        EXECUTE format('CREATE ROLE %I NOINHERIT NOLOGIN', name);
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL; -- another bootstrap made it at the same moment
    END;
  END LOOP;
END $$;

ALTER ROLE konote_owner WITH LOGIN CREATEROLE NOINHERIT NOSUPERUSER;
ALTER ROLE konote_app WITH LOGIN NOINHERIT NOSUPERUSER NOCREATEROLE NOCREATEDB;
ALTER ROLE konote_audit_owner WITH LOGIN NOSUPERUSER;
ALTER ROLE konote_audit_writer WITH LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB;
ALTER ROLE konote_audit_reader WITH LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB;

GRANT konote_control, konote_relay, konote_jobs TO konote_app;
GRANT konote_control, konote_relay, konote_jobs TO konote_owner;
ALTER ROLE konote_app SET search_path TO '';
ALTER ROLE konote_owner SET search_path TO '';
