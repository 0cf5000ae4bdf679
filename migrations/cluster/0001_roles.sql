-- Roles are shared by all databases of a Postgres server, so this runs once a
-- server and says nothing when a role is there already. Passwords are set by
-- `konote migrate bootstrap`, never here. Whoever runs it needs CREATEROLE; a
-- superuser is not needed. Use Postgres 16 or newer where it matters: before, a
-- role with CREATEROLE, as konote_owner has, can give itself any role but a
-- superuser's, those of the server's files and programs included.
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
  wanted_role text;
BEGIN
  FOREACH wanted_role IN ARRAY wanted LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted_role) THEN
      EXECUTE format('CREATE ROLE %I NOINHERIT NOLOGIN', wanted_role);
    END IF;
  END LOOP;

  -- A role that was there before may not be more than it should be.
  SELECT string_agg(rolname, ', ' ORDER BY rolname) INTO wanted_role FROM pg_catalog.pg_roles
    WHERE rolname = ANY (wanted)
      AND (rolsuper OR rolbypassrls OR rolreplication OR rolcreatedb OR (rolcreaterole AND rolname <> 'konote_owner'));
  IF wanted_role IS NOT NULL THEN
    RAISE EXCEPTION 'these roles have rights that they must not have: %', wanted_role USING ERRCODE = 'invalid_role_specification';
  END IF;
END $$;

ALTER ROLE konote_owner WITH LOGIN CREATEROLE NOINHERIT;
ALTER ROLE konote_app WITH LOGIN NOINHERIT;
ALTER ROLE konote_audit_owner WITH LOGIN NOINHERIT;
ALTER ROLE konote_audit_writer WITH LOGIN NOINHERIT;
ALTER ROLE konote_audit_reader WITH LOGIN NOINHERIT;

GRANT konote_control, konote_relay, konote_jobs TO konote_app;
GRANT konote_control, konote_relay, konote_jobs TO konote_owner;
-- So that it may grant it to each agency's role (Postgres 16 asks for this).
GRANT konote_agency TO konote_owner WITH ADMIN OPTION;
ALTER ROLE konote_app SET search_path TO '';
ALTER ROLE konote_owner SET search_path TO '';
ALTER ROLE konote_audit_owner SET search_path TO '';
ALTER ROLE konote_audit_writer SET search_path TO '';
ALTER ROLE konote_audit_reader SET search_path TO '';
