import { headerValues, soleHeader } from '@countersign/core/base'
import type { HmacKey } from '../hash/hmac.js'
import { SchemeRefusal } from '../refusal.js'
import type { Covered } from './covered.js'
import { combinedHeader } from './header-lines.js'
import { type Json, parseJson, textOf } from './json.js'
import { minified } from './json-spelling.js'
import { multipartField, multipartPairs } from './multipart.js'
import { MAX_PAIRS, nameOf, type Pair, pairsOf, solePair, withoutPair } from './pairs.js'
import { pathAndQuery } from './request-target.js'
import { type Dictionary, readDictionary } from './structured.js'
import { parseXml } from './xml.js'

/** What the engine sees of a request. */
export interface RequestView {
  readonly method: string
  /** Path and query as received. */
  readonly target: string
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[]
  /** Whether the connection is TLS; decides `{scheme}` and the default port where no public origin is configured. */
  readonly secure: boolean
  /** The configured public origin, `https://api.example.com`, without a slash behind it. */
  readonly origin: string | undefined
  /** The origin that the caller named with the request; counts where neither a configured one nor a Host is known. */
  readonly namedOrigin: string | undefined
}

/** One signature of the request, and the key id that its element names. */
export interface Candidate {
  readonly signature: string
  readonly keyId: string | undefined
}

/** Where a scheme has what a reading needs to know the place of. */
export interface Places {
  /** The query parameter that carries the signature: it is no part of what is signed. */
  readonly signatureQuery?: string | undefined
  /** The form field that holds the JSON, where the body is a form. */
  readonly jsonField?: string | undefined
  /** Whether the scheme says that the body is not signed, or not all of it. */
  readonly unboundBody?: boolean
}

const NOWHERE: Places = {}

/** Everything known of one request while it is judged: its parts, read on demand, and what its homes carried. */
export class Reading {
  readonly request: RequestView
  /** What roles and fields carried, by their index. */
  readonly captured: (string | undefined)[]
  readonly candidates: Candidate[] = []
  body: Uint8Array = EMPTY
  /** The key of the secret that is being tried. */
  key: HmacKey | undefined
  /** Whether the request is being signed rather than judged. */
  signing = false
  /** The label under which this reading looks into Dictionary fields. */
  label: string | undefined
  /** A reading for each label of the request, where each is a signature of its own. */
  labels: readonly Reading[] | undefined
  /** The list of components that is covered, as it was read. */
  covered: Covered | undefined
  /** The refusal of its time, where the scheme tells its clock to those whose signature holds. */
  late: SchemeRefusal | undefined
  /** When it was signed, milliseconds, once its time was judged. */
  signedAt: number | undefined
  item: Json | undefined
  /** The text of the secret that is being tried, for schemes that sign it too. */
  secretText: string | undefined
  #query: readonly Pair[] | undefined
  #form: readonly Pair[] | undefined
  #json: { readonly value: Json } | undefined
  #tight: string | undefined
  #xml: Json | undefined
  #split: number | undefined
  #path: string | undefined
  #dictionaries: Map<string, Dictionary> | undefined
  readonly #places: Places
  readonly #left: string | undefined

  constructor(request: RequestView, slots: number, places: Places = NOWHERE) {
    this.request = request
    this.captured = new Array(slots).fill(undefined)
    this.#places = places
    this.#left = places.signatureQuery
  }

  get target(): string {
    return this.#left === undefined ? this.#received : joinTarget(this.path, this.query)
  }

  get path(): string {
    const target = this.#received
    return this.#mark < 0 ? target : target.slice(0, this.#mark)
  }

  /** The query as received, without `?`, without the parameter that carries the signature. */
  get query(): string {
    const query = this.#mark < 0 ? '' : this.#received.slice(this.#mark + 1)
    return this.#left === undefined ? query : withoutPair(query, this.#left)
  }

  /** Path and query as received, checked once, and only where a scheme looks at them. */
  get #received(): string {
    this.#path ??= pathAndQuery(this.request.target)
    return this.#path
  }

  get #mark(): number {
    this.#split ??= this.#received.indexOf('?')
    return this.#split
  }

  /** The value of a field; undefined when absent. A repeated one is refused. */
  header(name: string): string | undefined {
    const value = soleHeader(this.request.rawHeaders, name)
    if (value === null) throw new SchemeRefusal('ERR_HMAC_DUPLICATED', `the field ${name} stands more than once`)
    return value
  }

  hasHeader(name: string): boolean {
    return soleHeader(this.request.rawHeaders, name) !== undefined
  }

  /** The media type without parameters, lower case; empty when there is none. */
  get contentType(): string {
    return mediaType(this.header('content-type') ?? '')
  }

  /** The parameters of the whole query, undecoded, the signature's own included. */
  get queryPairs(): readonly Pair[] {
    this.#query ??= pairsOf(this.#mark < 0 ? '' : this.#received.slice(this.#mark + 1))
    return this.#query
  }

  /** Whether the body says that it is a form. */
  get isForm(): boolean {
    return this.contentType === 'application/x-www-form-urlencoded'
  }

  /** Whether its fields can be signed: of a form with files only where the scheme says that more of the body is not signed. */
  get hasForm(): boolean {
    return this.isForm || (this.#places.unboundBody === true && this.#isMultipart)
  }

  get #isMultipart(): boolean {
    return this.contentType === 'multipart/form-data'
  }

  /** Whether somebody has asked for the pairs of the body. */
  get isFormRead(): boolean {
    return this.#form !== undefined
  }

  /** The pairs of a form body, undecoded. A body that is no form is refused: it would be signed as if it were not there. */
  get formPairs(): readonly Pair[] {
    this.#form ??= this.body.length > 0 ? this.#fields() : []
    return this.#form
  }

  #fields(): readonly Pair[] {
    if (this.isForm) return pairsOf(textOf(this.body))
    if (this.hasForm) return multipartPairs(this.header('content-type') as string, this.body)
    const how = this.#isMultipart ? 'a multipart one, of which files are not signed; say so in "allowUnboundBody"' : 'none'
    throw new SchemeRefusal('ERR_HMAC_UNSIGNED_BODY', `the scheme signs the fields of a form, and the body is ${how}`)
  }

  /**
   * The pairs of the Cookie field (RFC 6265 section 4.2.1), values as they are, blanks behind them too; several lines of it are one (RFC 9113 section 8.2.3). Blanks
   * around a name are none of it: readers of cookies take `a =1` for a.
   */
  get cookiePairs(): readonly Pair[] {
    const found = headerValues(this.request.rawHeaders, 'cookie').join(';').split(';')
    if (found.length > MAX_PAIRS) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `more than ${MAX_PAIRS} cookies`)
    return found.flatMap((pair): Pair[] => (pair.includes('=') ? [[nameOf(pair).trim(), pair.slice(nameOf(pair).length + 1)]] : []))
  }

  get json(): Json {
    this.#json ??= { value: parseJson(this.#jsonText) }
    return this.#json.value
  }

  get #jsonText(): string {
    const field = this.#places.jsonField
    if (field === undefined || !(this.#isMultipart || this.isForm)) return textOf(this.body)
    const text = this.#isMultipart
      ? multipartField(this.header('content-type') as string, this.body, field)
      : solePair(this.formPairs, field, 'form field')
    if (text === undefined) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `the form of the body has no field ${field}`)
    return text
  }

  /** The JSON without the blanks between its tokens. */
  get tightJson(): string {
    this.#tight ??= minified(this.#jsonText)
    return this.#tight
  }

  /** The elements of a body of XML, by name. */
  get xml(): Json {
    this.#xml ??= parseXml(textOf(this.body))
    return this.#xml
  }

  /** A Dictionary field, all its lines together; undefined when it is absent. */
  dictionary(field: string): Dictionary | undefined {
    const known = this.#dictionaries?.get(field)
    if (known !== undefined) return known
    const value = combinedHeader(this.request.rawHeaders, field, ', ')
    if (value === undefined) return undefined
    const read = readDictionary(value, field)
    this.#dictionaries ??= new Map()
    this.#dictionaries.set(field, read)
    return read
  }

  /** Takes over what another reading has parsed of the same body. @returns whether that is anything */
  parsedAs(other: Reading): boolean {
    this.#form = other.#form
    this.#json = other.#json
    this.#tight = other.#tight
    this.#xml = other.#xml
    return [this.#form, this.#json, this.#tight, this.#xml].some((one) => one !== undefined)
  }

  /** A reading of the same request for what stands under one label. */
  forLabel(label: string): Reading {
    const reading = new Reading(this.request, this.captured.length, this.#places)
    reading.label = label
    this.#dictionaries ??= new Map()
    reading.#dictionaries = this.#dictionaries
    return reading
  }

  /** A reading of the same request for elements of a list that are judged apart from others. */
  forElement(): Reading {
    return new Reading(this.request, this.captured.length, this.#places)
  }

  /** A reading of the same request for one item of a scope. */
  forItem(item: Json): Reading {
    const reading = new Reading(this.request, this.captured.length, this.#places)
    reading.body = this.body
    reading.item = item
    reading.parsedAs(this)
    for (let i = 0; i < this.captured.length; i += 1) reading.captured[i] = this.captured[i]
    return reading
  }
}

const EMPTY = new Uint8Array(0)

function joinTarget(path: string, query: string): string {
  return query === '' ? path : `${path}?${query}`
}

/** A media type without parameters, lower case. */
function mediaType(value: string): string {
  const end = value.indexOf(';')
  return (end < 0 ? value : value.slice(0, end)).trim().toLowerCase()
}
