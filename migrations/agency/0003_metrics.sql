-- What is measured. A metric's names and limits are the agency's, not a person's, and
-- may be read as they are; what a person answered is in metric_values: a number, or,
-- where it is words, sealed.

CREATE TABLE agency.metrics (
  id             uuid PRIMARY KEY,
  library_key    text UNIQUE,            -- its name in the library; NULL: the agency's own
  kind           text NOT NULL CHECK (kind IN ('scale', 'achievement', 'open_text')),
  counts         text CHECK (counts IN ('sessions')), -- counted by KoNote, never typed; NULL: typed
  category       text NOT NULL CHECK (category IN
                 ('mental_health', 'housing', 'employment', 'youth', 'general', 'universal', 'experience', 'custom')),
  name_en        text NOT NULL,
  name_fr        text NOT NULL,
  definition_en  text NOT NULL DEFAULT '',
  definition_fr  text NOT NULL DEFAULT '',
  unit_en        text NOT NULL DEFAULT '',
  unit_fr        text NOT NULL DEFAULT '',
  low            numeric,                -- no value below is possible
  high           numeric,
  warn_low       numeric,                -- a value below is unusual: one confirmation
  warn_high      numeric,
  unlikely_low   numeric,                -- a value below is very unlikely: two confirmations
  unlikely_high  numeric,
  decimals       smallint NOT NULL DEFAULT 0 CHECK (decimals BETWEEN 0 AND 2),
  better         text NOT NULL DEFAULT 'higher' CHECK (better IN ('higher', 'lower')),
  goal           numeric,                -- what a new target takes as its goal; never the maximum by itself
  bands          jsonb NOT NULL DEFAULT '[]', -- [{"from":5,"to":9,"en":"Mild","fr":"Léger"}]
  options        jsonb NOT NULL DEFAULT '[]', -- answers in words: [{"value":1,"en":"…","fr":"…","achieved":true}]
  is_universal   boolean NOT NULL DEFAULT false, -- part of every plan
  cadence_notes  smallint NOT NULL DEFAULT 1 CHECK (cadence_notes BETWEEN 1 AND 52), -- asked in every n-th full note
  review_days    smallint NOT NULL DEFAULT 90 CHECK (review_days BETWEEN 7 AND 730),
  program_id     uuid REFERENCES agency.programs (id), -- whose it is; NULL: the whole agency's
  status         text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived')),
  created_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now(),
  updated_by     uuid,
  version        integer NOT NULL DEFAULT 1,
  CHECK (low IS NULL OR high IS NULL OR low < high),
  CHECK (warn_low IS NULL OR unlikely_low IS NULL OR unlikely_low <= warn_low),
  CHECK (warn_high IS NULL OR unlikely_high IS NULL OR warn_high <= unlikely_high)
);

-- Values that somebody was asked to confirm: kept or corrected. It shows which limits
-- are drawn too tightly, and names no participant.
CREATE TABLE agency.metric_checks (
  id         uuid PRIMARY KEY,
  metric_id  uuid NOT NULL REFERENCES agency.metrics (id),
  entered    numeric NOT NULL,
  bound      numeric NOT NULL,           -- the limit that it passed
  level      smallint NOT NULL CHECK (level IN (1, 2)), -- 1 unusual, 2 very unlikely
  was_kept   boolean NOT NULL,
  staff_id   uuid NOT NULL REFERENCES agency.staff (id),
  checked_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX metric_checks_metric ON agency.metric_checks (metric_id, checked_at DESC);

GRANT SELECT, INSERT, UPDATE ON agency.metrics TO agency_role;
GRANT SELECT, INSERT ON agency.metric_checks TO agency_role;
