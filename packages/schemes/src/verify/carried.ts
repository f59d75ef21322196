import type { CarriedHome, CompiledScheme } from '../compile/compiled-scheme.js'
import type { Captures } from '../home/captured.js'
import { isOfOneSignature, MAX_ELEMENTS, notOfTheForm, readHome, sharedField } from '../home/homes.js'
import { checkKeyId } from '../key/key-id.js'
import { SchemeRefusal } from '../refusal.js'
import type { Reading } from '../request/reading.js'
import { trimBlanks } from '../text/blanks.js'

/** Reads the signatures of the request, and what else their format captures. */
export function readSignatures(scheme: CompiledScheme, reading: Reading): void {
  const { home, list } = scheme.signature
  if (scheme.ahead.length > 0) readAhead(scheme, reading)
  const texts = home.texts(reading)
  if (texts.length === 0) throw missing()
  const { inner, sole } = home.format
  if (inner !== undefined && list === undefined) return readAlone(scheme, reading, texts, inner)
  if (sole !== undefined && list !== undefined) return readListed(scheme, reading, texts, list, sole)
  takeSignatures(scheme, reading, readHome(home, texts, list, scheme.maxSignatures))
}

/** What the signature is a part of. */
function readAhead(scheme: CompiledScheme, reading: Reading): void {
  for (const one of scheme.ahead) if (one.home.phase === scheme.signature.home.phase) readCarried(scheme, one, reading)
}

function takeSignatures(scheme: CompiledScheme, reading: Reading, found: readonly Captures[]): void {
  const { home } = scheme.signature
  const [first] = found
  if (first === undefined) throw noneOfTheForm(scheme)
  captureAll(scheme, reading, first, 'signature')
  for (const captures of found) {
    const keyId = home.several ? captures.get('keyId') : undefined
    if (keyId !== undefined) checkKeyId(keyId)
    reading.candidates.push({ signature: captures.get('signature') as string, keyId })
  }
}

/**
 * Reads the elements of a list that carry more than a signature and a key id: what one says of its time counts for no other, so that
 * those which say the same are a reading of their own. The one reading itself where all do.
 */
export function readElements(scheme: CompiledScheme, reading: Reading): readonly Reading[] {
  const { home, list } = scheme.signature
  if (scheme.ahead.length > 0) readAhead(scheme, reading)
  const texts = home.texts(reading)
  if (texts.length === 0) throw missing()
  const groups = new Map<string, Captures[]>()
  for (const captures of readHome(home, texts, list, scheme.maxSignatures)) {
    const said = JSON.stringify([...captures].filter(([name]) => !isOfOneSignature(name)))
    groups.set(said, [...(groups.get(said) ?? []), captures])
  }
  const found = groups.size === 0 ? [[]] : [...groups.values()]
  return found.map((captures) => {
    const one = found.length === 1 ? reading : reading.forElement()
    takeSignatures(scheme, one, captures)
    return one
  })
}

/** The common case, in which the text is the signature and constants around it. */
function readAlone(scheme: CompiledScheme, reading: Reading, texts: readonly string[], inner: (text: string) => string | undefined): void {
  if (texts.length > scheme.maxSignatures) throw tooMany(scheme)
  const { width } = scheme.mac.shape
  for (const whole of texts) {
    const text = inner(whole)
    if (text === undefined) throw ofAnother(scheme, 'the signature is not of the form of the scheme')
    if (text === '' || (scheme.algorithms === undefined && width !== undefined && text.length !== width))
      throw ofAnother(scheme, `the signature has ${text.length} characters, where the scheme gives it ${width ?? 'at least one'}`)
    reading.candidates.push({ signature: text, keyId: undefined })
  }
}

/** A list whose elements are the signature and constants around it; others are ignored. */
function readListed(
  scheme: CompiledScheme,
  reading: Reading,
  texts: readonly string[],
  separator: string,
  sole: (text: string) => string | undefined,
): void {
  let elements = 0
  for (const text of texts) {
    for (let start = 0; start <= text.length; elements += 1) {
      if (elements === MAX_ELEMENTS) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `more than ${MAX_ELEMENTS} elements`)
      const end = text.indexOf(separator, start)
      const signature = sole(trimBlanks(text.slice(start, end < 0 ? text.length : end)))
      if (signature !== undefined) reading.candidates.push({ signature, keyId: undefined })
      start = end < 0 ? text.length + 1 : end + separator.length
    }
  }
  if (reading.candidates.length === 0) throw noneOfTheForm(scheme)
  if (reading.candidates.length > scheme.maxSignatures) throw tooMany(scheme)
}

function noneOfTheForm(scheme: CompiledScheme): SchemeRefusal {
  return ofAnother(scheme, 'no element of the signature is of the form of the scheme')
}

/** What is in the field may be the signature of another scheme. */
function ofAnother({ signature: { home } }: CompiledScheme, reason: string): SchemeRefusal {
  return new SchemeRefusal('ERR_HMAC_MALFORMED', reason, { elsewhere: sharedField(home) })
}

function tooMany({ maxSignatures }: CompiledScheme): SchemeRefusal {
  return new SchemeRefusal('ERR_HMAC_MALFORMED', `more than ${maxSignatures} signatures`)
}

/** What a request without any signature of the scheme is refused with. */
export function missing(): SchemeRefusal {
  return new SchemeRefusal('ERR_HMAC_MISSING', 'the request carries no signature of the scheme', { absent: true })
}

/** Reads what a role or a field carries; nothing when it is absent. */
export function readCarried(scheme: CompiledScheme, { home }: CarriedHome, reading: Reading): void {
  if (home.read !== undefined) {
    const read = home.read(reading)
    if (read !== undefined) captureAll(scheme, reading, read)
    return
  }
  const texts = home.texts(reading)
  const [text] = texts
  if (text === undefined) return
  const { sole, names } = home.format
  if (texts.length > 1) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `{${names.join('}, {')}} stands in more than one of its fields`)
  if (sole === undefined) {
    const [captures] = readHome(home, texts, undefined, 1)
    captureAll(scheme, reading, captures as Captures)
    return
  }
  const value = sole(text)
  if (value === undefined) throw notOfTheForm(home, text)
  if (value !== '') capture(scheme, reading, names[0] as string, value)
}

/** Longer than any id, nonce or list that is sent. A text out of the body, such as the claims of a token, is as long as that may be. */
const MAX_CAPTURE = 4096

function isTextOfBody({ signature, carried, fields }: CompiledScheme, name: string): boolean {
  const field = fields.find((one) => one.name === name)?.definition
  if (field === undefined || field.names !== undefined || field.unit !== undefined) return false
  return [signature, ...carried].some(({ home }) => home.phase === 'body' && home.format.names.includes(name))
}

function captureAll(scheme: CompiledScheme, reading: Reading, captures: Captures, but?: string): void {
  for (let i = 0; i < captures.size; i += 1) {
    const name = captures.nameAt(i)
    if (name !== but) capture(scheme, reading, name, captures.valueAt(i))
  }
}

function capture(scheme: CompiledScheme, reading: Reading, name: string, value: string): void {
  if (value.length > MAX_CAPTURE && !isTextOfBody(scheme, name))
    throw new SchemeRefusal('ERR_HMAC_MALFORMED', `{${name}} is longer than ${MAX_CAPTURE} characters`)
  if (name === 'keyId') checkKeyId(value)
  reading.captured[scheme.names.index(name)] = value
}

/** What the request carried for a role or field; undefined when it carried none, or the scheme has none. */
export function capturedOf(scheme: CompiledScheme, reading: Reading, name: string): string | undefined {
  return capturedAt(reading, scheme.names.find(name))
}

/** The same for what stands at an index. */
export function capturedAt(reading: Reading, index: number | undefined): string | undefined {
  return index === undefined ? undefined : reading.captured[index]
}
