-- A value that is another after every change of what decides who a member of staff is and
-- what she may see. Who has read all that, and finds the value as it was, need not read it
-- again (package staff). It is no counter: one that was restored from a backup would come
-- to the same numbers again.
CREATE TABLE agency.access_version (version uuid NOT NULL);
INSERT INTO agency.access_version (version) VALUES (gen_random_uuid());
GRANT SELECT, UPDATE ON agency.access_version TO agency_role;

-- Once in each transaction that changes something, as it commits: nobody waits for the row
-- longer than a commit takes, or holds it while waiting for another.
CREATE FUNCTION agency.access_changed() RETURNS trigger LANGUAGE plpgsql SET search_path TO '' AS $$
BEGIN
  UPDATE agency.access_version SET version = gen_random_uuid() WHERE xmin <> pg_current_xact_id()::xid;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION agency.access_changed() FROM PUBLIC;

CREATE CONSTRAINT TRIGGER access_changed AFTER INSERT OR DELETE
  OR UPDATE OF display_name_sealed, is_admin, language, sessions_from, status ON agency.staff
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION agency.access_changed();
CREATE CONSTRAINT TRIGGER access_changed AFTER INSERT OR DELETE OR UPDATE OF staff_id, confirmed_at, removed_at ON agency.factors
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION agency.access_changed();
CREATE CONSTRAINT TRIGGER access_changed AFTER INSERT OR DELETE OR UPDATE OF name_en, name_fr, is_confidential ON agency.programs
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION agency.access_changed();
CREATE CONSTRAINT TRIGGER access_changed AFTER INSERT OR DELETE OR UPDATE ON agency.program_roles
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION agency.access_changed();
CREATE CONSTRAINT TRIGGER access_changed AFTER INSERT OR DELETE OR UPDATE ON agency.access_grants
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION agency.access_changed();
CREATE CONSTRAINT TRIGGER access_changed AFTER INSERT OR DELETE OR UPDATE ON agency.directives
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION agency.access_changed();
CREATE CONSTRAINT TRIGGER access_changed AFTER INSERT OR DELETE OR UPDATE ON agency.settings
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION agency.access_changed();
