-- Grants: through which programs somebody knew the participant when she took access, so
-- that only those who answer for these programs hear of it and look back; and what must
-- not be changed any more.

ALTER TABLE agency.access_grants
  ADD COLUMN through uuid[] NOT NULL, -- programs
  ADD CHECK (cardinality(through) > 0),
  ADD CHECK (NOT is_emergency OR expires_at <= created_at + interval '4 hours'),
  ADD CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
  ADD CHECK (finding_sealed IS NULL OR reviewed_at IS NOT NULL);

-- The newest first, those that wait for a review alone.
CREATE INDEX access_grants_unreviewed ON agency.access_grants (is_emergency DESC, id DESC) WHERE reviewed_at IS NULL;
CREATE INDEX access_grants_program ON agency.access_grants (program_id) WHERE program_id IS NOT NULL;

-- What was ended stays ended, and a finding is final.
CREATE FUNCTION agency.grant_is_kept() RETURNS trigger LANGUAGE plpgsql SET search_path TO '' AS $$
BEGIN
  IF OLD.revoked_at IS NOT NULL AND (NEW.revoked_at, NEW.revoked_by) IS DISTINCT FROM (OLD.revoked_at, OLD.revoked_by)
     OR OLD.reviewed_at IS NOT NULL AND (NEW.reviewed_at, NEW.reviewed_by, NEW.finding, NEW.finding_sealed)
        IS DISTINCT FROM (OLD.reviewed_at, OLD.reviewed_by, OLD.finding, OLD.finding_sealed) THEN
    RAISE EXCEPTION 'what was ended or reviewed stays so' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER grant_is_kept BEFORE UPDATE ON agency.access_grants FOR EACH ROW EXECUTE FUNCTION agency.grant_is_kept();
REVOKE ALL ON FUNCTION agency.grant_is_kept() FROM PUBLIC;
