import { SchemeRefusal } from '../refusal.js'
import { combinedHeader } from '../request/header-lines.js'
import { type Json, parseJson, pointed, scalarText, textOf } from '../request/json.js'
import { withMultipartField } from '../request/multipart.js'
import { decodeForm } from '../request/pairs.js'
import { type Places, Reading, type RequestView } from '../request/reading.js'
import { withMember } from '../request/structured.js'
import { parseXml, withXmlText } from '../request/xml.js'
import { encodeRfc3986 } from '../text/percent.js'
import type { Outgoing } from './home.js'

/** The request as it grows while it is signed. */
export class MutableOutgoing implements Outgoing {
  readonly #headers = new Map<string, string>()
  /** Where the item stands that is being signed. */
  item: readonly string[] = []
  readonly #request: RequestView
  readonly #places: Places
  #target: string
  #octets: Uint8Array
  /** What the request looks like, until a field is written. */
  #view: RequestView | undefined

  /** @param places - of the scheme */
  constructor(request: RequestView, body: Uint8Array, places: Places) {
    this.#request = request
    this.#places = places
    this.#target = request.target
    this.#octets = body
  }

  get target(): string {
    return this.#target
  }

  get octets(): Uint8Array {
    return this.#octets
  }

  get view(): RequestView {
    if (this.#view === undefined || this.#view.target !== this.#target) this.#view = this.#viewNow()
    return this.#view
  }

  get headers(): ReadonlyMap<string, string> {
    return this.#headers
  }

  header(name: string, value: string): void {
    this.#headers.set(name, value)
    this.#view = undefined
  }

  #viewNow(): RequestView {
    if (this.#headers.size === 0 && this.#target === this.#request.target) return this.#request
    const { method, secure, origin, namedOrigin, rawHeaders: given } = this.#request
    const rawHeaders: string[] = []
    for (let i = 0; i < given.length; i += 2) {
      if (!this.#headers.has((given[i] as string).toLowerCase())) rawHeaders.push(given[i] as string, given[i + 1] as string)
    }
    for (const [name, value] of this.#headers) rawHeaders.push(name, value)
    return { method, target: this.#target, rawHeaders, secure, origin, namedOrigin }
  }

  member(field: string, label: string, text: string): void {
    const there = combinedHeader(this.view.rawHeaders, field, ', ')
    this.header(field, withMember(there, field, label, text))
  }

  query(name: string, value: string): void {
    const [path, query = ''] = splitOnce(this.#target)
    this.#target = `${path}?${withPair(query, name, value)}`
  }

  form(name: string, value: string): void {
    const reading = new Reading(this.view, 0, this.#places)
    if (this.#octets.length > 0 && !reading.isForm && reading.hasForm) {
      this.#octets = withMultipartField(reading.header('content-type') as string, this.#octets, name, value)
      return
    }
    if (this.#octets.length > 0 && !reading.isForm)
      throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'the signature stands in a form, and this body is none')
    if (this.#octets.length === 0) this.header('content-type', 'application/x-www-form-urlencoded')
    this.#octets = Buffer.from(withPair(Buffer.from(this.#octets).toString(), name, value))
  }

  cookie(name: string, value: string): void {
    if (/[;,\s"\\]/.test(value)) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `the cookie ${name} would hold what no cookie can`)
    const others = new Reading(this.view, 0).cookiePairs.filter(([other]) => other !== name)
    this.header('cookie', [...others, [name, value]].map((pair) => pair.join('=')).join('; '))
  }

  path(value: string): void {
    const [, query] = splitOnce(this.#target)
    this.#target = query === undefined ? value : `${value}?${query}`
  }

  /** Writes JSON as it will be when a member was put into it, so that what is signed of it before is what is sent. */
  respell(): void {
    if (this.#octets.length === 0) return
    try {
      this.#octets = Buffer.from(JSON.stringify(parseJson(textOf(this.#octets))))
    } catch (error) {
      if (!(error instanceof SchemeRefusal)) throw error
    }
  }

  xml(path: readonly string[], value: string): void {
    const written = withXmlText(textOf(this.#octets), path, value)
    if (pointed(parseXml(written), path) !== value)
      throw new SchemeRefusal('ERR_HMAC_MALFORMED', `the element ${path.join('/')} would hold what cannot be read back`)
    this.#octets = Buffer.from(written)
  }

  text(value: string): void {
    this.#octets = Buffer.from(value)
  }

  itemBody(pointer: readonly string[], value: string, number: boolean): void {
    this.body([...this.item, ...pointer], value, number)
  }

  body(pointer: readonly string[], value: string, number: boolean): void {
    let json: unknown
    try {
      json = this.#octets.length === 0 ? {} : JSON.parse(Buffer.from(this.#octets).toString())
    } catch {
      throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'the signature stands in a JSON body, and this one is no JSON')
    }
    // What is there already stays as its sender wrote it.
    const there = pointed(json as Json, pointer)
    if (scalarText(there) === value) return
    const written = (number || typeof there === 'number') && String(Number(value)) === value ? Number(value) : value
    let at = json as Record<string, unknown>
    for (const token of pointer.slice(0, -1)) {
      checkHolds(at, token)
      const next = Object.hasOwn(at, token) ? at[token] : undefined
      if (typeof next !== 'object' || next === null) Object.defineProperty(at, token, { value: {}, enumerable: true })
      at = at[token] as Record<string, unknown>
    }
    checkHolds(at, pointer.at(-1) as string)
    Object.defineProperty(at, pointer.at(-1) as string, { value: written, enumerable: true })
    this.#octets = Buffer.from(JSON.stringify(json))
  }
}

/** A text has no members, and of a list JSON writes its items alone: what is put beside them would not be sent. */
function checkHolds(at: unknown, name: string): void {
  if (typeof at === 'object' && at !== null && (!Array.isArray(at) || pointed(at, [name]) !== undefined)) return
  throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'the signature stands in an object of a JSON body, and there is none in this one')
}

/** The pairs of a query or form with one more at their end, in place of those of its name. What is there already stays. */
function withPair(pairs: string, name: string, value: string): string {
  const same = pairs.split('&').filter((one) => decodeForm(one.split('=', 1)[0] as string) === name)
  if (same.length === 1 && decodeForm((same[0] as string).slice((same[0] as string).indexOf('=') + 1)) === value) return pairs
  const others = pairs.split('&').filter((one) => one !== '' && decodeForm(one.split('=', 1)[0] as string) !== name)
  return [...others, `${encodeRfc3986(name)}=${encodeRfc3986(value)}`].join('&')
}

function splitOnce(target: string): [string, string | undefined] {
  const mark = target.indexOf('?')
  return mark < 0 ? [target, undefined] : [target.slice(0, mark), target.slice(mark + 1)]
}
