// Command bench measures what speed means here, as ratios against a floor that is
// measured in the same run on the same machine: `make bench`.
//
// # How
//
// It starts a private Postgres and Redis below .konote/bench, with the settings of
// production (fsync on), fills them with invented people, serves them in this process
// and asks over loopback. What is compared is run by turns, A B A B, and the figure is
// the median of the rounds, so that a busy machine slows both. Clients, servers and
// databases share the machine.
//
// A floor is the same work without us: the very statements that Postgres logged for
// one page, sent again in one batch ([transcript]); the same page drawn without a request;
// bare AES-GCM; a bare transaction; pg_trgm over the same names in plain text.
//
// # Sections
//
//	page      a participant's page over HTTP, and what it is made of
//	seal      sealing and opening a field
//	begin     a transaction of an agency
//	note      saving a note, with and without its audit records
//	casework  records that have grown for years: pages, searches, full notes, many workers
//	audit     moving records to the ledger, and verifying them
//	search    finding people among 100,000
//	signin    whether the time of a failed sign-in tells anything, and floods of them
//	fair      one agency while another one is flooded
//	agencies  1,000 agencies: pages, memory, making and migrating them
//
// -only chooses some, -quick measures less of everything (the targets are not about
// that), -strict makes a missed target an error.
package main
