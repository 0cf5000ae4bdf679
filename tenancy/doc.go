// Package tenancy keeps agencies apart: it knows which agency a host belongs to,
// hands out transactions that can see that agency's rows and no others, and makes
// and migrates their schemas.
//
// # Model
//
// An agency is a schema and a role of the same name in one Postgres cluster (its
// shard), and a row in the registry (schema control). The process logs in as
// konote_app, which may read nothing by itself and becomes an agency's role for the
// length of one transaction. A statement names its tables agency.<table>; tenancy
// puts the agency's own schema in that place. Hence three walls: a [Tx] can only be
// made for a resolved [Agency], its statements can only name that agency's tables,
// and if one named another's all the same, the database answers "permission denied".
//
// The walls stop our own mistakes. They do not stop SQL injection, which could
// change the role; against that stand parameters, constants and the test that
// reads every statement.
//
// # Transactions
//
// [Agency.View] is read-only, [Agency.Update] read-write. Each begins in one round
// trip. The agency's data key is held from before the transaction until after it,
// so a request whose key is withdrawn half-way still ends, and no connection waits
// for the key provider.
//
// # Connections
//
// Postgres backends never forget a table they have touched (0.2–0.8 MB for each
// agency and backend). Agencies are therefore hashed onto 32 lanes of two connections: every
// agency has a lane of its own, which it shares with some others, and a second one, shared
// with different ones, for when the first is taken. A backend so only ever meets the
// agencies of its lane. The second connection of a lane is there for busy moments, and is
// closed when it was idle for five minutes. An agency may have four transactions in flight;
// beyond that it waits a moment and then gets [ErrBusy]: one slow agency holds up hardly
// anybody else, because nearly all have another lane that is not its. A process opens at
// most 64 connections to a shard, and fourteen more for the registry, the relay and jobs.
//
// # Making and migrating agencies
//
// Commands of operators open an [Owner], the login konote_owner. [Provision] makes an
// agency in steps that can be repeated: row of the registry, then role, schema and
// migrations in one transaction on its shard, then its data key, which is never
// replaced, then what the caller seeds; only then does it open. A [Migrator] brings
// all agencies to the newest files, each in one transaction with its ledger rows, and
// compares them with the committed snapshot. The registry's number of an agency's schema
// is a copy of the ledger on its shard; where the two differ after a crash, the next
// run mends it.
//
// A program serves an agency whose schema is its own or newer, so migrations run before
// the program that needs them, and an agency whose migration failed stays with the
// program of the release before.
package tenancy
