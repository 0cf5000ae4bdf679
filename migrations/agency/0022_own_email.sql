-- An address that somebody wrote into her own account proves nothing about her: it may be
-- another's. Until a link that was mailed there has been used, or an administrator has written
-- it, a sign-in elsewhere is not linked to the account by it.
ALTER TABLE agency.staff ADD COLUMN email_is_own boolean NOT NULL DEFAULT false;
