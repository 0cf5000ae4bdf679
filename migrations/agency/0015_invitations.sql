-- Invitations to an account, links for a forgotten password, and the devices on which
-- somebody has signed in. A link's token is nowhere here: it is made from the row's id with
-- the agency's key, and only its keyed hash is kept.

-- Where notices about a changed address go too.
ALTER TABLE agency.staff ADD COLUMN previous_email_sealed bytea;

CREATE TABLE agency.invitations (
  id           uuid PRIMARY KEY,
  name_sealed  bytea NOT NULL,
  email_sealed bytea NOT NULL,
  email_hash   bytea UNIQUE, -- of an open invitation alone: an address has at most one
  language     text NOT NULL CHECK (language IN ('en', 'fr')),
  is_admin     boolean NOT NULL DEFAULT false,
  roles        jsonb NOT NULL DEFAULT '{}', -- program → role
  token_hash   bytea NOT NULL UNIQUE,
  mail         text NOT NULL DEFAULT 'waiting' CHECK (mail IN ('waiting', 'sent', 'failed')),
  created_at   timestamptz NOT NULL,
  created_by   uuid NOT NULL REFERENCES agency.staff (id),
  expires_at   timestamptz NOT NULL,
  accepted_at  timestamptz,
  accepted_by  uuid UNIQUE REFERENCES agency.staff (id),
  revoked_at   timestamptz,
  revoked_by   uuid REFERENCES agency.staff (id),
  CHECK (expires_at > created_at AND expires_at <= created_at + interval '30 days'),
  CHECK ((accepted_at IS NULL) = (accepted_by IS NULL)),
  CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
  CHECK (num_nonnulls(accepted_at, revoked_at) <= 1),
  CHECK (email_hash IS NULL OR num_nonnulls(accepted_at, revoked_at) = 0),
  CHECK (accepted_by <> created_by) -- nobody invites herself
);
CREATE INDEX invitations_created ON agency.invitations (created_at DESC, id DESC);

-- A link is good for the account as it was: a change of password, address or status makes
-- another version, and the link leads nowhere.
CREATE TABLE agency.password_resets (
  id         uuid PRIMARY KEY,
  staff_id   uuid NOT NULL REFERENCES agency.staff (id),
  version    integer NOT NULL,
  token_hash bytea NOT NULL UNIQUE,
  asked_by   uuid REFERENCES agency.staff (id), -- an administrator; NULL: somebody at the sign-in page
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at    timestamptz,
  CHECK (expires_at > created_at AND expires_at <= created_at + interval '1 day')
);
CREATE INDEX password_resets_staff ON agency.password_resets (staff_id, created_at DESC);

CREATE TABLE agency.known_devices (
  staff_id    uuid NOT NULL REFERENCES agency.staff (id),
  device_hash bytea NOT NULL,
  seen_at     timestamptz NOT NULL,
  PRIMARY KEY (staff_id, device_hash)
);

GRANT SELECT, INSERT ON agency.invitations, agency.password_resets TO agency_role;
GRANT UPDATE (email_hash, mail, accepted_at, accepted_by, revoked_at, revoked_by) ON agency.invitations TO agency_role;
GRANT UPDATE (used_at) ON agency.password_resets TO agency_role;
GRANT SELECT, INSERT, UPDATE, DELETE ON agency.known_devices TO agency_role;
