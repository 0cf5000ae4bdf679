-- Contacts with a participant, the messages that are left for those who work with her,
-- and how she wants to be reached.

CREATE TABLE agency.contacts (
  id             uuid PRIMARY KEY,
  participant_id uuid NOT NULL REFERENCES agency.participants (id),
  program_id     uuid NOT NULL REFERENCES agency.programs (id),
  logged_by      uuid NOT NULL REFERENCES agency.staff (id),
  logged_role    text NOT NULL,
  direction      text NOT NULL CHECK (direction IN ('out', 'in')),
  channel        text NOT NULL CHECK (channel IN ('phone', 'text', 'email', 'in_person', 'letter', 'other')),
  outcome        text NOT NULL CHECK (outcome IN ('reached', 'left_message', 'no_answer', 'wrong_contact', 'declined')),
  subject_sealed bytea,
  text_sealed    bytea,
  happened_on    date NOT NULL,
  created_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX contacts_participant ON agency.contacts (participant_id, happened_on DESC, id DESC);

CREATE TABLE agency.messages (
  id             uuid PRIMARY KEY,
  participant_id uuid NOT NULL REFERENCES agency.participants (id),
  program_id     uuid NOT NULL REFERENCES agency.programs (id),
  left_by        uuid NOT NULL REFERENCES agency.staff (id),
  for_staff      uuid REFERENCES agency.staff (id), -- NULL: whoever works with her in the program
  text_sealed    bytea NOT NULL,
  is_urgent      boolean NOT NULL DEFAULT false,
  created_at     timestamptz NOT NULL DEFAULT now(),
  read_at        timestamptz,
  read_by        uuid,
  archived_at    timestamptz
);
-- What the badge on every page counts.
CREATE INDEX messages_waiting ON agency.messages (program_id, for_staff) WHERE read_at IS NULL;
CREATE INDEX messages_participant ON agency.messages (participant_id);

ALTER TABLE agency.participants
  ADD COLUMN contact_by            text CHECK (contact_by IN ('phone', 'text', 'email', 'in_person', 'none')), -- NULL: nobody asked yet
  ADD COLUMN contact_times_sealed  bytea, -- when it is safe, in words
  ADD COLUMN contact_advice_sealed bytea; -- what to mind, such as no messages on this phone

GRANT SELECT, INSERT ON agency.contacts TO agency_role;
GRANT SELECT, INSERT ON agency.messages TO agency_role;
GRANT UPDATE (read_at, read_by, archived_at) ON agency.messages TO agency_role;
