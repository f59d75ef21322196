import { SchemeRefusal } from '../refusal.js'

// RFC 9112 section 3.2: no blanks and controls; a "#" belongs to no target, and routers cut it off.
const VISIBLE = /^[\x21\x22\x24-\x7e\x80-\xff]*$/
// RFC 9112 section 3.2.2, with hosts and ports alone: at ";", "%" and "'" a router begins the path, and finds none behind other schemes.
const ABSOLUTE = /^https?:\/\/[A-Za-z0-9.:[\]_~-]+(?=[/?]|$)/i

/**
 * The path and query of a request target as a router finds them; of the absolute form what is behind the authority.
 *
 * @throws SchemeRefusal `ERR_HMAC_MALFORMED` for a target of which a router could make another path
 */
export function pathAndQuery(target: string): string {
  if (!VISIBLE.test(target)) throw malformed('holds a blank, a control character or "#"')
  if (target.charCodeAt(0) === 0x2f || target === '*') return target
  const origin = ABSOLUTE.exec(target)?.[0]
  if (origin === undefined) throw malformed('is no path, and no http URL of a plain host')
  const rest = target.slice(origin.length)
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** A request target as it stands in the request line. */
export function requestTarget(target: string): string {
  pathAndQuery(target)
  return target
}

function malformed(problem: string): SchemeRefusal {
  return new SchemeRefusal('ERR_HMAC_MALFORMED', `the request target ${problem}`)
}
