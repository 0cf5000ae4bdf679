-- Who asked that whereabouts be kept safe no longer can take the request back, and do
-- nothing else with it: where nobody else can decide, it would wait for ever.
ALTER TABLE agency.guard_requests
  DROP CONSTRAINT guard_requests_status_check,
  DROP CONSTRAINT guard_requests_check1,
  ADD CONSTRAINT guard_requests_status_check CHECK (status IN ('pending', 'approved', 'rejected', 'withdrawn')),
  ADD CONSTRAINT guard_requests_taken_back CHECK ((decided_by = requested_by) = (status = 'withdrawn'));
