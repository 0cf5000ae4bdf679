package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"maps"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"konote/app/limit"
	"konote/app/staff"
	"konote/tenancy"
)

// measureSignIn asks whether the time of an answer tells one kind of failure from
// another, and what a flood of sign-ins does to the pages of others.
func measureSignIn(ctx context.Context, b *bench) ([]row, error) {
	a, err := b.small(ctx)
	if err != nil {
		return nil, err
	}
	if err := b.makeAccounts(ctx, a); err != nil {
		return nil, err
	}
	stranger, err := b.stranger(b.free, a)
	if err != nil {
		return nil, err
	}
	defer stranger.close()
	count := max(b.signIns, 1)
	if b.signIns == 0 {
		count = pick(b, 60, 12)
	}
	found := map[string][]float64{}
	for range count {
		if err := b.oneOfEach(ctx, a, stranger, found); err != nil {
			return nil, err
		}
	}
	var rows []row
	least, most := time.Hour.Seconds(), 0.0
	for _, kind := range slices.Sorted(maps.Keys(found)) {
		median := middle(found[kind])
		least, most = min(least, median), max(most, median)
		sorted := slices.Sorted(slices.Values(found[kind]))
		rows = append(rows, told(kind+": median, p99", fmt.Sprintf("%.2f ms, %.2f ms", median*1000, percentile(sorted, 99)*1000)))
	}
	flood, err := b.measureSignInFlood(ctx, a)
	return append(append([]row{within(fmt.Sprintf("failed sign-ins differ in time by (medians of %d)", count), most-least, time.Millisecond)}, rows...), flood...), err
}

const rightPassword = "lantern walnut otter 58"

// makeAccounts adds one of each kind that can be told apart by nothing but time.
func (b *bench) makeAccounts(ctx context.Context, a *agency) error {
	hash, err := b.free.Hasher.Hash(ctx, rightPassword)
	if err != nil {
		return err
	}
	for name, hash := range map[string]string{"wrong": hash, "locked": hash, "inactive": hash, "imported": djangoHash()} {
		var id uuid.UUID
		err := a.Update(ctx, func(tx *tenancy.Tx) (err error) {
			id, err = staff.Insert(ctx, tx, operator, staff.New{DisplayName: name, Username: name, PasswordHash: hash})
			return err
		})
		if err != nil {
			return err
		}
		if name == "inactive" {
			if err := staff.Deactivate(ctx, a.Agency, b.free.Sessions, operator, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// djangoHash is a hash as Django writes it, of a password that nobody knows.
func djangoHash() string {
	random := make([]byte, 48)
	_, _ = rand.Read(random) // never fails (crypto/rand)
	encode := base64.RawStdEncoding.EncodeToString
	return "argon2$argon2id$v=19$m=102400,t=2,p=8$" + encode(random[:16]) + "$" + encode(random[16:])
}

// stranger is a browser on the sign-in page.
func (b *bench) stranger(s *site, a *agency) (*browser, error) {
	stranger, err := s.visit(a, "")
	if err != nil {
		return nil, err
	}
	return stranger, stranger.learn("/sign-in")
}

var addresses atomic.Uint32

// nextAddress is one that nobody has tried from.
func nextAddress() string {
	n := addresses.Add(1)
	return fmt.Sprintf("100.%d.%d.%d", 64+n>>16&63, n>>8&255, n&255)
}

// try signs in from an address. Only a failure is expected.
func (b *browser) try(address, login, password string) error {
	status, err := b.post("/sign-in", url.Values{"login": {login}, "password": {password}}, "X-Forwarded-For: "+address+"\r\n")
	if err == nil && status != http.StatusUnprocessableEntity && status != http.StatusTooManyRequests {
		err = fmt.Errorf("a sign-in that must fail: status %d: %s", status, problem(b.body))
	}
	return err
}

// oneOfEach times a sign-in of every kind, in any order.
func (b *bench) oneOfEach(ctx context.Context, a *agency, stranger *browser, found map[string][]float64) error {
	logins := []string{"unknown", "wrong", "locked", "inactive", "imported"}
	mathrand.Shuffle(len(logins), func(i, j int) { logins[i], logins[j] = logins[j], logins[i] })
	if err := b.forgetTries(ctx); err != nil {
		return err
	}
	for _, login := range logins {
		address, password := nextAddress(), "not the one"
		switch login {
		case "locked":
			attempt := limit.Attempt{Agency: a.ID, Account: login, IP: address, Device: mark}
			for range limit.PairLadder.Free {
				if _, err := b.free.Limits.Try(ctx, attempt); err != nil {
					return err
				}
			}
		case "inactive":
			password = rightPassword
		}
		began := time.Now()
		if err := stranger.try(address, login, password); err != nil {
			return err
		}
		found[login] = append(found[login], time.Since(began).Seconds())
	}
	return nil
}

// forgetTries lets everybody try again.
func (b *bench) forgetTries(ctx context.Context) error {
	keys, err := b.free.Redis.Keys(ctx, "l:*").Result()
	if err != nil || len(keys) == 0 {
		return err
	}
	return b.free.Redis.Del(ctx, keys...).Err()
}

// measureSignInFlood compares the pages of people at work with and without fifty strangers a second
// who try to sign in, each from an address of her own, so that each is hashed.
func (b *bench) measureSignInFlood(ctx context.Context, a *agency) ([]row, error) {
	browsers, closeBrowsers, err := b.browsers(ctx, b.free, a, clients)
	defer closeBrowsers()
	if err != nil {
		return nil, err
	}
	const strangers = 128
	var flood []*browser
	for range strangers {
		stranger, err := b.stranger(b.free, a)
		if err != nil {
			return nil, err
		}
		defer stranger.close()
		flood = append(flood, stranger)
	}
	const rate, pages = 50, 80
	d := pick(b, 5*time.Second, 2*time.Second)
	quiet := func() (float64, error) { return b.pageP99(a, browsers, pages, d) }
	arms, err := rounds(ctx, pick(b, 3, 2),
		quiet,
		func() (p99 float64, err error) {
			return p99, b.during(
				func() error {
					_, err := paced(strangers, rate, d, func(client, i int) error {
						if i%100 == 0 {
							if err := b.forgetTries(ctx); err != nil {
								return err
							}
						}
						return flood[client].try(nextAddress(), fmt.Sprint("nobody", i), "not the one")
					})
					return err
				},
				func() (err error) { p99, err = quiet(); return err },
			)
		},
	)
	if err != nil {
		return nil, err
	}
	return []row{times(fmt.Sprintf("page p99 while %d sign-ins a second are tried, against without", rate), arms[1], arms[0], 2)}, nil
}

// pageP99 has people open pages at an even pace, slower than they could.
func (b *bench) pageP99(a *agency, browsers []*browser, rate float64, d time.Duration) (float64, error) {
	list, err := paced(len(browsers), rate, d, func(client, i int) error {
		return browsers[client].get(pathOf(a.people[(i*7)%len(a.people)].id))
	})
	return percentile(list, 99), err
}

// during runs f while the other runs.
func (b *bench) during(other, f func() error) error {
	return together(2, func(client int) error {
		if client == 0 {
			return other()
		}
		return f()
	})
}
