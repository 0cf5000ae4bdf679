-- An event that was entered in error (about somebody else, or twice) is marked as such, with
-- why, and stays readable. A meeting is called off by its status. What is marked is not
-- changed any more, and nobody takes the mark off.
ALTER TABLE agency.events
  ADD COLUMN cancelled_at         timestamptz,
  ADD COLUMN cancelled_by         uuid,
  ADD COLUMN cancel_reason_sealed bytea,
  ADD CONSTRAINT events_cancelled CHECK ((cancelled_at IS NULL) = (cancelled_by IS NULL) AND (cancelled_at IS NULL) = (cancel_reason_sealed IS NULL)),
  ADD CONSTRAINT events_cancelled_kind CHECK (cancelled_at IS NULL OR kind = 'event');

CREATE FUNCTION agency.event_stays_marked() RETURNS trigger LANGUAGE plpgsql SET search_path TO '' AS $$
BEGIN
  RAISE EXCEPTION 'the event was entered in error' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER event_stays_marked BEFORE UPDATE ON agency.events
  FOR EACH ROW WHEN (OLD.cancelled_at IS NOT NULL) EXECUTE FUNCTION agency.event_stays_marked();
REVOKE ALL ON FUNCTION agency.event_stays_marked() FROM PUBLIC;
