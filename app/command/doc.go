// Package command holds the commands of the konote binary, one file for each. They
// are for operators: they run on the platform's own machines with its secrets. What
// changes something, opens what is sealed or reads the audit log is in that log itself,
// under the operator's system account: in the agency's chain what is done to its accounts,
// in the platform's all else. It is recorded before it is done or with it, and not done
// when it cannot be recorded. What says how things stand is not recorded, and what comes
// before there is an outbox to record in cannot be: migrate bootstrap, and the registry's
// own files in migrate up, which records itself right after them. Entries wait in the outbox
// while the audit database is missing or down.
//
// Exit codes: 0 done; 1 it did not work; 2 the command was called wrongly; 3 it worked, and
// something is not in order: a check failed, a chain is broken, an agency is parked.
package command
