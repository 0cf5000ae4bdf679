// Package embedded starts a private Postgres and a private Redis as children of this
// process, for `konote demo` and for tests. Production brings its own servers.
//
// Everything lives in one folder: data, logs, the seed of the passwords (readable by
// the owner alone) and the ports, which stay the same from one start to the next.
// Both servers listen on the loopback address only and ask for a password there too.
// Postgres refuses to run as root; then both servers run as the account postgres, or
// nobody. Where that account cannot reach the folder (a checkout in /root), the data
// goes to a folder in /var/tmp instead, whose name is made from the folder's.
//
// The children end with their parent, however it ends, and a folder is used by one
// process at a time.
package embedded
