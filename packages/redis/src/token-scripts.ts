import { script } from './script.js'

/** KEYS token. ARGV the value as it is kept. Deletes a token that is still that value. */
export const forgetScript = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`)

/** KEYS lock. ARGV holder, TTL in ms. Answers the holder when it has it, also when it asks again. */
export const lockScript = script(`
local held = redis.call('SET', KEYS[1], ARGV[1], 'NX', 'GET', 'PX', ARGV[2])
if not held or held == ARGV[1] then return ARGV[1] end
return false
`)
