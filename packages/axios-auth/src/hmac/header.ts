import type { CompiledScheme, SchemeDefinition } from '@countersign/schemes/engine'

/** Parts of templates that look at no header field. */
const APART = new Set(['body', 'method', 'target', 'path', 'query', 'timestamp', 'nonce', 'keyId', 'signature', 'secret', 'param'])
/** Places beside a header field of its own; most of them are read out of the header. */
const PLACES = ['authorization', 'dictionary', 'query', 'form', 'cookie', 'json', 'xml', 'path', 'item', 'from', 'list'] as const

/** Whether messages of a scheme may hold what other interceptors have put into the header. */
export function signsHeader({ definition }: CompiledScheme): boolean {
  const { message, define, fields } = definition
  return /header:|"headers"|"components"|\{cookie/.test(JSON.stringify([message, define, fields]))
}

/**
 * Whether signing looks at the header of the request at all. The plain schemes, which make most requests, do not: for them it need not be
 * listed. What is not known to be plain counts as one that does.
 */
export function readsHeader({ definition }: CompiledScheme): boolean {
  const { fields, define, scope, message, key, signature, timestamp, nonce, keyId } = definition
  if (fields !== undefined || define !== undefined || scope !== undefined || typeof message !== 'string') return true
  const homes = [signature, timestamp, nonce, keyId].filter((home) => home !== undefined) as SchemeDefinition['signature'][]
  if (homes.some((home) => PLACES.some((place) => home[place] !== undefined))) return true
  const templates = JSON.stringify([message, key, homes.map(({ format }) => format)])
  return [...templates.matchAll(/\{(\w+)/g)].some(([, part]) => !APART.has(part as string))
}
