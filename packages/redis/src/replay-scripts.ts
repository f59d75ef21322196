import { script } from './script.js'

/**
 * The epoch: since when Redis remembers every claim. It is kept as `<replication id>:<ms since 1970>:<evicted keys>`. Redis gets another
 * replication id with each start and each promotion, so that data which came back from a snapshot, or from a replica that was behind,
 * is not taken for all there was. A FLUSHALL, an eviction, or an empty Redis leaves no epoch.
 *
 * SKEW: how far the clocks of two machines may differ of which the one takes the place of the other, ms.
 * `now` is the clock of Redis, which is one for all processes, unless one is given.
 */
const EPOCH = `
local SKEW = 1000
local function clock(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local function evicted()
  return string.match(redis.call('INFO', 'stats'), 'evicted_keys:(%d+)') or '0'
end
local function begin(now)
  local id = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
  if not id then return nil end
  redis.call('SET', KEYS[1], id .. ':' .. string.format('%.0f', now) .. ':' .. evicted())
  return now
end
local function since(now, thorough)
  local epoch = redis.call('GET', KEYS[1])
  if not epoch then return begin(now) end
  local id, at, lost = string.match(epoch, '^(%x+):(%d+):(%d+)$')
  if not id then return begin(now) end
  if not string.find(redis.call('INFO', 'replication'), 'master_replid:' .. id, 1, true) then return begin(now) end
  if thorough and evicted() ~= lost then return begin(now) end
  return tonumber(at)
end
`

/**
 * KEYS epoch, claim. ARGV token, TTL in ms, time of the signature in ms or '', ms that it may be ahead, '1' to look for evicted keys,
 * '1' to take claims without a time after a loss, the time in ms or ''.
 *
 * Answers the token, nil when another holds the key, `{ 'lost', ms to wait }`, or `{ 'ahead', ms ahead }`. A claim that is sent again
 * finds its own token, and holds.
 */
export const claimScript = script(`${EPOCH}
local now = clock(ARGV[7])
local at = since(now, ARGV[5] == '1')
if not at then return redis.error_reply('ERR countersign: INFO replication names no master_replid') end
local ttl = tonumber(ARGV[2])
if ARGV[3] ~= '' then
  local signed, ahead = tonumber(ARGV[3]), tonumber(ARGV[4])
  if signed - now > ahead then return { 'ahead', string.format('%.0f', signed - now) } end
  if signed - ahead - SKEW <= at then return { 'lost', string.format('%.0f', at - signed + ahead + SKEW) } end
elseif ARGV[6] ~= '1' and now - at <= ttl then
  return { 'lost', string.format('%.0f', at + ttl - now) }
end
local held = redis.call('SET', KEYS[2], ARGV[1], 'NX', 'GET', 'PX', ARGV[2])
if not held or held == ARGV[1] then return ARGV[1] end
return false
`)

/** KEYS claim. ARGV token. Deletes a claim that is still held by the token. */
export const releaseScript = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`)

/** KEYS epoch. ARGV the time in ms or ''. Begins the epoch where there is none; answers the memory policy and the most memory. */
export const beginScript = script(`${EPOCH}
since(clock(ARGV[1]), true)
local memory = redis.call('INFO', 'memory')
return { string.match(memory, 'maxmemory_policy:([%w-]+)') or '', string.match(memory, 'maxmemory:(%d+)') or '0' }
`)
