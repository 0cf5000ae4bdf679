-- The viewer's pages, newest first, narrowed by a person, an act, a program or an outcome.
-- Each index ends in the order of the pages, so that a page reads no more than it shows.
DROP INDEX audit.entries_actor;
DROP INDEX audit.entries_action;
CREATE INDEX entries_actor ON audit.entries (agency_id, actor_id, at DESC, seq DESC);
CREATE INDEX entries_action ON audit.entries (agency_id, action, at DESC, seq DESC);
CREATE INDEX entries_program ON audit.entries (agency_id, program_id, at DESC, seq DESC) WHERE program_id IS NOT NULL;
CREATE INDEX entries_outcome ON audit.entries (agency_id, outcome, at DESC, seq DESC) WHERE outcome <> 'done';
-- Acts on people that name no program: lists that somebody who works in several was shown.
CREATE INDEX entries_nowhere ON audit.entries (agency_id, actor_id, at DESC, seq DESC)
  WHERE program_id IS NULL AND participant_ids <> '{}';
