-- Groups that meet and projects that a group works on; circles: the family or network
-- around people.

CREATE TABLE agency.groups (
  id                 uuid PRIMARY KEY,
  program_id         uuid NOT NULL REFERENCES agency.programs (id),
  kind               text NOT NULL DEFAULT 'group' CHECK (kind IN ('group', 'project')),
  name_sealed        bytea NOT NULL,
  description_sealed bytea,
  status             text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived')),
  created_at         timestamptz NOT NULL DEFAULT now(),
  created_by         uuid,
  updated_at         timestamptz NOT NULL DEFAULT now(),
  updated_by         uuid,
  version            integer NOT NULL DEFAULT 1
);
CREATE INDEX groups_program ON agency.groups (program_id);

CREATE TABLE agency.group_members (
  id             uuid PRIMARY KEY,
  group_id       uuid NOT NULL REFERENCES agency.groups (id),
  participant_id uuid REFERENCES agency.participants (id),
  name_sealed    bytea,                 -- of somebody who is no participant
  role           text NOT NULL DEFAULT 'member' CHECK (role IN ('member', 'leader')),
  joined_on      date NOT NULL,
  left_on        date,                  -- the last day
  CHECK ((participant_id IS NULL) <> (name_sealed IS NULL)),
  CHECK (left_on >= joined_on)
);
CREATE UNIQUE INDEX group_members_current ON agency.group_members (group_id, participant_id) WHERE left_on IS NULL;
CREATE INDEX group_members_group ON agency.group_members (group_id);
CREATE INDEX group_members_participant ON agency.group_members (participant_id);

-- A group meets at most once a day. Whoever checks people in begins the session, and it
-- is logged by the one who led it.
CREATE TABLE agency.group_sessions (
  id             uuid PRIMARY KEY,
  group_id       uuid NOT NULL REFERENCES agency.groups (id),
  held_on        date NOT NULL,
  facilitator_id uuid REFERENCES agency.staff (id), -- NULL until it is logged
  mood           text CHECK (mood IN ('rough', 'low', 'solid', 'great')),
  text_sealed    bytea,
  created_at     timestamptz NOT NULL DEFAULT now(),
  created_by     uuid NOT NULL REFERENCES agency.staff (id),
  updated_at     timestamptz NOT NULL DEFAULT now(),
  updated_by     uuid,
  version        integer NOT NULL DEFAULT 1,
  UNIQUE (group_id, held_on),
  CHECK (facilitator_id IS NOT NULL OR (mood IS NULL AND text_sealed IS NULL))
);

CREATE TABLE agency.group_attendance (
  id               uuid PRIMARY KEY,
  session_id       uuid NOT NULL REFERENCES agency.group_sessions (id),
  member_id        uuid NOT NULL REFERENCES agency.group_members (id),
  was_present      boolean NOT NULL,
  highlight_sealed bytea,
  UNIQUE (session_id, member_id)
);
CREATE INDEX group_attendance_member ON agency.group_attendance (member_id);

CREATE TABLE agency.group_milestones (
  id          uuid PRIMARY KEY,
  group_id    uuid NOT NULL REFERENCES agency.groups (id),
  kind        text NOT NULL CHECK (kind IN ('milestone', 'outcome')),
  name_sealed bytea NOT NULL,
  text_sealed bytea,                    -- a milestone's notes, an outcome's evidence
  status      text NOT NULL DEFAULT 'not_started' CHECK (status IN ('not_started', 'in_progress', 'complete')),
  due_on      date,
  updated_at  timestamptz NOT NULL DEFAULT now(),
  updated_by  uuid,
  version     integer NOT NULL DEFAULT 1
);
CREATE INDEX group_milestones_group ON agency.group_milestones (group_id);

-- A circle is kept in the program in which it was made: that of a confidential program is
-- seen by nobody outside it.
CREATE TABLE agency.circles (
  id          uuid PRIMARY KEY,
  program_id  uuid NOT NULL REFERENCES agency.programs (id),
  name_sealed bytea NOT NULL,
  status      text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived')),
  created_at  timestamptz NOT NULL DEFAULT now(),
  created_by  uuid,
  updated_at  timestamptz NOT NULL DEFAULT now(),
  updated_by  uuid,
  version     integer NOT NULL DEFAULT 1
);

CREATE TABLE agency.circle_members (
  id                  uuid PRIMARY KEY,
  circle_id           uuid NOT NULL REFERENCES agency.circles (id),
  participant_id      uuid REFERENCES agency.participants (id),
  name_sealed         bytea,            -- of somebody who is no participant
  relationship_sealed bytea,
  is_primary_contact  boolean NOT NULL DEFAULT false,
  joined_at           timestamptz NOT NULL DEFAULT now(),
  left_at             timestamptz,
  CHECK ((participant_id IS NULL) <> (name_sealed IS NULL))
);
CREATE UNIQUE INDEX circle_members_current ON agency.circle_members (circle_id, participant_id) WHERE left_at IS NULL;
CREATE INDEX circle_members_participant ON agency.circle_members (participant_id);
CREATE INDEX circle_members_circle ON agency.circle_members (circle_id);

ALTER TABLE agency.notes ADD CONSTRAINT notes_circle FOREIGN KEY (circle_id) REFERENCES agency.circles (id);

GRANT SELECT, INSERT, UPDATE ON agency.groups, agency.group_members, agency.group_sessions, agency.group_attendance,
  agency.group_milestones, agency.circles, agency.circle_members TO agency_role;
