-- A meeting about the wrong person is no meeting that was called off: it is marked as entered
-- in error, as events are.
ALTER TABLE agency.events DROP CONSTRAINT events_cancelled_kind;

-- The notes that tell of a circle.
CREATE INDEX notes_circle ON agency.notes (circle_id, happened_on DESC, id DESC) WHERE circle_id IS NOT NULL;

-- What somebody logged lately, for the team's page.
CREATE INDEX contacts_logged_by ON agency.contacts (logged_by, created_at DESC);
