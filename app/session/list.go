package session

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// Living is a session that somebody has, as far as its name in Redis tells without its
// secret.
type Living struct {
	Started time.Time // when she signed in there
	Seen    time.Time // about when it was last used; zero when that cannot be told
	Current bool
	Device  Device
}

// KEYS index. Returns for each living session its key, when it ends at the latest, for how
// long Redis keeps it (ms), and on which device it began, sealed.
var listScript = redis.NewScript(`
local found = {}
local members = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 1, #members, 2 do
	local left = redis.call('PTTL', members[i])
	if left > 0 then
		table.insert(found, members[i])
		table.insert(found, members[i + 1])
		table.insert(found, tostring(left))
		table.insert(found, redis.call('GET', 'd' .. string.sub(members[i], 2)) or '')
	end
end
return found`)

// List says where somebody is signed in, the latest first. What is known of a session that
// is not at hand is when it began, and from how long Redis keeps it, when it was last used.
// current is the session that asks, or nil; idle is the agency's setting.
func (st *Store) List(ctx context.Context, agency, staff uuid.UUID, current *Session, idle time.Duration) ([]Living, error) {
	index := st.index(agency, staff)
	found, err := listScript.Run(ctx, st.redis, []string{index}).StringSlice()
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, unavailable("list sessions", err)
	}
	var all []Living
	for row := range slices.Chunk(found, 4) {
		ends, err := strconv.ParseFloat(row[1], 64)
		left, err2 := strconv.ParseInt(row[2], 10, 64)
		if err := errors.Join(err, err2); err != nil {
			return nil, unavailable("list sessions", err)
		}
		last := time.UnixMilli(int64(ends)).UTC()
		one := Living{Started: last.Add(-Absolute), Device: st.openDevice(row[3], index)}
		if forgotten := st.now().Add(time.Duration(left) * time.Millisecond); forgotten.Before(last.Add(-time.Second)) {
			one.Seen = forgotten.Add(-Idle(idle))
		}
		if current != nil && row[0] == current.key {
			one.Current, one.Started, one.Seen = true, current.end().Add(-Absolute), current.SeenAt
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b Living) int { return b.Started.Compare(a.Started) })
	return all, nil
}
