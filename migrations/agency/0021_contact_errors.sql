-- A contact that was entered in error is marked as such, with why, and stays readable: what
-- was signed is not rewritten.
ALTER TABLE agency.contacts
  ADD COLUMN cancelled_at         timestamptz,
  ADD COLUMN cancelled_by         uuid,
  ADD COLUMN cancel_reason_sealed bytea,
  ADD CONSTRAINT contacts_cancelled CHECK ((cancelled_at IS NULL) = (cancelled_by IS NULL) AND (cancelled_at IS NULL) = (cancel_reason_sealed IS NULL));
GRANT UPDATE (cancelled_at, cancelled_by, cancel_reason_sealed) ON agency.contacts TO agency_role;

CREATE TRIGGER record_is_open_to_change BEFORE UPDATE ON agency.contacts
  FOR EACH ROW EXECUTE FUNCTION agency.record_is_open('participant');
