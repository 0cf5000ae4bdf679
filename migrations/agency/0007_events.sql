-- What happened to a participant or is going to: events, meetings, and the alerts that
-- keep people safe.

CREATE TABLE agency.event_types (
  id          uuid PRIMARY KEY,
  library_key text UNIQUE,              -- NULL: the agency's own
  name_en     text NOT NULL,
  name_fr     text NOT NULL,
  severity    smallint CHECK (severity BETWEEN 1 AND 3), -- of a serious reportable event: 1 at once, 2 within 24 hours, 3 within 7 days; NULL: an ordinary one
  program_id  uuid REFERENCES agency.programs (id),
  position    integer NOT NULL DEFAULT 0,
  status      text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived')),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  updated_by  uuid,
  version     integer NOT NULL DEFAULT 1
);

CREATE TABLE agency.events (
  id                    uuid PRIMARY KEY,
  participant_id        uuid NOT NULL REFERENCES agency.participants (id),
  program_id            uuid NOT NULL REFERENCES agency.programs (id),
  author_id             uuid NOT NULL REFERENCES agency.staff (id),
  author_role           text NOT NULL,
  kind                  text NOT NULL CHECK (kind IN ('event', 'meeting')),
  type_id               uuid REFERENCES agency.event_types (id),
  title_sealed          bytea,          -- NULL: a meeting that is about nothing in particular
  description_sealed    bytea,
  happened_on           date NOT NULL,  -- the calendar day in the agency's time zone
  ends_on               date,           -- NULL: the same day
  starts_at             timestamptz,    -- NULL: all day
  ends_at               timestamptz,
  note_id               uuid REFERENCES agency.notes (id),
  serious_type_id       uuid REFERENCES agency.event_types (id), -- a serious reportable event
  flagged_at            timestamptz,
  flagged_by            uuid,
  unflagged_at          timestamptz,
  unflagged_by          uuid,
  unflag_reason_sealed  bytea,
  told                  uuid[] NOT NULL DEFAULT '{}', -- staff who were sent word of the flag
  location_sealed       bytea,          -- from here on: of a meeting
  attendees             uuid[] NOT NULL DEFAULT '{}', -- staff
  status                text CHECK (status IN ('scheduled', 'completed', 'cancelled', 'no_show')),
  reminder              text CHECK (reminder IN ('waiting', 'sent', 'failed', 'blocked', 'no_consent', 'no_contact')),
  reminder_problem      text CHECK (reminder_problem IN ('no_server', 'refused', 'unreachable', 'too_late')), -- why it failed
  reminded_at           timestamptz,    -- when it was sent; while it waits, when sending began
  created_at            timestamptz NOT NULL DEFAULT now(),
  updated_at            timestamptz NOT NULL DEFAULT now(),
  updated_by            uuid,
  version               integer NOT NULL DEFAULT 1,
  CHECK ((kind = 'meeting') = (status IS NOT NULL)),
  CHECK (kind = 'meeting' OR title_sealed IS NOT NULL),
  CHECK (ends_on IS NULL OR ends_on > happened_on),
  CHECK (kind <> 'meeting' OR starts_at IS NOT NULL),
  CHECK (ends_at IS NULL OR ends_at > starts_at)
);
CREATE INDEX events_participant ON agency.events (participant_id, happened_on DESC, id DESC);
CREATE INDEX events_meetings ON agency.events (starts_at) WHERE kind = 'meeting';
CREATE INDEX events_serious ON agency.events (flagged_at DESC) WHERE serious_type_id IS NOT NULL;

-- An alert is never rewritten: it is ended, and its words stay.
CREATE TABLE agency.alerts (
  id                   uuid PRIMARY KEY,
  participant_id       uuid NOT NULL REFERENCES agency.participants (id),
  program_id           uuid NOT NULL REFERENCES agency.programs (id),
  author_id            uuid NOT NULL REFERENCES agency.staff (id),
  content_sealed       bytea NOT NULL,
  status               text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'cancelled')),
  created_at           timestamptz NOT NULL DEFAULT now(),
  cancelled_at         timestamptz,
  cancelled_by         uuid REFERENCES agency.staff (id),
  cancel_reason_sealed bytea,           -- NULL: a recommendation was approved, whose words say why
  CHECK ((status = 'cancelled') = (cancelled_by IS NOT NULL)),
  CHECK ((cancelled_at IS NULL) = (cancelled_by IS NULL)),
  CHECK (cancelled_by <> author_id)     -- it takes two
);
CREATE INDEX alerts_participant ON agency.alerts (participant_id);
CREATE INDEX alerts_program ON agency.alerts (program_id, id);

CREATE TABLE agency.alert_recommendations (
  id                uuid PRIMARY KEY,
  alert_id          uuid NOT NULL REFERENCES agency.alerts (id),
  recommended_by    uuid NOT NULL REFERENCES agency.staff (id),
  assessment_sealed bytea NOT NULL,
  status            text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'approved', 'rejected')),
  reviewed_by       uuid REFERENCES agency.staff (id),
  review_sealed     bytea,
  created_at        timestamptz NOT NULL DEFAULT now(),
  reviewed_at       timestamptz,
  CHECK ((status = 'pending') = (reviewed_by IS NULL)),
  CHECK ((status = 'pending') = (review_sealed IS NULL)),
  CHECK ((reviewed_at IS NULL) = (reviewed_by IS NULL)),
  CHECK (reviewed_by <> recommended_by) -- it takes two
);
CREATE UNIQUE INDEX alert_recommendations_pending ON agency.alert_recommendations (alert_id) WHERE status = 'pending';
CREATE INDEX alert_recommendations_alert ON agency.alert_recommendations (alert_id);

-- Whoever made an alert does not decide on its end, whoever recommended it. What was
-- decided stays decided.
CREATE FUNCTION agency.alert_review_takes_two() RETURNS trigger LANGUAGE plpgsql SET search_path TO '' AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.status <> 'pending' THEN
    RAISE EXCEPTION 'the recommendation is decided' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.status <> 'pending' AND EXISTS (SELECT FROM agency.alerts a WHERE a.id = NEW.alert_id AND a.author_id = NEW.reviewed_by) THEN
    RAISE EXCEPTION 'whoever made an alert does not decide on its end' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER alert_review_takes_two BEFORE INSERT OR UPDATE ON agency.alert_recommendations
  FOR EACH ROW EXECUTE FUNCTION agency.alert_review_takes_two();

-- An alert that has ended has no recommendation that still waits, so nobody ends it past
-- one, and with an approved one it has ended. Looked at as the transaction ends.
CREATE FUNCTION agency.alert_end_is_decided() RETURNS trigger LANGUAGE plpgsql SET search_path TO '' AS $$
BEGIN
  IF EXISTS (SELECT FROM agency.alerts a JOIN agency.alert_recommendations r ON r.alert_id = a.id
             WHERE a.id = coalesce(to_jsonb(NEW) ->> 'alert_id', to_jsonb(NEW) ->> 'id')::uuid
               AND ((a.status = 'active' AND r.status = 'approved') OR (a.status = 'cancelled' AND r.status = 'pending'))) THEN
    RAISE EXCEPTION 'an alert and the recommendation of its end do not agree' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER alert_end_is_decided AFTER UPDATE ON agency.alerts DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION agency.alert_end_is_decided();
CREATE CONSTRAINT TRIGGER alert_end_is_decided AFTER INSERT OR UPDATE ON agency.alert_recommendations DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION agency.alert_end_is_decided();

CREATE FUNCTION agency.alert_stays_ended() RETURNS trigger LANGUAGE plpgsql SET search_path TO '' AS $$
BEGIN
  RAISE EXCEPTION 'the alert has ended' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER alert_stays_ended BEFORE UPDATE ON agency.alerts
  FOR EACH ROW WHEN (OLD.status = 'cancelled') EXECUTE FUNCTION agency.alert_stays_ended();

-- A calendar that a worker's own program reads. The token is kept as its hash.
CREATE TABLE agency.calendar_feeds (
  staff_id     uuid PRIMARY KEY REFERENCES agency.staff (id),
  token_hash   bytea NOT NULL UNIQUE,
  created_at   timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz
);

GRANT SELECT, INSERT, UPDATE ON agency.event_types, agency.events TO agency_role;
GRANT SELECT, INSERT ON agency.alerts, agency.alert_recommendations TO agency_role;
GRANT UPDATE (status, cancelled_at, cancelled_by, cancel_reason_sealed) ON agency.alerts TO agency_role;
GRANT UPDATE (status, reviewed_by, review_sealed, reviewed_at) ON agency.alert_recommendations TO agency_role;
GRANT SELECT, INSERT, UPDATE, DELETE ON agency.calendar_feeds TO agency_role;
REVOKE ALL ON FUNCTION agency.alert_review_takes_two(), agency.alert_end_is_decided(), agency.alert_stays_ended() FROM PUBLIC;
