package limit

import "github.com/redis/go-redis/v9"

// The scripts run atomically in Redis. Times are milliseconds of the injected clock;
// only expiry is Redis's own, and later than anything that is still counted.
var (
	// quotaScript takes ARGV[2] turns of every quota or of none (GCRA: a key holds the
	// time at which all turns are back; half a millisecond forgives its fractions). KEYS quotas; ARGV now, turns wanted, then
	// turns and period of each. Returns 0, or how long until there is a turn.
	quotaScript = redis.NewScript(`
local now, want, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), 0
local back = {}
for i, key in ipairs(KEYS) do
	local turns, per = tonumber(ARGV[1 + 2*i]), tonumber(ARGV[2 + 2*i])
	back[i] = math.max(tonumber(redis.call('GET', key)) or now, now) + want * per / turns
	longest = math.max(longest, math.ceil(back[i] - now - per - 0.5))
end
if longest > 0 then return longest end
for i, key in ipairs(KEYS) do
	redis.call('SET', key, string.format('%.6f', back[i]), 'PX', math.ceil(back[i] - now) + 1000)
end
return 0`)

	// A ladder is a hash of n (tries not yet forgotten, with fractions), at (when n
	// was so) and ready (no try before). ladderLua reads and writes one.
	ladderLua = `
local function read(key, now, forgets)
	local h = redis.call('HMGET', key, 'n', 'at', 'ready')
	local n, at = tonumber(h[1]) or 0, tonumber(h[2]) or now
	return math.max(0, n - math.max(0, now - at) / forgets), tonumber(h[3]) or 0
end
local function write(key, n, now, ready, forgets)
	if n <= 0 then redis.call('DEL', key) return end
	redis.call('HSET', key, 'n', string.format('%.6f', n), 'at', now, 'ready', string.format('%.0f', ready))
	redis.call('PEXPIRE', key, math.ceil(math.max(n * forgets, ready - now)) + 1000)
end
local function numbers(offset, i)
	local at = offset + 4 * (i - 2)
	return tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
end
local from, to = 3, #KEYS
if redis.call('EXISTS', KEYS[1]) == 1 then from, to = 2, 2 end
`
	// KEYS known device, device ladder, other ladders; ARGV now, then free, first,
	// longest, forgets of each ladder. Returns 0, or how long to wait.
	tryScript = redis.NewScript(ladderLua + `
local now, longest = tonumber(ARGV[1]), 0
for i = from, to do
	local _, _, _, forgets = numbers(2, i)
	local _, ready = read(KEYS[i], now, forgets)
	longest = math.max(longest, ready - now)
end
if longest > 0 then return longest end
for i = from, to do
	local free, first, most, forgets = numbers(2, i)
	local n = read(KEYS[i], now, forgets) + 1
	local ready = 0
	if n >= free then ready = now + math.min(most, first * 2 ^ math.min(30, math.floor(n - free + 0.5))) end
	write(KEYS[i], n, now, ready, forgets)
end
return 0`)

	// As tryScript, with ARGV[2] how long the device stays known after a success, 0
	// when the try came to nothing. Success forgets the tries of the pair.
	takeBackScript = redis.NewScript(ladderLua + `
local now, known = tonumber(ARGV[1]), tonumber(ARGV[2])
for i = from, to do
	local free, _, _, forgets = numbers(3, i)
	local n, ready = read(KEYS[i], now, forgets)
	n = n - 1
	if n < free then ready = 0 end
	if known > 0 and i <= 3 then n = 0 end
	write(KEYS[i], n, now, ready, forgets)
end
if known > 0 then redis.call('SET', KEYS[1], '1', 'PX', known) end
return 1`)
)
