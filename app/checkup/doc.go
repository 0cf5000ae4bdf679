// Package checkup looks whether what KoNote promises holds on this machine.
//
// [Startup] is run before anything is served. A critical check that fails stops a
// production process with a boxed message; in demo mode it warns loudly and goes on.
// [Audit] goes through the agencies and really looks: it samples ciphertext and opens it,
// tries statements that must be refused, verifies chains. Both print ids that are
// explained in docs/checks.md, each with what it verifies and how to mend it; a test
// compares the two.
//
// Nothing personal is printed: what is opened is compared and dropped.
package checkup
