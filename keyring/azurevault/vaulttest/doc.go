// Package vaulttest is a Key Vault for tests: an HTTPS server on loopback that the
// real client signs in to and wraps with, and that can be told to misbehave.
//
// It does what the client needs and no more: the authentication challenge, the
// token endpoint of an application with a secret, and create, get, wrap and unwrap
// of RSA and AES keys with real cryptography. As in the real vault, the key of a
// disabled version still wraps with RSA and does not unwrap.
package vaulttest
