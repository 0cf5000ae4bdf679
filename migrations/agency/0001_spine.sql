-- One agency's records. Every column that can hold a person's identity or
-- words ends in _sealed and holds an envelope of keyring; _hash columns are
-- keyed hashes of unique values for exact look-up before sign-in.
-- Ids are UUIDv7 made by the application: an envelope is bound to its row's id.

CREATE TABLE agency.settings (
  name       text PRIMARY KEY,
  value      jsonb NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  updated_by uuid
);

CREATE TABLE agency.staff (
  id                   uuid PRIMARY KEY,
  display_name_sealed  bytea NOT NULL,
  email_sealed         bytea,
  email_hash           bytea UNIQUE,
  username_sealed      bytea,
  username_hash        bytea UNIQUE,
  password_hash_sealed bytea,          -- NULL: cannot sign in with a password
  is_admin             boolean NOT NULL DEFAULT false,
  status               text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'deactivated')),
  language             text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'fr')),
  is_demo              boolean NOT NULL,
  last_sign_in_at      timestamptz,
  sessions_from        timestamptz,    -- sessions that began before are over; NULL: none is
  created_at           timestamptz NOT NULL DEFAULT now(),
  updated_at           timestamptz NOT NULL DEFAULT now(),
  version              integer NOT NULL DEFAULT 1,
  CHECK (email_hash IS NOT NULL OR username_hash IS NOT NULL)
);

CREATE TABLE agency.programs (
  id              uuid PRIMARY KEY,
  name_en         text NOT NULL,
  name_fr         text NOT NULL,
  description_en  text NOT NULL DEFAULT '',
  description_fr  text NOT NULL DEFAULT '',
  service_model   text NOT NULL CHECK (service_model IN ('individual', 'group', 'both')),
  status          text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived')),
  is_confidential boolean NOT NULL DEFAULT false,
  colour          text NOT NULL DEFAULT 'teal',
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  updated_by      uuid,
  version         integer NOT NULL DEFAULT 1
);

-- A program that was confidential stays so: people were promised it.
CREATE FUNCTION agency.keep_confidential() RETURNS trigger LANGUAGE plpgsql SET search_path TO '' AS $$
BEGIN
  IF OLD.is_confidential AND NOT NEW.is_confidential THEN
    RAISE EXCEPTION 'a confidential program stays confidential' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_confidential BEFORE UPDATE ON agency.programs
  FOR EACH ROW EXECUTE FUNCTION agency.keep_confidential();

CREATE TABLE agency.program_roles (
  staff_id   uuid NOT NULL REFERENCES agency.staff (id),
  program_id uuid NOT NULL REFERENCES agency.programs (id),
  role       text NOT NULL CHECK (role IN ('front_desk', 'direct_service', 'program_manager', 'executive')),
  status     text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'removed')),
  granted_at timestamptz NOT NULL DEFAULT now(),
  granted_by uuid,
  removed_at timestamptz,
  PRIMARY KEY (staff_id, program_id)
);
CREATE INDEX program_roles_program ON agency.program_roles (program_id);

CREATE TABLE agency.participants (
  id                    uuid PRIMARY KEY,
  first_name_sealed     bytea NOT NULL,
  preferred_name_sealed bytea,
  middle_name_sealed    bytea,
  last_name_sealed      bytea NOT NULL,
  pronouns_sealed       bytea,
  birth_date_sealed     bytea, -- a calendar date, 2006-01-02
  phone_sealed          bytea,
  email_sealed          bytea,
  address_sealed        bytea,
  record_id_sealed      bytea,
  status                text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive', 'discharged')),
  language              text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'fr')),
  is_demo               boolean NOT NULL,
  search_epoch          bigint NOT NULL, -- when this row last changed what can be searched
  created_at            timestamptz NOT NULL DEFAULT now(),
  created_by            uuid,
  updated_at            timestamptz NOT NULL DEFAULT now(),
  updated_by            uuid,
  version               integer NOT NULL DEFAULT 1
);
CREATE INDEX participants_search_epoch ON agency.participants (search_epoch);

-- One row: each change of what can be searched takes the next number and holds
-- the row until it commits, so the order of numbers is the order of commits.
CREATE TABLE agency.search_epoch (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  n        bigint NOT NULL DEFAULT 0
);
INSERT INTO agency.search_epoch DEFAULT VALUES;

CREATE TABLE agency.enrolments (
  id                   uuid PRIMARY KEY,
  participant_id       uuid NOT NULL REFERENCES agency.participants (id),
  program_id           uuid NOT NULL REFERENCES agency.programs (id),
  status               text NOT NULL CHECK (status IN ('planned', 'waitlist', 'active', 'on_hold', 'finished', 'cancelled')),
  started_on           date,
  ended_on             date,
  created_at           timestamptz NOT NULL DEFAULT now(),
  updated_at           timestamptz NOT NULL DEFAULT now(),
  version              integer NOT NULL DEFAULT 1
);
CREATE INDEX enrolments_participant ON agency.enrolments (participant_id);
CREATE INDEX enrolments_program ON agency.enrolments (program_id, status);
-- At most one open enrolment of a person in a program.
CREATE UNIQUE INDEX enrolments_open ON agency.enrolments (participant_id, program_id)
  WHERE status IN ('planned', 'waitlist', 'active', 'on_hold');

CREATE TABLE agency.enrolment_changes (
  id            uuid PRIMARY KEY,
  enrolment_id  uuid NOT NULL REFERENCES agency.enrolments (id),
  status        text NOT NULL,
  reason_sealed bytea,
  changed_at    timestamptz NOT NULL DEFAULT now(),
  changed_by    uuid
);
CREATE INDEX enrolment_changes_enrolment ON agency.enrolment_changes (enrolment_id, changed_at);

-- No path may change an enrolment's status without its history: the database
-- refuses the commit if the last change on record says something else.
CREATE FUNCTION agency.enrolment_has_history() RETURNS trigger LANGUAGE plpgsql SET search_path TO '' AS $$
DECLARE is_recorded boolean;
BEGIN
  -- As it stands at the commit: a transaction may change an enrolment twice.
  SELECT e.status IS NOT DISTINCT FROM (SELECT c.status FROM agency.enrolment_changes c
           WHERE c.enrolment_id = e.id ORDER BY c.changed_at DESC, c.id DESC LIMIT 1)
    INTO is_recorded FROM agency.enrolments e WHERE e.id = NEW.id;
  IF NOT is_recorded THEN
    RAISE EXCEPTION 'an enrolment changed its status without a record of the change' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER enrolment_has_history AFTER INSERT OR UPDATE OF status ON agency.enrolments
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION agency.enrolment_has_history();

CREATE TABLE agency.notes (
  id              uuid PRIMARY KEY,
  participant_id  uuid NOT NULL REFERENCES agency.participants (id),
  program_id      uuid NOT NULL REFERENCES agency.programs (id),
  author_id       uuid NOT NULL REFERENCES agency.staff (id),
  author_role     text NOT NULL,
  kind            text NOT NULL DEFAULT 'quick' CHECK (kind IN ('quick')),
  interaction     text NOT NULL CHECK (interaction IN
                  ('session', 'group', 'phone', 'text', 'email', 'collateral', 'home_visit', 'admin', 'other')),
  outcome         text CHECK (outcome IN ('reached', 'left_message', 'no_answer')),
  text_sealed     bytea,
  takeaway_sealed bytea,
  made_together   boolean NOT NULL DEFAULT false,
  happened_on     date NOT NULL, -- when it happened, a calendar date; earlier than created_at when backdated
  follow_up_on    date,
  followed_up_at  timestamptz,
  created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX notes_participant ON agency.notes (participant_id, happened_on DESC, id DESC);
CREATE INDEX notes_author ON agency.notes (author_id, created_at DESC);
CREATE INDEX notes_follow_up ON agency.notes (author_id, follow_up_on) WHERE follow_up_on IS NOT NULL AND followed_up_at IS NULL;

-- The people a worker opened last, for the home page.
CREATE TABLE agency.recents (
  staff_id       uuid NOT NULL REFERENCES agency.staff (id),
  participant_id uuid NOT NULL REFERENCES agency.participants (id),
  viewed_at      timestamptz NOT NULL,
  PRIMARY KEY (staff_id, participant_id)
);

-- What the agency's role may do. Records are never deleted in normal use, and
-- a note is never rewritten: the database knows that too.
GRANT SELECT, INSERT, UPDATE ON agency.settings, agency.staff, agency.programs, agency.program_roles,
  agency.participants, agency.enrolments TO agency_role;
GRANT SELECT, UPDATE ON agency.search_epoch TO agency_role;
GRANT SELECT, INSERT ON agency.enrolment_changes, agency.notes TO agency_role;
GRANT UPDATE (followed_up_at) ON agency.notes TO agency_role;
GRANT SELECT, INSERT, UPDATE, DELETE ON agency.recents TO agency_role;
