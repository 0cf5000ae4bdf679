// Package azurevault wraps data keys in Azure Key Vault or in a managed HSM. It is
// the only package that imports Azure's SDK.
//
// Each agency has a wrapping key of its own, so that an agency's records can be
// closed, or destroyed, by disabling or purging one key, and so that the right to
// unwrap can be given agency by agency. The key is named after the agency
// (Settings.KeyName) and made by operators, or by konote when it sets up the agency
// (Settings.CreateKeys). A wrapped key remembers the version of the wrapping key, so
// a wrapping key can be rotated in the vault at any time; old versions must stay
// enabled until what they wrapped has been wrapped anew.
//
// With RSA-OAEP-256 the vault cannot bind a wrapped key to its agency, and whoever
// has the public key can wrap. What binds is the name of the wrapping key, which is
// computed and never read from the stored row, and the check value in package
// keyring.
//
// The vault sees the plain data key while it wraps. The SDK's buffers of requests
// and answers hold it in base64 for a moment and cannot be zeroed from here.
//
// # What the identity needs
//
// The right to get, wrap and unwrap keys ("Key Vault Crypto Service Encryption
// User"), and to create them if CreateKeys is set. Nothing else: not to list, read
// secrets, delete or change keys.
//
// # Errors
//
// What the vault answers with 400, 403, 404 or 409 means that this key will not
// unwrap, however often one asks: keyring.ErrNoKey. Everything else (throttling,
// faults, timeouts, no network, a sign-in that fails) is keyring.ErrProvider. The
// SDK tries a request three times, waits as long as Retry-After says if that is at
// most two seconds, and gives up at once if it is more.
package azurevault
