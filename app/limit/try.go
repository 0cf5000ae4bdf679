package limit

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Attempt is a try to sign in.
type Attempt struct {
	Agency  uuid.UUID
	Account string // what was typed: e-mail or user name
	IP      string
	Device  string // web.Request.Device: what this browser was marked with, or ""
}

// knownFor is how long a device stays known to an account after a sign-in.
const knownFor = 90 * 24 * time.Hour

// Try begins a try and counts it. A positive duration means that it may not be made
// now: nothing is counted and the password must not be looked at. After a try that
// was made, call Succeeded, or Release when it came to nothing (the server was too
// busy to check), or nothing when the password was wrong. The error is
// ErrUnavailable: without Redis nobody signs in.
func (l *Limits) Try(ctx context.Context, a Attempt) (retryAfter time.Duration, err error) {
	keys, args := l.ladders(a)
	args = append([]any{l.now().UnixMilli()}, args...)
	wait, err := tryScript.Run(ctx, l.redis, keys, args...).Int64()
	if err != nil {
		return 0, fmt.Errorf("begin try: %w: %w", ErrUnavailable, err)
	}
	return time.Duration(wait) * time.Millisecond, nil
}

// Succeeded takes the try back, forgets earlier ones of this account from this
// network, and marks the device as known to the account. Call it with the device
// that the answer gives to the browser (web.Request.Device is never empty then).
func (l *Limits) Succeeded(ctx context.Context, a Attempt) error {
	return l.takeBack(ctx, a, true)
}

// Release takes the try back and nothing else.
func (l *Limits) Release(ctx context.Context, a Attempt) error {
	return l.takeBack(ctx, a, false)
}

func (l *Limits) takeBack(ctx context.Context, a Attempt, succeeded bool) error {
	keys, args := l.ladders(a)
	known := 0
	if succeeded {
		known = int(knownFor.Milliseconds())
	}
	args = append([]any{l.now().UnixMilli(), known}, args...)
	if err := takeBackScript.Run(ctx, l.redis, keys, args...).Err(); err != nil {
		return fmt.Errorf("take back try: %w: %w", ErrUnavailable, err)
	}
	return nil
}

// ladders are the counters of an attempt. The first key is the mark of the known
// device, the second the counter of account and device, which alone counts when the
// mark is there; the rest count when it is not.
func (l *Limits) ladders(a Attempt) (keys []string, args []any) {
	account := fold(a.Account)
	address, network := networks(a.IP)
	add := func(scope string, ladder Ladder, values ...string) {
		keys = append(keys, l.key("sign_in", scope, a.Agency, values...))
		args = append(args, ladder.Free, ladder.First.Milliseconds(), ladder.Longest.Milliseconds(), ladder.Forgets.Milliseconds())
	}
	device := a.Device
	if device == "" {
		device = "none" // never marked
	}
	keys = append(keys, l.key("sign_in", "known", a.Agency, account, device))
	add("device", PairLadder, account, device)
	add("pair", PairLadder, account, address)
	add("address", AddressLadder, address)
	add("network", NetworkLadder, network)
	add("account", AccountLadder, account)
	add("agency", AgencyLadder)
	return keys, args
}
