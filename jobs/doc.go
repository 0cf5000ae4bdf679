// Package jobs does work later, outside the request that asked for it, with River on
// the shard of the agency. It knows no feature: features hand their workers to a
// [Registry], and add jobs with [Enqueue] in the transaction of the change that asks
// for them, so neither exists without the other.
//
// # What a job is told
//
// The job table is not sealed. Arguments hold ids, numbers, moments, switches and
// words of a closed list, never a text: [Add] and [Enqueue] look at the type and
// refuse anything else. The agency is not an argument: Enqueue takes it from the
// transaction and Add's worker is handed it, so a job cannot name another's.
// Errors are kept in the job table too, so database errors are cut down to their
// code, and panics to the fact.
//
// # How a job is run
//
// The agency is looked up and opened again each time. A job of a suspended, parked or
// keyless agency sleeps without using up an attempt; one of a closed agency is
// cancelled. Other errors are tried again, later each time, ten times in all; then
// the job is dead, which metrics and the health page show, and is kept 30 days.
// A job may run twice, after a crash or when its process could not say that it was
// done. Its work must therefore be one transaction that can see what was already done.
//
// # Fairness
//
// Agencies are hashed onto 16 lanes (queues of four workers). Of one agency only a
// few unfinished jobs at a time go to its lane, fewer than the lane has workers;
// what it adds beyond goes to the bulk queues, the later the lower in priority. So
// an agency that adds thousands of jobs holds up its own and leaves the lanes free.
// The count does not see jobs of transactions under way: a few more may slip in.
// Jobs of the platform itself have a queue of their own.
package jobs
