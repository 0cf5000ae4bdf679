// Package keyring seals the fields that hold a person's identity or words.
//
// # Model
//
// Each agency has one data key at a time, and older versions of it while rows
// sealed with them remain. A data key is 32 random bytes that exist in plain only
// in memory: at rest they are wrapped by a key that never leaves its provider (a
// [Wrapper]: Azure Key Vault in package azurevault, or a [Local] key file in
// development and self-hosting). A [Ring] unwraps them when needed, keeps them for
// a stated time, and hands them out as a [Box], which seals and opens fields of
// that one agency.
//
// # Envelope
//
//	byte  0      0x01: AES-256-GCM under a subkey of the column
//	bytes 1..4   version of the data key, big endian
//	bytes 5..16  random nonce
//	rest         ciphertext and 16-byte tag
//
// The subkey is HKDF-SHA256(data key, info "konote/v1" || table.column), so the
// number of random nonces under one key stays far below 2^32 (NIST SP 800-38D
// §8.3): a million people edited a hundred times reach 2^27. The associated data
// is format || agency || table.column || row || version. An envelope that is moved
// to another row, column or agency therefore does not open, and neither does one
// whose version was changed. The plaintext is padded (ISO/IEC 7816-4) to a multiple
// of the column's block, so that the length of a name does not give it away.
// testdata/format-01.json was made once and is opened by a test for ever.
//
// # Keys on their way
//
// Beside each wrapped key is stored a check value, HKDF-SHA256(data key, info
// "konote/commit/v1" || agency || version). A key that was wrapped wrongly, or a row
// that was moved to another agency or version, fails it before anything is opened
// or, worse, sealed with it.
//
// A key that is withdrawn (disabled in the vault, or its row deleted or retired)
// closes the agency's records at the next refresh, at once where [Ring.Drop] is
// called, and at the hard limit in any case. A load that had begun before a Drop is
// thrown away. While the provider is merely out of reach, the agencies in the cache
// go on until their hard limit, and [Ring.Health] says so. Which of the two it is,
// the provider tells by [ErrNoKey] and [ErrProvider].
//
// # What it refuses
//
// There is no fallback: a missing key, a wrong key or a broken envelope is an error,
// never an empty string and never a marker. A [Sealed] prints as "[sealed]" and
// cannot be encoded as JSON, so it does not slip into a log or a page; a [Box] and a
// provider print no keys. [DevelopmentKey] is known to all, and [IsDevelopmentKey]
// lets production refuse it.
//
// An empty string is kept as NULL: whether a field is filled is not hidden.
//
// # Limits
//
// Whoever can read the memory of a running process can read what it is working on.
// Data keys are zeroed when they leave the cache and their last user is done; the
// key schedule inside crypto/aes is not reachable for zeroing and goes with the
// garbage collector, as do opened fields.
//
// An envelope can be replaced by an older one of the same row and column, or by
// NULL: it is the database and the audit log that know what was there last.
// Whoever can write rows of wrapped keys and can wrap (with RSA, whoever has the
// public key) can add a version of the data key that they know, and read what is
// sealed with it from then on; they cannot read what was sealed before.
//
// # Fernet
//
// [FernetKeys] read and write the tokens in which the existing KoNote keeps its
// fields, for import. They bind nothing to rows or columns, and nothing here is
// stored as one.
package keyring
