-- Signing in at the agency's own identity provider (OpenID Connect).

-- issuer is never changed: another issuer is another provider, since the names that it
-- gives to people (subjects) are its own.
CREATE TABLE agency.identity_providers (
  id                   uuid PRIMARY KEY,
  issuer               text NOT NULL,
  client_id            text NOT NULL,
  client_secret_sealed bytea,             -- NULL: none was given; PKCE alone
  name_en              text NOT NULL,
  name_fr              text NOT NULL,
  status               text NOT NULL DEFAULT 'off' CHECK (status IN ('off', 'active', 'removed')),
  provisioning         text NOT NULL DEFAULT 'linked' CHECK (provisioning IN ('linked', 'group')),
  links_by_email       boolean NOT NULL DEFAULT false, -- an address that the provider has verified links an account
  second_factor        text NOT NULL DEFAULT 'never' CHECK (second_factor IN ('never', 'stated', 'always')),
  strong_acr           text NOT NULL DEFAULT '',       -- the acr that states a second factor, besides amr "mfa"
  group_claim          text NOT NULL DEFAULT 'groups',
  created_at           timestamptz NOT NULL DEFAULT now(),
  created_by           uuid REFERENCES agency.staff (id),
  updated_at           timestamptz NOT NULL DEFAULT now(),
  updated_by           uuid REFERENCES agency.staff (id),
  version              integer NOT NULL DEFAULT 1
);

-- Which group of the directory gives whom a first account, and in which role.
CREATE TABLE agency.identity_groups (
  id           uuid PRIMARY KEY,
  provider_id  uuid NOT NULL REFERENCES agency.identity_providers (id),
  value_sealed bytea NOT NULL,
  program_id   uuid NOT NULL REFERENCES agency.programs (id),
  role         text NOT NULL CHECK (role IN ('front_desk', 'direct_service', 'program_manager', 'executive')),
  created_at   timestamptz NOT NULL DEFAULT now(),
  created_by   uuid REFERENCES agency.staff (id)
);
CREATE INDEX identity_groups_provider ON agency.identity_groups (provider_id);

-- Whose account a subject of a provider opens.
CREATE TABLE agency.staff_identities (
  id             uuid PRIMARY KEY,
  staff_id       uuid NOT NULL REFERENCES agency.staff (id),
  provider_id    uuid NOT NULL REFERENCES agency.identity_providers (id),
  subject_sealed bytea NOT NULL,
  subject_hash   bytea NOT NULL,
  how            text NOT NULL CHECK (how IN ('connected', 'email', 'group', 'invitation')),
  linked_at      timestamptz NOT NULL DEFAULT now(),
  last_used_at   timestamptz,
  UNIQUE (provider_id, subject_hash),
  UNIQUE (provider_id, staff_id)
);
CREATE INDEX staff_identities_staff ON agency.staff_identities (staff_id);

GRANT SELECT, INSERT ON agency.identity_providers TO agency_role;
GRANT UPDATE (client_id, client_secret_sealed, name_en, name_fr, status, provisioning, links_by_email, second_factor, strong_acr,
  group_claim, updated_at, updated_by, version) ON agency.identity_providers TO agency_role;
GRANT SELECT, INSERT, DELETE ON agency.identity_groups, agency.staff_identities TO agency_role;
GRANT UPDATE (last_used_at) ON agency.staff_identities TO agency_role;
