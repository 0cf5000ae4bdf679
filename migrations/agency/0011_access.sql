-- What decides who may see a record, besides roles: grants, what participants have closed,
-- consent, and the wish to keep programs apart. The words of all of it are sealed.

-- consent is where the last event in agency.consents has left it; it stands here because
-- every page about her asks.
ALTER TABLE agency.participants
  ADD COLUMN consent        text NOT NULL DEFAULT 'none' CHECK (consent IN ('none', 'given', 'withdrawn')),
  ADD COLUMN sharing        text NOT NULL DEFAULT 'agency' CHECK (sharing IN ('agency', 'share', 'restrict')),
  ADD COLUMN guarded_sealed bytea; -- 'yes' or 'no': her whereabouts are kept safe. NULL: no

-- Why somebody may ask for a grant.
CREATE TABLE agency.grant_reasons (
  id         uuid PRIMARY KEY,
  text_en    text NOT NULL,
  text_fr    text NOT NULL,
  status     text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived')),
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Access to what is gated, to one participant's records or a program's, for a while.
CREATE TABLE agency.access_grants (
  id                   uuid PRIMARY KEY,
  staff_id             uuid NOT NULL REFERENCES agency.staff (id),
  program_id           uuid REFERENCES agency.programs (id),
  participant_id       uuid REFERENCES agency.participants (id),
  is_emergency         boolean NOT NULL DEFAULT false,
  reason_id            uuid REFERENCES agency.grant_reasons (id), -- NULL: an emergency
  justification_sealed bytea NOT NULL,
  created_at           timestamptz NOT NULL DEFAULT now(),
  expires_at           timestamptz NOT NULL,
  revoked_at           timestamptz,
  revoked_by           uuid REFERENCES agency.staff (id),
  reviewed_at          timestamptz,
  reviewed_by          uuid REFERENCES agency.staff (id),
  finding              text CHECK (finding IN ('proper', 'improper')),
  finding_sealed       bytea,
  CHECK (num_nonnulls(program_id, participant_id) = 1),
  CHECK (NOT is_emergency OR participant_id IS NOT NULL),
  CHECK (is_emergency OR reason_id IS NOT NULL),
  CHECK (expires_at > created_at AND expires_at <= created_at + interval '30 days'),
  CHECK ((reviewed_at IS NULL) = (finding IS NULL) AND (reviewed_at IS NULL) = (reviewed_by IS NULL)),
  CHECK (reviewed_by <> staff_id) -- nobody reviews her own
);
CREATE INDEX access_grants_staff ON agency.access_grants (staff_id, expires_at);

-- What a participant has closed: her file, a kind of record, or one record, to a person, a
-- role or a program, from a day on.
CREATE TABLE agency.directives (
  id                 uuid PRIMARY KEY,
  participant_id     uuid NOT NULL REFERENCES agency.participants (id),
  kind               text NOT NULL CHECK (kind IN ('file', 'notes', 'plan', 'events', 'contacts', 'groups')),
  item_id            uuid, -- one record of that kind
  staff_id           uuid REFERENCES agency.staff (id),
  role               text CHECK (role IN ('front_desk', 'direct_service', 'program_manager', 'executive')),
  program_id         uuid REFERENCES agency.programs (id),
  from_on            date NOT NULL,
  asked_by           text NOT NULL CHECK (asked_by IN ('participant', 'substitute', 'agency')),
  reason_sealed      bytea,
  recorded_at        timestamptz NOT NULL DEFAULT now(),
  recorded_by        uuid NOT NULL REFERENCES agency.staff (id),
  lifted_at          timestamptz,
  lifted_by          uuid REFERENCES agency.staff (id),
  lift_reason_sealed bytea,
  CHECK (num_nonnulls(staff_id, role, program_id) = 1),
  CHECK (item_id IS NULL OR kind <> 'file'),
  CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
);
CREATE INDEX directives_participant ON agency.directives (participant_id);
CREATE INDEX directives_standing ON agency.directives (staff_id, role, program_id) WHERE lifted_at IS NULL;

-- What people agree to, in both languages: a new version for every change of words.
CREATE TABLE agency.consent_texts (
  id         uuid PRIMARY KEY,
  purpose    text NOT NULL CHECK (purpose IN ('service', 'sharing', 'email', 'text')),
  version    integer NOT NULL,
  text_en    text NOT NULL,
  text_fr    text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by uuid REFERENCES agency.staff (id),
  UNIQUE (purpose, version)
);

-- What was agreed to and what was withdrawn: events, never changed.
CREATE TABLE agency.consents (
  id             uuid PRIMARY KEY,
  participant_id uuid NOT NULL REFERENCES agency.participants (id),
  purpose        text NOT NULL CHECK (purpose IN ('service', 'sharing', 'email', 'text')),
  kind           text NOT NULL CHECK (kind IN ('given', 'refused', 'withdrawn')),
  text_id        uuid REFERENCES agency.consent_texts (id), -- what was shown; NULL for a withdrawal
  language       text CHECK (language IN ('en', 'fr')),     -- in which language
  basis          text CHECK (basis IN ('express', 'implied')),
  given_by       text NOT NULL CHECK (given_by IN ('participant', 'substitute')),
  how            text NOT NULL CHECK (how IN ('in_person', 'phone', 'video', 'paper', 'portal')),
  happened_on    date NOT NULL,
  expires_on     date,
  scope_sealed   bytea, -- limits she has set, in her words
  reason_sealed  bytea, -- of a withdrawal
  recorded_at    timestamptz NOT NULL DEFAULT now(),
  recorded_by    uuid REFERENCES agency.staff (id), -- who explained it; NULL: she herself, in the portal
  CHECK ((kind = 'withdrawn') = (text_id IS NULL))
);
CREATE INDEX consents_participant ON agency.consents (participant_id, recorded_at DESC, id DESC);

GRANT SELECT, INSERT, UPDATE ON agency.grant_reasons TO agency_role;
GRANT SELECT, INSERT ON agency.access_grants, agency.directives, agency.consent_texts, agency.consents TO agency_role;
GRANT UPDATE (revoked_at, revoked_by, reviewed_at, reviewed_by, finding, finding_sealed) ON agency.access_grants TO agency_role;
GRANT UPDATE (lifted_at, lifted_by, lift_reason_sealed) ON agency.directives TO agency_role;
