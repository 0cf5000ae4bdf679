package session

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
)

// The scripts run atomically in Redis. Times come in as arguments, from the injected
// clock; only expiry is Redis's own. What is told of a session in lists stands under its
// key with "d" for "s" (SetDevice), and goes where it goes.
var (
	// KEYS session, index; ARGV value, ttl, member, ends at, now, index ttl (ms)
	startScript = redis.NewScript(`
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[5])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[6])
return 1`)

	// KEYS session; ARGV value expected, value, ttl (ms). Returns "" when done, the
	// value found when it is another one, nil when there is none.
	changeScript = redis.NewScript(`
local found = redis.call('GET', KEYS[1])
if not found then return false end
if found ~= ARGV[1] then return found end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return ''`)

	// KEYS old session, new session, indexes; ARGV value, ttl (ms), ends at, ttl of the
	// device and the indexes (ms)
	rotateScript = redis.NewScript(`
if redis.call('DEL', KEYS[1]) == 0 then return 0 end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
for i = 3, #KEYS do
	redis.call('ZREM', KEYS[i], KEYS[1])
	redis.call('ZADD', KEYS[i], ARGV[3], KEYS[2])
	redis.call('PEXPIRE', KEYS[i], ARGV[4])
end
local device = 'd' .. string.sub(KEYS[1], 2)
if redis.call('EXISTS', device) == 1 then
	redis.call('RENAME', device, 'd' .. string.sub(KEYS[2], 2))
	redis.call('PEXPIRE', 'd' .. string.sub(KEYS[2], 2), ARGV[4])
end
return 1`)

	// KEYS index; ARGV session, ends at, index ttl (ms)
	markScript = redis.NewScript(`
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`)

	// KEYS session, index
	endScript = redis.NewScript(`
redis.call('ZREM', KEYS[2], KEYS[1])
redis.call('DEL', 'd' .. string.sub(KEYS[1], 2))
return redis.call('DEL', KEYS[1])`)

	// KEYS index; ARGV session that is spared, or "". The members are keys with the
	// same hash tag as the index.
	endAllScript = redis.NewScript(`
local ended = 0
for _, key in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
	if key ~= ARGV[1] then
		ended = ended + redis.call('DEL', key)
		redis.call('DEL', 'd' .. string.sub(key, 2))
		redis.call('ZREM', KEYS[1], key)
	end
end
return ended`)
)

// change applies f to the session and stores it, again when another request was
// faster. f returns false when there is nothing to store.
func (st *Store) change(ctx context.Context, s *Session, f func(*Session) bool) error {
	for range 10 {
		next := *s
		if !f(&next) {
			return nil
		}
		value, err := st.seal(&next)
		if err != nil {
			return err
		}
		found, err := changeScript.Run(ctx, st.redis, []string{s.key}, s.stored, value, next.ttl(st.now())).Text()
		switch {
		case errors.Is(err, redis.Nil):
			return ErrNone
		case err != nil:
			return unavailable("change session", err)
		case found == "":
			next.stored = value
			*s = next
			return nil
		}
		now, err := st.open(s.token, s.key, found)
		if err != nil {
			return err
		}
		*s = *now
	}
	return unavailable("change session", errors.New("too many changes at once"))
}

// Dial makes the client for sessions and limits. It connects when it is first used.
// A Redis that is gone must be noticed in well under a second, since every request
// asks it. The error does not repeat the address, which may hold a password.
func Dial(address string) (*redis.Client, error) {
	options, err := redis.ParseURL(address)
	if err != nil {
		return nil, errors.New("the address of Redis cannot be read")
	}
	options.DialTimeout = time.Second
	options.DialerRetries = 1
	options.ReadTimeout = time.Second
	options.WriteTimeout = time.Second
	options.PoolTimeout = 2 * time.Second
	options.MaxRetries = 1
	options.ContextTimeoutEnabled = true
	options.MinIdleConns = 2
	options.DisableIdentity = true
	logging.Disable() // errors come back to the caller; it would write to stderr besides
	return redis.NewClient(options), nil
}
