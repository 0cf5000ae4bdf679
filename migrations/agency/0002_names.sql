-- The login of the process may look up the names of the tables, and nothing in them:
-- statements are prepared before the agency's role is taken on. The schema is called
-- as the role is.
GRANT USAGE ON SCHEMA agency_role TO konote_app;
-- A name in another agency's schema must lead nowhere, whoever prepared the statement.
REVOKE ALL ON FUNCTION agency.keep_confidential(), agency.enrolment_has_history() FROM PUBLIC;
