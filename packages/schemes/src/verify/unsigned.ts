import type { CompiledScheme } from '../compile/compiled-scheme.js'
import type { SchemeFacts } from '../judge/facts.js'
import { SchemeRefusal } from '../refusal.js'
import type { Reading } from '../request/reading.js'

/** The HMAC of nothing is one constant for all time, and the signature of a body says nothing about a request without one. */
export function refuseNothingSigned(scheme: CompiledScheme, reading: Reading, allowEmptyBody: boolean): void {
  const binding = bindingOf(scheme, reading)
  if (binding.body === 'none' && reading.body.length > 0 && !scheme.unboundBody) {
    throw new SchemeRefusal('ERR_HMAC_UNSIGNED_BODY', 'the request has a body, which the scheme does not sign')
  }
  if (binding.body === 'data' && reading.body.length > 0) refuseOtherCharset(reading.header('content-type') ?? '')
  if (allowEmptyBody || binding.method || binding.path || binding.timestamp || binding.nonce) return
  if (binding.query && reading.query !== '') return
  const { method } = reading.request
  if (reading.body.length === 0) throw new SchemeRefusal('ERR_HMAC_NOTHING_SIGNED', `the body is empty, and ${UNBOUND}`)
  if (method !== 'POST' && method !== 'PUT' && method !== 'PATCH') {
    throw new SchemeRefusal('ERR_HMAC_NOTHING_SIGNED', `${method} is no method that carries a body, and ${UNBOUND}`)
  }
}

/** What is signed of parsed members is their text in UTF-8; a parser that follows another charset would hand on another text. */
export function refuseOtherCharset(type: string): void {
  const named = type.match(/charset/gi)
  if (named === null || (named.length === 1 && UTF_8.test(type))) return
  throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'the scheme signs the parsed body, and Content-Type names a charset other than UTF-8')
}

/** Members of JSON are signed, and a parser of forms would find others in the same octets. */
export function refuseFormOfJson(scheme: CompiledScheme, reading: Reading): void {
  if (bindingOf(scheme, reading).body !== 'data' || reading.body.length === 0 || reading.isFormRead || !reading.isForm) return
  throw new SchemeRefusal(
    'ERR_HMAC_UNSIGNED_BODY',
    'the scheme signs no fields of a form, and the body says that it is one; write {form:name}, or "each": "form"',
  )
}

function bindingOf(scheme: CompiledScheme, reading: Reading): SchemeFacts['binds'] {
  return (scheme.facts.branches[scheme.branchOf(reading)] as SchemeFacts['branches'][number]).binding
}

const UTF_8 = /;[ \t]*charset[ \t]*=[ \t]*(?:utf-?8|"utf-?8")[ \t]*(?:;|$)/i

const UNBOUND = 'the scheme signs no method, path, whole query, time or nonce; allowEmptyBody accepts such requests'
