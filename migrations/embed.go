// Package migrations holds the SQL that makes the databases, in four sets:
//
//   - cluster: roles, run once per Postgres server by an administrator
//     (`konote migrate bootstrap`). It may be run again at any time.
//   - control: agencies, their hosts and wrapped keys, the audit outbox and
//     the grants of the job schema, on every shard.
//   - agency: one agency's own schema. Statements name tables as agency.<table>,
//     as everywhere in KoNote; tenancy puts the schema in that place.
//   - audit: the audit database.
//
// agency.snapshot.txt is what a freshly made agency looks like in the catalogue; `go
// test ./tenancy -run Snapshot -update` writes it anew after a migration was added.
//
// A file is never edited once it has been applied anywhere: its SHA-256 is in
// the ledger, and a difference stops the migration. Every file must leave the
// code of the release before it working (docs/decisions/0004-migrations.md).
package migrations

import "embed"

// Files holds every set, under its name.
//
//go:embed cluster/*.sql control/*.sql agency/*.sql audit/*.sql agency.snapshot.txt
var Files embed.FS
