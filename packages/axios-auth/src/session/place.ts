import type { OutgoingRequest } from '../carrier/step.js'
import type { Carry } from './carry.js'
import { sessionError } from './errors.js'

const JSON_TYPES = new Set(['application/json', 'application/json-rpc', 'application/jsonrequest', 'text/json'])
const FORM_TYPE = 'application/x-www-form-urlencoded'
const MEDIA_TYPE = /^[a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127}$/
// What stands in the query of a URL, and brackets as some libraries leave them: JSON under a wrong Content-Type is no form.
const FORM_TEXT = /^[!#-;=?-[\]_a-z~]*$/

/**
 * Puts a session into the query or the body of a request, where that is how it is carried, and keeps it out of errors and traces.
 *
 * @throws SessionError `ERR_AXIOS_SESSION_CARRY` where the caller has something by that name already, or the body can hold nothing
 */
export function placeSession(request: OutgoingRequest, { in: place, name }: Carry, token: string): void {
  if (place !== 'query' && place !== 'body') return
  if (place === 'query') request.target = targetWith(request.target, name, token)
  // axios names a form as the type of a POST without a body, which tells nothing of what the server wants.
  else if (request.body?.length === 0) throw unfit('is empty')
  else request.body = bodyWith(request.body, request.header('content-type'), name, token)
  for (const text of [token, encoded(token), JSON.stringify(token).slice(1, -1)]) request.hide(text)
}

/** Path and query with one more parameter. A parameter that says the same already is left. @throws as `placeSession` */
export function targetWith(target: string, name: string, token: string): string {
  const mark = target.indexOf('?')
  if (mark === -1) return `${target}?${formWith('', name, token)}`
  return target.slice(0, mark + 1) + formWith(target.slice(mark + 1), name, token)
}

/**
 * The octets of a body with one more member: the JSON object as it was written, and its last member is new; or a form with one more field. A
 * member that says the same already is left.
 *
 * @param body - undefined for a stream; an empty one is a form without fields
 * @throws as `placeSession`
 */
export function bodyWith(body: Uint8Array | undefined, contentType: string | undefined, name: string, token: string): Buffer {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const isJson = JSON_TYPES.has(type) || (type.startsWith('application/') && type.endsWith('+json'))
  if (body === undefined) throw unfit('is a stream')
  if (!isJson && type !== FORM_TYPE) throw unfit(`is of the type ${MEDIA_TYPE.test(type) ? type : 'that nobody names'}`)
  const text = textOf(body)
  if (isJson) return Buffer.from(jsonWith(text, name, token))
  if (text === undefined || !FORM_TEXT.test(text)) throw unfit('is not a form; if it is JSON, set its Content-Type')
  return Buffer.from(formWith(text, name, token))
}

function jsonWith(text: string | undefined, name: string, token: string): string {
  const object = text === undefined ? undefined : parsed(text)
  if (text === undefined || typeof object !== 'object' || object === null || Array.isArray(object)) throw unfit('is not a JSON object')
  if (Object.hasOwn(object, name)) {
    if ((object as Record<string, unknown>)[name] === token) return text
    throw taken('member', name)
  }
  // Written anew, numbers would lose digits, and a signature of the caller's would not hold.
  const end = text.lastIndexOf('}')
  const comma = Object.keys(object).length === 0 ? '' : ','
  return `${text.slice(0, end)}${comma}${JSON.stringify(name)}:${JSON.stringify(token)}${text.slice(end)}`
}

function formWith(text: string, name: string, token: string): string {
  const own = text.split('&').flatMap((pair) => {
    const mark = pair.indexOf('=')
    const key = mark === -1 ? pair : pair.slice(0, mark)
    return decoded(key) === name ? [mark === -1 ? '' : decoded(pair.slice(mark + 1))] : []
  })
  if (own.length === 1 && own[0] === token) return text
  if (own.length > 0) throw taken('parameter', name)
  const joint = text === '' || text.endsWith('&') ? '' : '&'
  return `${text}${joint}${encoded(name)}=${encoded(token)}`
}

/** RFC 3986 section 2.3: of what encodeURIComponent leaves, a quote does not stay as it is in the query of a URL. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

function decoded(text: string): string {
  const plain = text.replaceAll('+', ' ')
  try {
    return decodeURIComponent(plain)
  } catch {
    return plain
  }
}

function textOf(octets: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
  } catch {
    return undefined
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function taken(what: 'member' | 'parameter', name: string): Error {
  return sessionError('ERR_AXIOS_SESSION_CARRY', `the request has a ${what} "${name}" of its own, where the session would go`)
}

function unfit(why: string): Error {
  return sessionError('ERR_AXIOS_SESSION_CARRY', `the session is carried in the body, which ${why}`)
}
