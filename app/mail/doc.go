// Package mail sends one message to one person by SMTP.
//
// # What it is
//
// A [Sender] is made once from KONOTE_SMTP_URL and KONOTE_MAIL_FROM. It keeps no
// connection: agencies send few messages, and a job that sends one can wait for a
// handshake. Messages are plain text, because there is nothing in them that needs more.
//
// # Rules
//
//   - Off the loopback a connection is encrypted or there is none: smtps from the first
//     byte, smtp with STARTTLS. The server's certificate is checked.
//   - A Sender that has no server says so ([ErrNotConfigured]); nothing is dropped in
//     silence.
//   - Its errors name a kind and the server's code, never an address or a text, because
//     they are kept in logs and in the table of jobs.
//   - It is called from jobs alone, outside of transactions: a slow mail server must not
//     hold a request or a connection of the database.
//
// What a message may say is decided by the feature that writes it. An e-mail is read on
// shared screens and kept by strangers, so it names nobody, no program and no reason.
//
// # Beside it
//
// Package sink is a mail server that delivers nothing: tests read what arrived over SMTP,
// and the demo shows it.
package mail
