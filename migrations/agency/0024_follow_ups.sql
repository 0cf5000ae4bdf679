-- A follow-up can be settled and moved without another note. The day that was signed stays
-- as it was; the day that it was moved to stands beside it.
ALTER TABLE agency.notes
  ADD COLUMN follow_up_moved_to date,
  ADD COLUMN followed_up_by     uuid, -- NULL where it is settled: its author, before this was kept
  ADD CONSTRAINT notes_followed_up CHECK (followed_up_by IS NULL OR followed_up_at IS NOT NULL),
  ADD CONSTRAINT notes_follow_up_moved CHECK (follow_up_moved_to IS NULL OR follow_up_on IS NOT NULL);
GRANT UPDATE (follow_up_moved_to, followed_up_by) ON agency.notes TO agency_role;

-- They are no longer their author's alone.
DROP INDEX agency.notes_follow_up;
CREATE INDEX notes_follow_ups ON agency.notes (program_id, coalesce(follow_up_moved_to, follow_up_on))
  WHERE follow_up_on IS NOT NULL AND followed_up_at IS NULL AND cancelled_at IS NULL;
