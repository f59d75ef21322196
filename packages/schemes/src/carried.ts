import type { CarriedHome, CompiledScheme } from './compiled-scheme.js'
import { readHome } from './homes.js'
import { checkKeyId } from './key-id.js'
import type { Reading } from './reading.js'
import { SchemeRefusal } from './refusal.js'

/** Reads the signatures of the request, and what else their format captures. */
export function readSignatures(scheme: CompiledScheme, reading: Reading): void {
  const { home, list } = scheme.signature
  const texts = home.texts(reading)
  if (texts.length === 0) throw missing()
  if (home.format.inner !== undefined && list === undefined) {
    readAlone(scheme, reading, texts, home.format.inner)
    return
  }
  const found = readHome(home, texts, list, scheme.maxSignatures)
  const [first] = found
  if (first === undefined) throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'no element of the signature is of the form of the scheme')
  for (const [name, value] of first) if (name !== 'signature') capture(scheme, reading, name, value)
  for (const captures of found) {
    const keyId = home.several ? captures.get('keyId') : undefined
    if (keyId !== undefined) checkKeyId(keyId)
    reading.candidates.push({ signature: captures.get('signature') as string, keyId })
  }
}

/** The common case, in which the text is the signature and constants around it. */
function readAlone(scheme: CompiledScheme, reading: Reading, texts: readonly string[], inner: (text: string) => string | undefined): void {
  if (texts.length > scheme.maxSignatures) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `more than ${scheme.maxSignatures} signatures`)
  const { width } = scheme.mac.shape
  for (const whole of texts) {
    const text = inner(whole)
    if (text === undefined) throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'the signature is not of the form of the scheme')
    if (text === '' || (scheme.algorithms === undefined && width !== undefined && text.length !== width)) {
      throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'the signature has not the length that the scheme gives it')
    }
    reading.candidates.push({ signature: text, keyId: undefined })
  }
}

/** What a request without any signature of the scheme is refused with. */
export function missing(): SchemeRefusal {
  return new SchemeRefusal('ERR_HMAC_MISSING', 'the request carries no signature of the scheme', { absent: true })
}

/** Reads what a role or a field carries; nothing when it is absent. */
export function readCarried(scheme: CompiledScheme, { home, list }: CarriedHome, reading: Reading): void {
  if (home.read !== undefined) {
    for (const [name, value] of home.read(reading) ?? []) capture(scheme, reading, name, value)
    return
  }
  const texts = home.texts(reading)
  if (texts.length === 0) return
  const [captures] = readHome(home, texts, list, 1)
  if (captures === undefined) throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'no element of a list is of the form of the scheme')
  for (const [name, value] of captures) capture(scheme, reading, name, value)
}

/** Longer than any id, nonce or list that is sent. */
const MAX_CAPTURE = 4096

function capture(scheme: CompiledScheme, reading: Reading, name: string, value: string): void {
  if (value.length > MAX_CAPTURE) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `{${name}} is longer than ${MAX_CAPTURE} characters`)
  if (name === 'keyId') checkKeyId(value)
  reading.captured[scheme.names.index(name)] = value
}

/** What the request carried for a role; undefined when it carried none, or the scheme has none. */
export function capturedOf(scheme: CompiledScheme, reading: Reading, name: string): string | undefined {
  const index = scheme.names.find(name)
  return index === undefined ? undefined : reading.captured[index]
}
