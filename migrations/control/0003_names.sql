-- As in an agency's schema: the login may look up the names of the tables, and nothing
-- in them, so that statements can be prepared before a role is taken on.
GRANT USAGE ON SCHEMA outbox TO konote_app;
