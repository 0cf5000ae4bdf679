-- After consent to the service was withdrawn, a participant's record is read and not
-- written: the database refuses with KN001, whatever asks. What stays possible, and why,
-- is in app/consent/doc.go.

ALTER TABLE agency.participants
  ADD COLUMN consent_ends_at timestamptz, -- when consent to the service lapses; NULL: it does not
  ADD COLUMN sharing_ends_at timestamptz, -- likewise of sharing
  ADD COLUMN retention_from  date;        -- the day of the withdrawal: from then on the record is only kept

-- What follows a record says in its argument how its participant is found. Her row is
-- shared until the transaction ends, and a withdrawal takes it for itself: of the two, one
-- waits for the other, and what waited sees what was decided.
CREATE FUNCTION agency.record_is_open() RETURNS trigger LANGUAGE plpgsql SET search_path TO '' AS $$
DECLARE
  whose uuid;
  state text;
BEGIN
  CASE TG_ARGV[0]
    WHEN 'participant' THEN whose := NEW.participant_id;
    WHEN 'self'        THEN whose := NEW.id;
    WHEN 'note'        THEN SELECT n.participant_id INTO whose FROM agency.notes n WHERE n.id = NEW.note_id;
    WHEN 'target'      THEN SELECT t.participant_id INTO whose FROM agency.targets t WHERE t.id = NEW.target_id;
    WHEN 'enrolment'   THEN SELECT e.participant_id INTO whose FROM agency.enrolments e WHERE e.id = NEW.enrolment_id;
    WHEN 'member'      THEN SELECT m.participant_id INTO whose FROM agency.group_members m WHERE m.id = NEW.member_id;
  END CASE;
  IF whose IS NOT NULL THEN -- a member of a group may be nobody's record
    SELECT p.consent INTO state FROM agency.participants p WHERE p.id = whose FOR SHARE;
    IF state = 'withdrawn' THEN
      RAISE EXCEPTION 'consent was withdrawn: the record is read only' USING ERRCODE = 'KN001';
    END IF;
  END IF;
  RETURN NEW;
END $$;

-- The details; consent itself, retention, and keeping whereabouts safe stay possible.
CREATE TRIGGER record_is_open BEFORE UPDATE ON agency.participants FOR EACH ROW
  WHEN (OLD.consent = 'withdrawn' AND NEW.consent = 'withdrawn' AND
        to_jsonb(NEW) - ARRAY['consent', 'consent_ends_at', 'sharing', 'sharing_ends_at', 'retention_from', 'guarded_sealed',
                              'search_epoch', 'updated_at', 'updated_by', 'version'] IS DISTINCT FROM
        to_jsonb(OLD) - ARRAY['consent', 'consent_ends_at', 'sharing', 'sharing_ends_at', 'retention_from', 'guarded_sealed',
                              'search_epoch', 'updated_at', 'updated_by', 'version'])
  EXECUTE FUNCTION agency.record_is_open('self');

CREATE TRIGGER record_is_open BEFORE INSERT OR UPDATE ON agency.enrolments
  FOR EACH ROW EXECUTE FUNCTION agency.record_is_open('participant');
CREATE TRIGGER record_is_open BEFORE INSERT ON agency.enrolment_changes
  FOR EACH ROW EXECUTE FUNCTION agency.record_is_open('enrolment');

CREATE TRIGGER record_is_open BEFORE INSERT OR UPDATE ON agency.notes
  FOR EACH ROW EXECUTE FUNCTION agency.record_is_open('participant');
CREATE TRIGGER record_is_open BEFORE INSERT ON agency.note_targets
  FOR EACH ROW EXECUTE FUNCTION agency.record_is_open('note');
CREATE TRIGGER record_is_open BEFORE INSERT ON agency.note_addenda
  FOR EACH ROW EXECUTE FUNCTION agency.record_is_open('note');
CREATE TRIGGER record_is_open BEFORE INSERT ON agency.metric_values
  FOR EACH ROW EXECUTE FUNCTION agency.record_is_open('participant');

CREATE TRIGGER record_is_open BEFORE INSERT OR UPDATE ON agency.plan_sections
  FOR EACH ROW EXECUTE FUNCTION agency.record_is_open('participant');
CREATE TRIGGER record_is_open BEFORE INSERT OR UPDATE ON agency.targets
  FOR EACH ROW EXECUTE FUNCTION agency.record_is_open('participant');
CREATE TRIGGER record_is_open BEFORE INSERT ON agency.target_revisions
  FOR EACH ROW EXECUTE FUNCTION agency.record_is_open('target');
CREATE TRIGGER record_is_open BEFORE INSERT OR UPDATE ON agency.target_metrics
  FOR EACH ROW EXECUTE FUNCTION agency.record_is_open('target');

-- A coming meeting may still be cancelled, a reminder noted as not sent, and a flag that
-- was a mistake taken back.
CREATE TRIGGER record_is_open_to_new BEFORE INSERT ON agency.events
  FOR EACH ROW EXECUTE FUNCTION agency.record_is_open('participant');
CREATE TRIGGER record_is_open BEFORE UPDATE ON agency.events FOR EACH ROW
  WHEN ((NEW.status IS DISTINCT FROM OLD.status AND NEW.status IS DISTINCT FROM 'cancelled') OR
        to_jsonb(NEW) - ARRAY['status', 'reminder', 'reminder_problem', 'reminded_at', 'told', 'unflagged_at', 'unflagged_by',
                              'unflag_reason_sealed', 'updated_at', 'updated_by', 'version'] IS DISTINCT FROM
        to_jsonb(OLD) - ARRAY['status', 'reminder', 'reminder_problem', 'reminded_at', 'told', 'unflagged_at', 'unflagged_by',
                              'unflag_reason_sealed', 'updated_at', 'updated_by', 'version'])
  EXECUTE FUNCTION agency.record_is_open('participant');

-- An alert may still be ended, a message read and put away.
CREATE TRIGGER record_is_open BEFORE INSERT ON agency.alerts
  FOR EACH ROW EXECUTE FUNCTION agency.record_is_open('participant');
CREATE TRIGGER record_is_open BEFORE INSERT ON agency.contacts
  FOR EACH ROW EXECUTE FUNCTION agency.record_is_open('participant');
CREATE TRIGGER record_is_open BEFORE INSERT ON agency.messages
  FOR EACH ROW EXECUTE FUNCTION agency.record_is_open('participant');

-- She may still be taken out of a group or a circle.
CREATE TRIGGER record_is_open_to_new BEFORE INSERT ON agency.group_members
  FOR EACH ROW EXECUTE FUNCTION agency.record_is_open('participant');
CREATE TRIGGER record_is_open BEFORE UPDATE ON agency.group_members FOR EACH ROW
  WHEN (NEW.left_on IS NULL OR to_jsonb(NEW) - 'left_on' IS DISTINCT FROM to_jsonb(OLD) - 'left_on')
  EXECUTE FUNCTION agency.record_is_open('participant');
CREATE TRIGGER record_is_open BEFORE INSERT OR UPDATE ON agency.group_attendance
  FOR EACH ROW EXECUTE FUNCTION agency.record_is_open('member');
CREATE TRIGGER record_is_open_to_new BEFORE INSERT ON agency.circle_members
  FOR EACH ROW EXECUTE FUNCTION agency.record_is_open('participant');
CREATE TRIGGER record_is_open BEFORE UPDATE ON agency.circle_members FOR EACH ROW
  WHEN ((NEW.left_at IS NULL AND (NEW.is_primary_contact OR NOT OLD.is_primary_contact)) OR
        to_jsonb(NEW) - ARRAY['left_at', 'is_primary_contact'] IS DISTINCT FROM to_jsonb(OLD) - ARRAY['left_at', 'is_primary_contact'])
  EXECUTE FUNCTION agency.record_is_open('participant');

REVOKE ALL ON FUNCTION agency.record_is_open() FROM PUBLIC;
