-- What somebody has begun to type: one row for each person, form, record and window in
-- which it was typed, all of it sealed. Windows never write into each other's rows, so
-- that none overwrites another one. The content goes in the transaction that saves the
-- form; the row stays for a day, so that a save that arrives late does not bring it back.

CREATE TABLE agency.drafts (
  id             uuid PRIMARY KEY,      -- made of the four that follow
  staff_id       uuid NOT NULL REFERENCES agency.staff (id),
  form           text NOT NULL,         -- which form, such as note.full
  record_id      uuid NOT NULL,         -- what it is about: a participant for a new note, a target for its form; zeros for nothing
  window_id      uuid NOT NULL,         -- which opening of the form
  sequence       bigint NOT NULL,       -- of the window's saves: an older one that arrives late is not kept
  participant_id uuid,                  -- whose record it is in, for the list of drafts; whoever may not reach it is told of nobody
  is_confidential boolean NOT NULL DEFAULT false, -- touches a confidential program, for the audit log
  content_sealed bytea,                 -- NULL: another window went on with it, or it is finished
  is_finished    boolean NOT NULL DEFAULT false, -- saved or discarded
  begun_at       timestamptz NOT NULL,
  saved_at       timestamptz NOT NULL,
  CHECK (NOT is_finished OR content_sealed IS NULL)
);

CREATE INDEX drafts_of_a_form ON agency.drafts (staff_id, form, record_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON agency.drafts TO agency_role;
