-- A measure can be taken by itself, apart from goals: when somebody begins, every so many
-- days, when she leaves. The times stand ready; none counts until the agency says that the
-- measure is taken so.
ALTER TABLE agency.metrics
  ADD COLUMN is_assessment boolean NOT NULL DEFAULT false,
  ADD COLUMN at_intake     boolean NOT NULL DEFAULT true,
  ADD COLUMN every_days    smallint DEFAULT 90 CHECK (every_days BETWEEN 7 AND 730), -- NULL: not again and again
  ADD COLUMN at_discharge  boolean NOT NULL DEFAULT true,
  ADD COLUMN assessed_in   uuid[] NOT NULL DEFAULT '{}'; -- programs; none: every program that has the measure

-- What a note of that kind measured has no target.
ALTER TABLE agency.notes
  DROP CONSTRAINT notes_kind_check,
  ADD CONSTRAINT notes_kind_check CHECK (kind IN ('quick', 'full', 'assessment'));
