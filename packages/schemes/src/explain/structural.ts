import { headerValues } from '@countersign/core/base'
import { unitLike } from '../time/read-unit.js'
import { keyIdsOf } from '../verify/verify.js'
import { type Cause, type Told, told } from './causes.js'
import { renamedVariants } from './header-variants.js'
import { looksLike, otherSchemes } from './other-schemes.js'
import { type Searched, timestampOf } from './searched.js'
import { timeTold } from './time-variants.js'
import { readTrial, refusedOr } from './trial.js'

/** What a code says by itself. */
const BY_CODE: Readonly<Record<string, Cause>> = {
  ERR_HMAC_DUPLICATED: 'field-repeated',
  ERR_HMAC_MALFORMED: 'malformed',
  ERR_HMAC_INCOMPLETE: 'incomplete',
  ERR_HMAC_STALE: 'time-stale',
  ERR_HMAC_FUTURE: 'time-future',
  ERR_HMAC_UNKNOWN_KEY: 'key-unknown',
  ERR_HMAC_ALGORITHM: 'algorithm-unlisted',
  ERR_HMAC_UNCOVERED: 'uncovered',
  ERR_HMAC_DIGEST: 'digest',
  ERR_HMAC_UNSIGNED_BODY: 'body-unsigned',
  ERR_HMAC_NOTHING_SIGNED: 'nothing-signed',
}

/** What the request is refused for, as far as it can be seen without its signature; the likeliest first. */
export function structural(searched: Searched): readonly Told[] {
  const { verdict, input, reading } = searched
  if (verdict.code === 'ERR_HMAC_MISSING') return missing(searched)
  if (verdict.code === 'ERR_HMAC_MISMATCH') return shortened(searched)
  const timestamp = reading === undefined ? undefined : timestampOf(input, reading)
  if (verdict.code === 'ERR_HMAC_STALE' || verdict.code === 'ERR_HMAC_FUTURE') {
    const late = timestamp === undefined ? [] : timeTold(input.scheme, timestamp, input.now)
    if (late.length > 0) return late
  }
  if (verdict.code === 'ERR_HMAC_MALFORMED') return [malformed(searched, timestamp)]
  if (verdict.code === 'ERR_HMAC_UNKNOWN_KEY') return [told('key-unknown', `no active secret belongs to ${keyIds(searched)}`)]
  return [told(BY_CODE[verdict.code] ?? 'unknown', verdict.reason)]
}

/** Whether it is the signature that does not hold, so that the cause lies in what was not seen. */
export function isLost({ verdict, input }: Searched): boolean {
  return input.bodyRead && ['ERR_HMAC_MISMATCH', 'ERR_HMAC_STALE', 'ERR_HMAC_FUTURE'].includes(verdict.code)
}

/** A body that was announced and is not there. */
export function consumed({ input: { view, body, bodyRead } }: Searched): Told | undefined {
  const [length = '0'] = headerValues(view.rawHeaders, 'content-length')
  if (!bodyRead || body.length > 0 || !/^[0-9]{1,15}$/.test(length) || Number(length) === 0) return undefined
  return told('body-consumed', `the body is empty here, and the request announces ${length} octets: something read it before`)
}

/** A body that is of another length than was announced was written again, or cut. */
export function shortened({ input: { view, body, bodyDecoded = false } }: Searched): readonly Told[] {
  const [length] = headerValues(view.rawHeaders, 'content-length')
  const chunked = headerValues(view.rawHeaders, 'transfer-encoding').length > 0
  if (bodyDecoded || length === undefined || chunked || !/^[0-9]{1,15}$/.test(length) || Number(length) === body.length) return []
  return [told('body-length', `the body has ${body.length} octets, and the request announces ${length}: it was changed on its way`)]
}

function missing(searched: Searched): readonly Told[] {
  const { input, base, settings } = searched
  const { scheme, view } = input
  const foreign = looksLike(otherSchemes(scheme.definition, view.rawHeaders), scheme.definition)
  if (foreign !== undefined) return [foreign]
  const reads = renamedVariants(scheme, view).find((vary) => {
    const renamed = vary(base)
    return renamed !== undefined && refusedOr(() => readTrial(renamed, { ...settings, readsMembers: false })) !== undefined
  })
  const line = reads?.(base)?.told.at(-1)
  if (line !== undefined) return [line]
  const { headers, place } = scheme.signature.home
  const at = headers.length > 0 ? headers.join(' or ') : (place ?? 'the place of the signature')
  return [told('signature-missing', `the request carries no signature: ${at} is not there`)]
}

function malformed({ verdict, input }: Searched, timestamp: string | undefined): Told {
  const unit = input.scheme.facts.timestamp?.unit
  const home = input.scheme.carried.find(({ name }) => name === 'timestamp')?.home
  const [text] =
    timestamp === undefined && home?.format.plain !== undefined
      ? home.headers.flatMap((name) => headerValues(input.view.rawHeaders, name))
      : []
  const isTime = verdict.reason.includes('timestamp') || (text !== undefined && verdict.reason.includes(home?.headers[0] ?? '\n'))
  if (isTime) return timeForm(text ?? timestamp ?? '', String(unit), input.now)
  const { headers } = input.scheme.signature.home
  if (headers.some((name) => verdict.reason.includes(name)) || verdict.reason.includes('signature'))
    return told('signature-form', verdict.reason)
  return told('malformed', verdict.reason)
}

function timeForm(text: string, unit: string, now: number): Told {
  const like = unitLike(text, now)
  const other = like === unit ? undefined : like
  const said = other === undefined ? '' : `; it is written in "unit": ${JSON.stringify(other)}`
  return told(other === undefined ? 'time-form' : 'time-unit', `the time "${text.slice(0, 64)}" is not written in ${unit}${said}`)
}

function keyIds({ input, reading }: Searched): string {
  const ids = reading === undefined ? [] : (refusedOr(() => keyIdsOf(input.scheme, reading)) ?? [])
  const named = ids.flatMap((id) => (id === undefined ? [] : [`"${id.slice(0, 64)}"`]))
  return named.length === 0 ? 'the request, which names no key id' : `the key id ${named.slice(0, 4).join(', ')}`
}
