import { MEMORY_POLICY } from './eviction.js'
import { script } from './script.js'

/**
 * The epoch: since when Redis remembers every claim. It is kept as `<run id>:<born>:<evicted keys>:<why>:<from>:<ahead>`; the first two
 * are its name. Redis gets another run id with each start, and another Redis has another, so that data which came back from a snapshot,
 * or from a replica that was behind, is not taken for all there was. A FLUSHALL, an eviction, or an empty Redis leaves no epoch.
 *
 * `why` is `new` where whoever found no epoch had never seen one, and `lost` where a process knew better: each says which epoch it has
 * seen last (`known`). What was signed up to `from` may have been let in before the loss. `ahead` is the latest time of a signature that was
 * let in although its time had not come; all processes are told, since Redis would have forgotten it by the time it matters (`latest`).
 *
 * SKEW: how far the clocks of two machines may differ of which the one takes the place of the other, ms. SLACK: how long before its
 * first process a fleet may have got requests, ms. `now` is the clock of Redis, which is one for all processes, unless one is given.
 */
const EPOCH = `
local SKEW, SLACK = 1000, 5000
local function text(number) return string.format('%.0f', number) end
local function clock(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local function evicted()
  return string.match(redis.call('INFO', 'stats'), 'evicted_keys:(%d+)') or '0'
end
local function put(epoch)
  local times = epoch.why .. ':' .. text(epoch.from) .. ':' .. text(epoch.ahead)
  redis.call('SET', KEYS[1], epoch.name .. ':' .. epoch.lost .. ':' .. times)
  return epoch
end
local function current(now, known, latest, thorough)
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
  if not run then return nil end
  local function begin(why)
    local from = math.max(now, latest)
    return put({ name = run .. ':' .. text(now), born = now, lost = evicted(), why = why, from = from, ahead = from })
  end
  local held = redis.call('GET', KEYS[1])
  if not held then return begin(known == '' and 'new' or 'lost') end
  local id, born, lost, why, from, ahead = string.match(held, '^(%x+):(%d+):(%d+):(%a+):(%d+):(%d+)$')
  if id ~= run or (thorough and evicted() ~= lost) then return begin('lost') end
  local epoch = { name = id .. ':' .. born, born = tonumber(born), lost = lost, why = why, from = tonumber(from), ahead = tonumber(ahead) }
  if known == '' or known == epoch.name then return epoch end
  local before = tonumber(string.match(known, ':(%d+)$')) or 0
  if why ~= 'lost' or epoch.born < before then return begin('lost') end
  if latest <= epoch.from then return epoch end
  epoch.from = latest
  epoch.ahead = math.max(epoch.ahead, latest)
  return put(epoch)
end
`

/**
 * KEYS epoch, claim. ARGV the name of the epoch that the caller knows or '', the latest time that it has been told of or 0, '1' to look for
 * evicted keys, the time in ms or '', token, TTL in ms, time of the signature in ms or '', '1' to take claims without a time after a loss.
 *
 * Answers what became of it, a value, the name of the epoch, and `ahead`: `claimed` and the token, `held` when another holds the key, or
 * `lost` and how long ago, in ms, Redis has lost what it knew. A claim that is sent again finds its own token, and holds.
 */
export const claimScript = script(`${EPOCH}
local now = clock(ARGV[4])
local epoch = current(now, ARGV[1], tonumber(ARGV[2]), ARGV[3] == '1')
if not epoch then return redis.error_reply('ERR countersign: INFO server names no run_id') end
local function answer(what, value) return { what, value, epoch.name, text(epoch.ahead) } end
local ttl, lost, signed = tonumber(ARGV[6]), epoch.why == 'lost', tonumber(ARGV[7])
local forgotten
if not signed then forgotten = lost and ARGV[8] ~= '1' and now - epoch.born <= ttl
elseif lost then forgotten = signed - SKEW <= epoch.from
else forgotten = signed + SLACK < epoch.from end
if forgotten then return answer('lost', text(now - epoch.born)) end
local held = redis.call('SET', KEYS[2], ARGV[5], 'NX', 'GET', 'PX', ARGV[6])
if held and held ~= ARGV[5] then return answer('held', '') end
if signed and signed > now and signed > epoch.ahead then
  epoch.ahead = signed
  put(epoch)
end
return answer('claimed', ARGV[5])
`)

/** KEYS claim. ARGV token. Deletes a claim that is still held by the token. */
export const releaseScript = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`)

/** KEYS epoch. ARGV the time in ms or ''. Begins the epoch where there is none; answers its name, the memory policy and the most memory. */
export const beginScript = script(`${EPOCH}
local epoch = current(clock(ARGV[1]), '', 0, true)
${MEMORY_POLICY}
return { epoch and epoch.name or '', policy, most }
`)
