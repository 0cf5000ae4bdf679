-- What somebody has begun to type: one draft for each person, form and record, all of it
-- sealed. It is deleted in the transaction that saves the form.

CREATE TABLE agency.drafts (
  id             uuid PRIMARY KEY,
  staff_id       uuid NOT NULL REFERENCES agency.staff (id),
  form           text NOT NULL,         -- which form, such as note.full
  record_id      uuid NOT NULL,         -- what it is about: a participant for a new note, a target for its form
  participant_id uuid,                  -- whose record it is in, for the list of drafts; whoever may not reach it is told of nobody
  address        text NOT NULL,         -- the page that goes on with it; ids, no words
  content_sealed bytea NOT NULL,
  begun_at       timestamptz NOT NULL DEFAULT now(),
  saved_at       timestamptz NOT NULL DEFAULT now(),
  sequence       bigint NOT NULL DEFAULT 0, -- of the page's saves: an older one that arrives late is not kept
  UNIQUE (staff_id, form, record_id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON agency.drafts TO agency_role;
