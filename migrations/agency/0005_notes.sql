-- Full notes: what was said about each target, and the numbers. Notes are signed when
-- they are saved. What has to be put right is added to them; a note that should not be
-- is cancelled with a reason and stays.

CREATE TABLE agency.note_templates (
  id          uuid PRIMARY KEY,
  program_id  uuid REFERENCES agency.programs (id), -- whose it is; NULL: the whole agency's
  name_en     text NOT NULL,
  name_fr     text NOT NULL,
  interaction text,                     -- chosen when the form opens; NULL: session
  body        jsonb NOT NULL,           -- its sections, in both languages: basic (words) or plan (targets)
  status      text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived')),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  updated_by  uuid,
  version     integer NOT NULL DEFAULT 1
);

ALTER TABLE agency.notes
  DROP CONSTRAINT notes_kind_check,
  ADD CONSTRAINT notes_kind_check CHECK (kind IN ('quick', 'full')),
  ADD COLUMN template_id          uuid REFERENCES agency.note_templates (id),
  ADD COLUMN sections_sealed      bytea, -- what was written below the template's headings, with the headings
  ADD COLUMN summary_sealed       bytea,
  ADD COLUMN suggestion_sealed    bytea, -- the participant's, as is takeaway_sealed
  ADD COLUMN suggestion_weight    text CHECK (suggestion_weight IN ('noted', 'worth_exploring', 'important', 'urgent')),
  ADD COLUMN engagement           text CHECK (engagement IN
                                  ('disengaged', 'guarded', 'motions', 'engaged', 'valuing', 'unsure')),
  ADD COLUMN alliance             smallint CHECK (alliance BETWEEN 1 AND 5),
  ADD COLUMN alliance_by          text CHECK (alliance_by IN ('participant', 'worker')),
  ADD COLUMN alliance_prompt      smallint, -- which of the rotating questions was asked
  ADD COLUMN duration_minutes     smallint CHECK (duration_minutes BETWEEN 1 AND 1440),
  ADD COLUMN modality             text CHECK (modality IN ('in_person', 'phone', 'video', 'text', 'in_community')),
  ADD COLUMN circle_id            uuid,
  ADD COLUMN cancelled_at         timestamptz,
  ADD COLUMN cancelled_by         uuid,
  ADD COLUMN cancel_reason_sealed bytea,
  ADD CHECK ((cancelled_at IS NULL) = (cancelled_by IS NULL) AND (cancelled_at IS NULL) = (cancel_reason_sealed IS NULL));
-- How often a measure is asked, and the question about working together that comes next.
CREATE INDEX notes_full ON agency.notes (participant_id, program_id, happened_on DESC, id DESC) WHERE kind = 'full' AND cancelled_at IS NULL;

CREATE TABLE agency.note_targets (
  id           uuid PRIMARY KEY,
  note_id      uuid NOT NULL REFERENCES agency.notes (id),
  target_id    uuid NOT NULL REFERENCES agency.targets (id),
  text_sealed  bytea,                   -- the worker's
  words_sealed bytea,                   -- the participant's
  descriptor   text CHECK (descriptor IN ('harder', 'holding', 'shifting', 'good_place')),
  happened_on  date NOT NULL,           -- the note's day, so that the last word about a target is found at once
  UNIQUE (note_id, target_id)
);
CREATE INDEX note_targets_target ON agency.note_targets (target_id, happened_on, id);

CREATE TABLE agency.metric_values (
  id             uuid PRIMARY KEY,
  note_id        uuid NOT NULL REFERENCES agency.notes (id),
  participant_id uuid NOT NULL REFERENCES agency.participants (id),
  target_id      uuid REFERENCES agency.targets (id), -- NULL: asked once for several targets of the note's program
  metric_id      uuid NOT NULL REFERENCES agency.metrics (id),
  value          numeric,               -- a number, or the value of an answer
  words_sealed   bytea,                 -- an answer in words
  taken_on       date NOT NULL,         -- the note's day
  confirmed      smallint NOT NULL DEFAULT 0 CHECK (confirmed BETWEEN 0 AND 2), -- 1 though unusual, 2 though very unlikely
  CHECK ((value IS NULL) <> (words_sealed IS NULL)),
  UNIQUE NULLS NOT DISTINCT (note_id, target_id, metric_id)
);
CREATE INDEX metric_values_participant ON agency.metric_values (participant_id, metric_id, taken_on, id);

CREATE TABLE agency.note_addenda (
  id          uuid PRIMARY KEY,
  note_id     uuid NOT NULL REFERENCES agency.notes (id),
  author_id   uuid NOT NULL REFERENCES agency.staff (id),
  author_role text NOT NULL,
  text_sealed bytea NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX note_addenda_note ON agency.note_addenda (note_id);

-- A search through the notes of a program, done in the background: the words are
-- sealed, what was found is a list of ids.
CREATE TABLE agency.note_searches (
  id           uuid PRIMARY KEY,
  staff_id     uuid NOT NULL REFERENCES agency.staff (id),
  program_id   uuid NOT NULL REFERENCES agency.programs (id),
  words_sealed bytea NOT NULL,
  status       text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'running', 'done', 'failed')),
  total        integer NOT NULL DEFAULT 0,
  looked_at    integer NOT NULL DEFAULT 0,
  found        uuid[] NOT NULL DEFAULT '{}',
  created_at   timestamptz NOT NULL DEFAULT now(),
  finished_at  timestamptz
);
CREATE INDEX note_searches_staff ON agency.note_searches (staff_id, created_at DESC);

GRANT SELECT, INSERT, UPDATE ON agency.note_templates TO agency_role;
GRANT UPDATE (cancelled_at, cancelled_by, cancel_reason_sealed) ON agency.notes TO agency_role;
GRANT SELECT, INSERT ON agency.note_targets, agency.metric_values, agency.note_addenda TO agency_role;
GRANT SELECT, INSERT, UPDATE, DELETE ON agency.note_searches TO agency_role;
