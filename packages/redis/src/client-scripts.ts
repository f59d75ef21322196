import { script } from './script.js'

/** KEYS names, clients. ARGV a name. Answers the record of the client that has it, nil when nobody has. */
export const findScript = script(`
local id = redis.call('HGET', KEYS[1], ARGV[1])
if not id then return false end
return redis.call('HGET', KEYS[2], id)
`)

/**
 * KEYS clients, names, changes, uses. ARGV client id, the record as it was read ('' for none), the new record ('' for none), how many
 * changes are kept, the channel to publish on, a name of this writing, how many names go, those names, the names that come.
 *
 * Answers, each behind the name of the writing, `{ 'done', change id }`; `{ 'changed' }` when the record is not what was read;
 * `{ 'taken', name, client id }` when another client has one of the names. Everything or nothing is done: record, names and the news of it. Sent twice it is done once. A Redis without memory
 * refuses a script when it begins to write with something that needs memory: so a new client is refused, and a client that is there can be
 * revoked. Whether the news could be published does not matter.
 */
export const writeScript = script(`
local id, before, after = ARGV[1], ARGV[2], ARGV[3]
local held = redis.call('HGET', KEYS[1], id) or ''
if held == after and after ~= '' then return { ARGV[6], 'done', '' } end
if held ~= before then return { ARGV[6], 'changed' } end
local last = 7 + tonumber(ARGV[7])
for i = last + 1, #ARGV do
  local holder = redis.call('HGET', KEYS[2], ARGV[i])
  if holder and holder ~= id then return { ARGV[6], 'taken', ARGV[i], holder } end
end
if before ~= '' then redis.call('HDEL', KEYS[2], '') end
for i = 8, last do redis.call('HDEL', KEYS[2], ARGV[i]) end
local come = {}
for i = last + 1, #ARGV do come[#come + 1] = ARGV[i] end
local change = redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[4], '*', 'client', id, 'names', table.concat(come, '\\n'))
if after == '' then
  redis.call('HDEL', KEYS[1], id)
  redis.call('HDEL', KEYS[4], id)
else
  redis.call('HSET', KEYS[1], id, after)
end
for i = last + 1, #ARGV do redis.call('HSET', KEYS[2], ARGV[i], id) end
redis.pcall('PUBLISH', ARGV[5], id)
return { ARGV[6], 'done', change }
`)

/** KEYS changes. Answers the id of the last change; where there is none it makes one, so that there always is. */
export const lastChangeScript = script(`
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', '1')
if #last > 0 then return last[1][1] end
return redis.call('XADD', KEYS[1], '*', 'begin', '1')
`)

/**
 * KEYS uses, clients. ARGV in threes: client id, credential id, ms since 1970. Keeps the later time of each credential, and those of
 * credentials that are still there alone.
 */
export const usedScript = script(`
local uses = {}
for i = 1, #ARGV, 3 do
  local id = ARGV[i]
  if uses[id] == nil then
    local record = redis.call('HGET', KEYS[2], id)
    if record then
      local before, now = redis.call('HGET', KEYS[1], id), {}
      before = before and cjson.decode(before) or {}
      for _, credential in ipairs(cjson.decode(record).client.credentials) do now[credential.id] = before[credential.id] or 0 end
      uses[id] = now
    else
      uses[id] = false
    end
  end
  local ms, known = tonumber(ARGV[i + 2]), uses[id] and uses[id][ARGV[i + 1]]
  if known and ms > known then uses[id][ARGV[i + 1]] = ms end
end
for id, times in pairs(uses) do
  if times then redis.call('HSET', KEYS[1], id, cjson.encode(times)) end
end
return 1
`)
