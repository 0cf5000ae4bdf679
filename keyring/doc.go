// Package keyring seals the fields that hold a person's identity or words.
//
// # Model
//
// Each agency has one data key at a time, and older versions of it while
// rows sealed with them remain. A data key is 32 random bytes that exist in
// plain only in memory: at rest they are wrapped by a key that never leaves
// its provider (a [Wrapper]: Azure Key Vault, or a local key file in
// development and self-hosting). A [Ring] unwraps them when needed, keeps
// them for a stated time, and hands them out as a [Box], which seals and
// opens fields of that one agency.
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
// is format || agency || table.column || row || version. An envelope that is
// moved to another row, column or agency therefore does not open, and neither
// does one whose version byte was changed. The plaintext is padded (ISO/IEC
// 7816-4) to a multiple of the column's block, so that the length of a name
// does not give it away.
//
// # What it refuses
//
// There is no fallback: a missing key, a wrong key (the check value beside the
// wrapped key commits to the plain one) or a broken envelope is an error, never
// an empty string and never a marker. A [Sealed] prints as "[sealed]" and cannot
// be encoded as JSON, so it does not slip into a log or a page.
//
// An empty string is kept as NULL: whether a field is filled is not hidden.
//
// # Limits
//
// Whoever can read the memory of a running process can read what it is
// working on. Keys are zeroed when they leave the cache; the key schedule inside
// crypto/aes is not reachable for zeroing and goes with the garbage collector.
package keyring
