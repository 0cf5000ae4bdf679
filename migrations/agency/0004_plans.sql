-- Plans: what a participant and the people around her work towards. A target belongs to
-- the program of its section.

CREATE TABLE agency.plan_sections (
  id                   uuid PRIMARY KEY,
  participant_id       uuid NOT NULL REFERENCES agency.participants (id),
  program_id           uuid NOT NULL REFERENCES agency.programs (id),
  name_sealed          bytea,           -- NULL: the program's plain list of goals
  status               text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'completed', 'closed')),
  status_reason_sealed bytea,
  position             integer NOT NULL DEFAULT 0,
  created_at           timestamptz NOT NULL DEFAULT now(),
  created_by           uuid,
  updated_at           timestamptz NOT NULL DEFAULT now(),
  updated_by           uuid,
  version              integer NOT NULL DEFAULT 1
);
CREATE INDEX plan_sections_participant ON agency.plan_sections (participant_id);
-- A program has one plain list of a participant's goals.
CREATE UNIQUE INDEX plan_sections_plain ON agency.plan_sections (participant_id, program_id) WHERE name_sealed IS NULL;

CREATE TABLE agency.targets (
  id                        uuid PRIMARY KEY,
  section_id                uuid NOT NULL REFERENCES agency.plan_sections (id),
  participant_id            uuid NOT NULL REFERENCES agency.participants (id),
  name_sealed               bytea NOT NULL,
  description_sealed        bytea,
  words_sealed              bytea,      -- the goal as the participant said it
  status                    text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'on_hold', 'completed', 'closed')),
  status_reason_sealed      bytea,
  set_by                    text NOT NULL DEFAULT 'joint' CHECK (set_by IN ('participant', 'worker', 'joint', 'funder')),
  target_on                 date,
  achievement               text NOT NULL DEFAULT 'in_progress' CHECK (achievement IN
                            ('in_progress', 'improving', 'worsening', 'no_change', 'achieved', 'sustaining', 'not_achieved', 'not_attainable')),
  achievement_by            text NOT NULL DEFAULT 'computed' CHECK (achievement_by IN ('computed', 'worker')),
  achievement_reason_sealed bytea,
  achievement_at            timestamptz,
  first_achieved_at         timestamptz, -- never cleared
  position                  integer NOT NULL DEFAULT 0,
  created_at                timestamptz NOT NULL DEFAULT now(),
  created_by                uuid,
  updated_at                timestamptz NOT NULL DEFAULT now(),
  updated_by                uuid,
  version                   integer NOT NULL DEFAULT 1
);
CREATE INDEX targets_participant ON agency.targets (participant_id);
CREATE INDEX targets_section ON agency.targets (section_id);

-- Every version of a target, whole, as it stood after the change.
CREATE TABLE agency.target_revisions (
  id             uuid PRIMARY KEY,
  target_id      uuid NOT NULL REFERENCES agency.targets (id),
  version        integer NOT NULL,
  content_sealed bytea NOT NULL,
  changed_at     timestamptz NOT NULL DEFAULT now(),
  changed_by     uuid,
  UNIQUE (target_id, version)
);

-- No path may change a target without its history. What is computed from notes
-- (achievement, achievement_at, first_achieved_at) and the order are not part of it.
CREATE FUNCTION agency.target_has_revision() RETURNS trigger LANGUAGE plpgsql SET search_path TO '' AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM agency.target_revisions r JOIN agency.targets t ON t.id = r.target_id AND t.version = r.version
                 WHERE t.id = NEW.id) THEN
    RAISE EXCEPTION 'a target was changed without a record of the change' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER target_has_revision AFTER INSERT OR UPDATE OF version, name_sealed, description_sealed, words_sealed,
    status, status_reason_sealed, set_by, target_on, section_id, achievement_by, achievement_reason_sealed ON agency.targets
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION agency.target_has_revision();

-- The first metric of a target (by position) is the one that its achievement is
-- computed from.
CREATE TABLE agency.target_metrics (
  id          uuid PRIMARY KEY,
  target_id   uuid NOT NULL REFERENCES agency.targets (id),
  metric_id   uuid NOT NULL REFERENCES agency.metrics (id),
  goal        numeric,                  -- what is hoped for, on the metric's own scale; NULL: none is set
  position    integer NOT NULL DEFAULT 0,
  assigned_on date NOT NULL,
  reviewed_on date NOT NULL,            -- when somebody last said that it is still the right one
  removed_at  timestamptz,
  UNIQUE (target_id, metric_id)
);

-- Plans to begin from. The agency's own words, about nobody.
CREATE TABLE agency.plan_templates (
  id         uuid PRIMARY KEY,
  program_id uuid REFERENCES agency.programs (id), -- whose it is; NULL: the whole agency's
  name_en    text NOT NULL,
  name_fr    text NOT NULL,
  body       jsonb NOT NULL,            -- sections with their targets and metrics, in both languages
  status     text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived')),
  updated_at timestamptz NOT NULL DEFAULT now(),
  updated_by uuid,
  version    integer NOT NULL DEFAULT 1
);

GRANT SELECT, INSERT, UPDATE ON agency.plan_sections, agency.targets, agency.target_metrics, agency.plan_templates TO agency_role;
GRANT SELECT, INSERT ON agency.target_revisions TO agency_role;
REVOKE ALL ON FUNCTION agency.target_has_revision() FROM PUBLIC;
