-- A participant stops e-mail by the link in one: nobody of the staff was there.
ALTER TABLE agency.consents DROP CONSTRAINT consents_how_check;
ALTER TABLE agency.consents ADD CONSTRAINT consents_how_check
  CHECK (how IN ('in_person', 'phone', 'video', 'paper', 'portal', 'email_link'));
