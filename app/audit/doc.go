// Package audit keeps the record of every act: who did or saw what, when, in which
// role, from where. It tells administrators, and lets anybody prove that nothing was
// changed since.
//
// # Model
//
// An act and its record are one transaction: [Record] (or [Queue], in a page's batch)
// adds a row to the outbox of the agency's shard, and neither exists without the other.
// Looking at a participant is an act too, so pages that show one are Updates. A [Relay]
// moves the rows to the audit database, the ledger, where each agency has a chain of
// entries; acts on the platform itself ([RecordPlatform]) have one under the nil UUID.
//
// What is written is a body: canonical JSON of ids, codes and a time. Values before and
// after, and the network address, are sealed with the agency's key under the id of the
// event, so a detail opens in its own entry only, and destroying the key leaves a chain
// that can still be verified.
//
// While the ledger is down, acts go on and wait in the outbox. Past a backlog the
// [Guard] closes the platform to writes: it does not go on unaudited.
//
// # What holds it
//
//   - An agency's role may add to the outbox and do nothing else there. The database
//     notes which role wrote a row, so the relay refuses one in another agency's name.
//     Refused rows stand in outbox.refused_events, in a metric and in the log, and
//     hold nothing up.
//   - The relay numbers the entries of a chain without gaps and links each to the one
//     before by SHA-256 over the stored bytes (see [Export] for the form). Its
//     transaction on the ledger commits before the rows leave the outbox, and it looks
//     for what is there already, so a crash at any point loses and doubles nothing.
//   - The writer of the ledger may add, and read no more than an entry's place; the
//     reader may read. Nobody may change or delete. [ProveRoles] tries it at start-up.
//   - The heads of the chains are signed every few minutes ([Ledger.Checkpoint]) and
//     published where the platform cannot rewrite them.
//   - [Verify] holds a chain against itself and against checkpoints, from the ledger or
//     from an export without any database, and names the first entry that is wrong.
//
// # What it does not hold
//
// Whoever controls the running process or the outbox's server can leave an act out
// before it is in the chain, or invent one. Whoever controls the ledger and the signing
// key can rebuild a chain that agrees with all checkpoints but the published ones.
//
// # Who may look
//
// Administrators of the agency. They open no participant, so an entry about one shows
// which fields changed and not their values, and a reference instead of a name. Every
// page and download of the log is itself recorded.
package audit
